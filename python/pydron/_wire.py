"""Framing shared by both wires (``docs/protocols.md``): ``u32 length, u8 type, payload``.

Nothing in here knows what a frame means. A frame that is received is handed out as a memoryview of
memory that is never reused, so its reader may keep slices of it.
"""

from __future__ import annotations

import builtins
import select
import socket
import struct
from collections.abc import Sequence
from os import sched_yield
from time import perf_counter
from typing import Any, Callable, Union

Buffer = Union[bytes, bytearray, memoryview]
Frame = tuple[int, memoryview]

_HEADER = struct.Struct("<IB")
_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")
_F64 = struct.Struct("<d")

MAX_FRAME = 1 << 30
_CHUNK = 1 << 18
_MAX_BUFFERS = 512

#: So long it is looked for what is about to come, before the process sleeps.
_MOMENT_S = 0.0004
_MOST_HOPE = 4


class Disconnected(ConnectionError):
    """The other side has gone, or the stream is no longer in step."""


def pack_str(text: str) -> bytes:
    # "surrogateescape": file names and arguments of the operating system need not be valid UTF-8.
    data = text.encode("utf-8", "surrogateescape")
    return _U32.pack(len(data)) + data


def pack_bytes(data: Buffer) -> bytes:
    return _U32.pack(len(data)) + data


def pack_list_u32(numbers: Sequence[int]) -> bytes:
    n = len(numbers)
    return struct.pack(f"<{n + 1}I", n, *numbers)


def frame(kind: int, payload: Buffer) -> bytes:
    """One frame as bytes, for those who collect frames and send them together."""
    return _HEADER.pack(len(payload) + 1, kind) + payload


class Reader:
    """Takes a payload apart from front to back."""

    __slots__ = ("at", "data")

    def __init__(self, data: memoryview, at: int = 0) -> None:
        self.data = data
        self.at = at

    def u8(self) -> int:
        at = self.at
        self.at = at + 1
        return self.data[at]

    def u32(self) -> int:
        at = self.at
        self.at = at + 4
        return int(_U32.unpack_from(self.data, at)[0])

    def u64(self) -> int:
        at = self.at
        self.at = at + 8
        return int(_U64.unpack_from(self.data, at)[0])

    def f64(self) -> float:
        at = self.at
        self.at = at + 8
        return float(_F64.unpack_from(self.data, at)[0])

    def raw(self, size: int) -> memoryview:
        at = self.at
        self.at = at + size
        if self.at > len(self.data):
            raise Disconnected("a frame ends too early")
        return self.data[at : self.at]

    def bytes(self) -> memoryview:
        return self.raw(self.u32())

    def str(self) -> builtins.str:
        return builtins.str(self.raw(self.u32()), "utf-8", "surrogateescape")

    def columns(self, code: builtins.str, n: int) -> tuple[int, ...]:
        """``n`` numbers of one struct code (``B``, ``I``, ``Q`` or ``d``)."""
        layout = struct.Struct(f"<{n}{code}")
        at = self.at
        self.at = at + layout.size
        return layout.unpack_from(self.data, at)

    def list_u32(self) -> tuple[int, ...]:
        return self.columns("I", self.u32())

    def list_u64(self) -> tuple[int, ...]:
        return self.columns("Q", self.u32())

    def rest(self) -> memoryview:
        return self.raw(len(self.data) - self.at)


class Watch:
    """Waits for something that is often there in a moment. To be woken takes an idle core longer than that moment: so
    it looks again and again for a while, as long as this is mostly worth it. Whoever else wants the core gets it."""

    __slots__ = ("_hope",)

    def __init__(self) -> None:
        self._hope = 0

    def there(self, poll: Callable[[float | None], Any], timeout: float | None) -> bool:
        begin = now = perf_counter()
        if self._hope > 0 and (timeout is None or timeout >= _MOMENT_S):
            while now - begin < _MOMENT_S:
                if poll(0):
                    self._hope = min(self._hope + 1, _MOST_HOPE)
                    return True
                sched_yield()
                now = perf_counter()
            self._hope -= 2
            if timeout is not None:
                timeout -= now - begin
        if not poll(None if timeout is None else timeout * 1000):
            return False
        if self._hope < _MOST_HOPE and perf_counter() - begin < 2 * _MOMENT_S:
            self._hope += 1
        return True


