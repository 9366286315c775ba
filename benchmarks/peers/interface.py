"""What the suite asks of a peer."""

from __future__ import annotations

import os
from typing import Any, Callable

import accounts


class Peer:
    """Each is used as its own documentation shows it for one machine, with processes."""

    #: Handles may be arguments of later calls: then results need not come back in between.
    takes_handles = False
    #: Goes on after a worker process was killed; where not, the row is not measured, as some hang for ever.
    survives_kill = False

    def start(self, slots: int) -> None:
        raise NotImplementedError

    def submit(self, function: Callable, *arguments: Any) -> Any:
        """A handle of one call."""
        raise NotImplementedError

    def result(self, handle: Any) -> Any:
        raise NotImplementedError

    def map(self, function: Callable, arguments: list) -> list:
        """One call for each argument, in the fastest way that keeps one task a call; results in order."""
        return [self.result(handle) for handle in [self.submit(function, argument) for argument in arguments]]

    def stop(self) -> None:
        raise NotImplementedError

    def workers(self) -> list[int]:
        """Processes that run tasks."""
        mark = os.environ.get(accounts.MARK, "")
        return [number for number in accounts.marked(mark) if _parent(number) == os.getpid()]


def _parent(number: int) -> int:
    try:
        with open(f"/proc/{number}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[1])
    except OSError:
        return 0
