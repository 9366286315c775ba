"""Has an array been written to since? Asked of the kernel, in microseconds, whatever its size.

Linux (from 6.7) write-protects pages for a process that asks, lets the first write to each through, and remembers that
there was one: `userfaultfd` with asynchronous write protection, read by the `PAGEMAP_SCAN` ioctl. It sees writes of
every kind, also those of C code and of the kernel. Where any of it is refused, `watch` gives None, and the answer has
to be found by comparing.
"""

from __future__ import annotations

import contextlib
import os
import platform
import struct
import sys
from typing import Any

_SYSCALLS = {"x86_64": 323, "aarch64": 282}
_USER_MODE_ONLY = 1


def _iowr(kind: int, number: int, size: int) -> int:
    return 3 << 30 | size << 16 | kind << 8 | number


_API, _REGISTER, _UNREGISTER = _iowr(0xAA, 0x3F, 24), _iowr(0xAA, 0, 32), 2 << 30 | 16 << 16 | 0xAA << 8 | 1
_PROTECT, _SCAN = _iowr(0xAA, 6, 24), _iowr(ord("f"), 16, 96)
_WP_UNPOPULATED, _WP_ASYNC = 1 << 13, 1 << 15
_MODE_WP = 2
#: Refuse to scan what is not, or no longer, registered as above.
_CHECK = 2
_WRITTEN = 2

_state: _Kernel | None = None
_refused = False
_watched: list[Watch] = []


class _Kernel:
    """The two descriptors. They are about this process, so a forked child needs its own."""

    def __init__(self) -> None:
        import ctypes

        number = _SYSCALLS.get(platform.machine())
        if number is None or not sys.platform.startswith("linux") or sys.maxsize < 1 << 32:
            raise OSError("no such call here")
        self.page = os.sysconf("SC_PAGESIZE")
        flags = os.O_CLOEXEC | os.O_NONBLOCK | _USER_MODE_ONLY
        self.faults = ctypes.CDLL(None, use_errno=True).syscall(number, flags)
        if self.faults < 0:
            raise OSError("userfaultfd is not allowed")
        self.pages = -1
        try:
            self.ask(_API, "<QQQ", 0xAA, _WP_ASYNC | _WP_UNPOPULATED, 0)
            self.pages = os.open("/proc/self/pagemap", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            self.close()
            raise
        self.found = ctypes.create_string_buffer(24)
        self.found_at = ctypes.addressof(self.found)

    def ask(self, request: int, form: str, *values: int) -> None:
        import fcntl

        fcntl.ioctl(self.faults, request, bytearray(struct.pack(form, *values)))

    def written(self, begin: int, end: int) -> bool:
        """Raises OSError when nobody has been watching."""
        import fcntl

        question = struct.pack("<12Q", 96, _CHECK, begin, end, 0, self.found_at, 1, 1, 0, _WRITTEN, 0, _WRITTEN)
        return bool(fcntl.ioctl(self.pages, _SCAN, bytearray(question)) > 0)

    def close(self) -> None:
        os.close(self.faults)
        if self.pages >= 0:
            os.close(self.pages)


class Watch:
    """The whole pages of one stretch of memory. The rest, at both ends, is for the caller to compare."""

    def __init__(self, kernel: _Kernel, begin: int, end: int) -> None:
        self.kernel, self.begin, self.end = kernel, begin, end
        self.lost = False  # what was written was forgotten, because somebody else began anew

    def protect(self) -> None:
        """What is written from now on counts. Raises OSError."""
        for other in _watched:
            # Two arrays may share pages, and the kernel keeps one mark for a page.
            if other is not self and other.begin < self.end and self.begin < other.end and other.written():
                other.lost = True
        self.kernel.ask(_PROTECT, "<QQQ", self.begin, self.end - self.begin, 1)
        self.lost = False

    def written(self) -> bool:
        if self.lost:
            return True
        try:
            return self.kernel.written(self.begin, self.end)
        except OSError:
            return True

    def end_watch(self) -> None:
        if self not in _watched:
            return
        _watched.remove(self)
        if not any(other.begin < self.end and self.begin < other.end for other in _watched):
            with contextlib.suppress(OSError):  # the memory may have gone
                self.kernel.ask(_UNREGISTER, "<QQ", self.begin, self.end - self.begin)


def watch(address: int, size: int) -> Watch | None:
    """Begins to watch memory, which is to be read only after that."""
    global _state, _refused
    if _refused:
        return None
    try:
        if _state is None:
            _state = _Kernel()
        page = _state.page
        begin, end = -(-address // page) * page, (address + size) // page * page
        if begin >= end or not _private(begin, end):
            return None
        _state.ask(_REGISTER, "<QQQQ", begin, end - begin, _MODE_WP, 0)
        found = Watch(_state, begin, end)
        _watched.append(found)
        found.protect()
        if found.written():
            found.end_watch()
            return None
        return found
    except (OSError, ImportError, AttributeError):
        _refused = _state is None
        return None


def _private(begin: int, end: int) -> bool:
    """Nobody else can write there: it is no file, and not shared with another process."""
    with open("/proc/self/maps") as maps:
        for line in maps:
            where, rights, _, _, inode = line.split(None, 5)[:5]
            low, _, high = where.partition("-")
            first, last = int(low, 16), int(high, 16)
            if first <= begin < last:
                if rights != "rw-p" or inode != "0":
                    return False
                begin = last
                if begin >= end:
                    return True
    return False


def _after_fork() -> None:
    global _state
    for one in _watched:
        one.lost = True
    _watched.clear()
    if _state is not None:
        _state.close()
        _state = None


os.register_at_fork(after_in_child=_after_fork)


def equal(one: Any, other: Any) -> bool:
    """Compares memory bit by bit, at the speed of memory: arrays of the same size, not copied for that."""
    import ctypes

    compare = ctypes.CDLL(None).memcmp
    compare.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]
    return bool(compare(one.ctypes.data, other.ctypes.data, one.nbytes) == 0)
