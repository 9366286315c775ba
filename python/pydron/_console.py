"""What the user sees of a run beside the output of the program itself: notices, output of tasks, the progress line."""

from __future__ import annotations

import os
import sys
from typing import Any

_LEVELS = ("", "warning: ", "error: ")


class Console:
    def __init__(self, show_progress: bool) -> None:
        self._show_progress = show_progress and os.environ.get("PYDRON_PROGRESS") != "0" and _is_terminal(sys.stderr)
        self._drawn = False
        self._rests: dict[tuple[int, int], str] = {}

    def erase(self) -> None:
        """Takes the progress line away, because something else is about to be written."""
        if self._drawn:
            self._drawn = False
            _write(sys.stderr, "\r\x1b[K")

    def progress(self, done: int, running: int, waiting: int, slots: int, workers: int, fleet: str = "") -> None:
        if self._show_progress:
            self._drawn = True
            where = fleet or (f"{slots} slots" if workers == 1 else f"{slots} slots on {workers} machines")
            line = f"{done} done, {running} running, {waiting} waiting ({where})"
            if len(line) > _columns():
                # A line that wraps could not be taken away again.
                line = line[: _columns() - 1] + "…"
            _write(sys.stderr, "\r\x1b[K" + line)

    def notice(self, text: str, level: int = 0) -> None:
        self.erase()
        _write(sys.stderr, f"pydron: {_LEVELS[min(level, 2)]}{text}\n")

    def task_output(self, task: int, name: str, stream: int, text: str) -> None:
        """Whole lines only, so that those of different tasks do not mix."""
        key = task, stream
        text = self._rests.pop(key, "") + text
        whole, newline, rest = text.rpartition("\n")
        if rest:
            self._rests[key] = rest
        if newline:
            self._lines(name, stream, whole)

    def finish(self, names: Any) -> None:
        """The end of a run: what tasks printed without ending the line, and no progress any more."""
        rests, self._rests = self._rests, {}
        for (task, stream), rest in rests.items():
            self._lines(names(task), stream, rest)
        self.erase()

    def _lines(self, name: str, stream: int, text: str) -> None:
        self.erase()
        out = "".join(f"[{name}] {line}\n" for line in text.split("\n"))
        _write(sys.stderr if stream == 2 else sys.stdout, out)


def _columns() -> int:
    try:
        return max(20, os.get_terminal_size(sys.stderr.fileno()).columns - 1)
    except (OSError, ValueError):
        return 200


def _is_terminal(stream: Any) -> bool:
    try:
        return bool(stream.isatty())
    except Exception:
        return False


def _write(stream: Any, text: str) -> None:
    """A closed or missing stream is no reason to fail."""
    try:
        stream.write(text)
        stream.flush()
    except UnicodeEncodeError:
        _write(stream, text.encode("ascii", "backslashreplace").decode("ascii"))
    except (AttributeError, OSError, ValueError):
        pass
