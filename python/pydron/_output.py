"""sys.stdout and sys.stderr in a task process."""

from __future__ import annotations

import array
import fcntl
import io
import os
import termios
import time
from typing import Any, Protocol

#: A line longer than this is sent before it ends.
LINE = 1 << 16

#: The worker has so long to read what was printed below Python, before the task is reported.
DRAIN_S = 0.2


class Printer(Protocol):
    """The side of the task process that these streams need."""

    forked: bool

    def print(self, stream: int, text: bytes) -> None: ...


class Raw(io.RawIOBase):
    """What lies under sys.stdout and sys.stderr: text goes to the worker with the task that printed it.

    In a process forked by the user's code it goes to the real descriptor, which the worker reads too.
    """

    def __init__(self, process: Printer, number: int) -> None:
        self._process = process
        self._number = number
        self.rest = b""  # the line that has not ended yet

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._number

    def write(self, data: Any) -> int:
        if self._process.forked:
            return os.write(self._number, data)
        text = self.rest + bytes(data)
        end = max(text.rfind(b"\n"), text.rfind(b"\r")) + 1
        if end == 0 and len(text) > LINE:
            end = len(text)
        self.rest = text[end:]
        self.send(text[:end])
        return len(data)

    def send(self, text: bytes) -> None:
        if text:
            self._process.print(self._number, text)


class Pipes:
    """The real standard output and error: what C code and child processes print goes there, and the worker reads it.

    It takes such text for that of the task that is running, so the task must not be over before the text is read.
    """

    def __init__(self) -> None:
        self._unread = array.array("i", [0])

    def drain(self) -> None:
        if self._is_empty():
            return
        limit = time.monotonic() + DRAIN_S
        while not self._is_empty() and time.monotonic() < limit:
            time.sleep(0.0002)
        time.sleep(0.0005)  # reading it is not yet telling whose it is

    def _is_empty(self) -> bool:
        unread = self._unread
        try:
            for number in (1, 2):
                fcntl.ioctl(number, termios.FIONREAD, unread)
                if unread[0]:
                    return False
        except OSError:
            pass  # the user's code has put something else there
        return True


class Output(io.TextIOWrapper):
    """sys.stdout or sys.stderr of tasks. Lines leave when they are complete, the rest when the task is over."""

    def __init__(self, process: Printer, number: int) -> None:
        self._raw = Raw(process, number)
        buffered = io.BufferedWriter(self._raw, 8192)
        super().__init__(buffered, encoding="utf-8", errors="backslashreplace", line_buffering=True)

    def end_task(self) -> None:
        if not self.closed:
            self.flush()
        self.end_line()

    def end_line(self) -> None:
        raw = self._raw
        if raw.rest:
            text, raw.rest = raw.rest, b""
            raw.send(text)

    def forget_line(self) -> None:
        """In a forked process: the line is the parent's to send."""
        self._raw.rest = b""
