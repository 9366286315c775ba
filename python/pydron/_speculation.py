"""How much may be computed before its turn, how that is said to the scheduler, and what came of it."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, Any

from pydron._frames import ADOPT, FREE, SUBMIT
from pydron._wire import frame, pack_list_u32

if TYPE_CHECKING:
    from pydron._session import Chain, Session
    from pydron._spec import Site

VARIABLE = "PYDRON_SPECULATE"
_CALLS_PER_SLOT = 2
_AHEAD = 2  # the flag of tasks that have no place in the program order yet


class Speculation:
    """The setting and the counts of one session: `made` calls were sent before their turn, `used` of them were made."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.per_slot = calls_per_slot(os.environ.get(VARIABLE, ""))
        self.made = 0
        self.used = 0

    def most(self) -> int:
        """How many calls may be computed ahead at one time."""
        return self.per_slot * max(1, self._session.slots)

    def submit(self, root: int, calls: list[tuple[int, bytes, Any]], sites: list[Site]) -> int:
        """Sends calls that seem to come: (function, arguments, deps). The answer is the number of the first task."""
        session = self._session
        session.pack_batch()
        first, n = session.next_value, len(calls)
        session.next_value = first + n
        functions = [function for function, _, _ in calls]
        counts = [len(deps or ()) for _, _, deps in calls]
        deps = [dep for _, _, some in calls for dep in some or ()]
        lengths = [len(arguments) for _, arguments, _ in calls]
        head = struct.pack(f"<IIIB{3 * n + len(deps)}I", root, first, n, _AHEAD, *functions, *counts, *lengths, *deps)
        session.emit(frame(SUBMIT, head + b"".join([arguments for _, arguments, _ in calls])))
        session.history.append((sites, functions, None))
        session.history_first.append(first)
        self.made += n
        return first

    def adopt(self, region: int, task: int, site: Site, chain: Chain) -> None:
        """A call is made that was sent ahead: here is its place in the program order."""
        self.used += 1
        self._session.adopted[task] = site, chain
        self._session.emit(struct.pack("<IBII", 9, ADOPT, region, task))

    def drop(self, tasks: list[int]) -> None:
        if tasks:
            self._session.emit(frame(FREE, pack_list_u32(tasks)))


def calls_per_slot(wanted: str) -> int:
    """How many calls for each slot may be computed before their turn; 0: none."""
    wanted = wanted.strip().lower()
    if wanted == "off":
        return 0
    return int(wanted) if wanted.isdecimal() else _CALLS_PER_SLOT