class FrameSocket:
    """A stream socket that carries frames.

    Sending never blocks for good against a peer that is itself blocked in sending: while the socket
    takes no more, whatever arrives is read and kept. An exception out of a signal handler (Ctrl-C) may
    cut a transfer in two; the socket then knows that it is out of step and refuses to go on.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        sock.setblocking(False)
        self._data = b""
        self._at = 0
        self._more: list[bytes] = []
        self._big: bytearray | None = None
        self._big_at = 0
        self._in_step = True
        self._drained = False  # the last read took all there was
        self._watch = Watch()
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)

    def fileno(self) -> int:
        return self._sock.fileno()

    def close(self) -> None:
        self._in_step = False  # and the number that is polled may be another file's
        self._sock.close()

    @property
    def in_step(self) -> bool:
        return self._in_step

    def send(self, kind: int, *buffers: Buffer) -> None:
        size = 1
        for buffer in buffers:
            size += len(buffer)
        self.send_raw([_HEADER.pack(size, kind), *buffers])

    def send_raw(self, buffers: Sequence[Buffer]) -> None:
        """Sends bytes that already are frames."""
        if not self._in_step:
            raise Disconnected("the connection was interrupted in mid-frame")
        self._in_step = False
        try:
            self._send_all([b for b in buffers if len(b)])
        except Disconnected:
            raise
        except (OSError, ValueError) as error:
            raise Disconnected(str(error)) from error
        self._in_step = True

    def _send_all(self, left: list[Buffer]) -> None:
        first = 0
        while first < len(left):
            try:
                sent = self._sock.sendmsg(left[first : first + _MAX_BUFFERS])
            except BlockingIOError:
                self._wait_writable()
                continue
            while first < len(left) and sent >= len(left[first]):
                sent -= len(left[first])
                first += 1
            if sent:
                left[first] = memoryview(left[first])[sent:]

    def _wait_writable(self) -> None:
        poll = select.poll()
        poll.register(self._sock, select.POLLIN | select.POLLOUT)
        for _, events in poll.poll():
            if events & select.POLLIN:
                self._fill()
            elif events & select.POLLHUP:
                raise Disconnected("the other side has gone")

    def _fill(self) -> bool:
        """Reads once what is there; False if nothing was."""
        big = self._big
        if big is not None and self._big_at < len(big):
            try:
                n = self._sock.recv_into(memoryview(big)[self._big_at :])
            except BlockingIOError:
                return False
            if not n:
                raise Disconnected("the other side has gone")
            self._big_at += n
            return True
        try:
            chunk = self._sock.recv(_CHUNK)
        except BlockingIOError:
            return False
        if not chunk:
            raise Disconnected("the other side has gone")
        self._more.append(chunk)
        self._drained = len(chunk) < _CHUNK
        return True

    def _next(self) -> Frame | None:
        big = self._big
        if big is not None:
            if self._big_at < len(big):
                return None
            self._big = None
            return big[0], memoryview(big)[1:]
        found = self._cut()
        if found is None and self._more:
            self._data = self._data[self._at :] + b"".join(self._more)
            self._at = 0
            self._more.clear()
            found = self._cut()
        return found

    def _cut(self) -> Frame | None:
        data, at = self._data, self._at
        have = len(data) - at
        if have < 5:
            return None
        size, kind = _HEADER.unpack_from(data, at)
        if not 1 <= size <= MAX_FRAME:
            raise Disconnected(f"a frame of {size} bytes")
        if have >= 4 + size:
            self._at = at + 4 + size
            return kind, memoryview(data)[at + 5 : at + 4 + size]
        if size > _CHUNK and not self._more:
            self._big = bytearray(size)
            self._big_at = have - 4
            self._big[: have - 4] = data[at + 4 :]
            self._data, self._at = b"", 0
        return None

    def recv_nowait(self) -> Frame | None:
        """The next frame if it is here already."""
        found = self._next()
        while found is None:
            if self._drained:
                self._drained = False
                return None
            if not self._read():
                return None
            found = self._next()
        return found

    def _read(self) -> bool:
        if not self._in_step:
            raise Disconnected("the connection was interrupted in mid-frame")
        self._in_step = False
        try:
            more = self._fill()
        except Disconnected:
            raise
        except (OSError, ValueError) as error:
            raise Disconnected(str(error)) from error
        self._in_step = True
        return more

    def recv(self, timeout: float | None = None) -> Frame:
        """Waits for the next frame; TimeoutError if none comes in ``timeout`` seconds."""
        found = self._next()
        if found is None and not self._in_step:
            raise Disconnected("the connection was interrupted in mid-frame")
        while found is None:
            # Whoever waits has mostly come too early: trying to read first would be in vain.
            if not self._watch.there(self._poll.poll, timeout):
                raise TimeoutError("nothing received")
            self._read()
            found = self._next()
        return found
