"""The task process's connection to its worker."""

from __future__ import annotations

import socket
import struct
from _thread import allocate_lock
from typing import Any

_HEAD = struct.Struct("<IB")
_CHUNK = 1 << 16


class Connection:
    """Frames to and from the worker. Threads of the user may print, so sending takes a lock."""

    def __init__(self, sock: socket.socket, path: str, token: str) -> None:
        self.sock = sock
        self.path = path
        self.token = token
        self.lock = allocate_lock()
        self._data: bytes = b""  # what was received and not handed out yet
        self._at = 0

    def send(self, kind: int, *parts: Any) -> None:
        data = b"".join(parts)
        frame = _HEAD.pack(len(data) + 1, kind) + data
        with self.lock:
            self.sock.sendall(frame)

    def receive(self) -> tuple[int, memoryview] | None:
        """The next frame, or None when the worker is gone. Small frames that come together are one system call."""
        data, at = self._data, self._at
        while len(data) - at < 5:
            try:
                more = self.sock.recv(_CHUNK)
            except ConnectionError:
                return None
            if not more:
                return None
            data, at = (data[at:] + more if at < len(data) else more), 0
        length, kind = _HEAD.unpack_from(data, at)
        end = at + 4 + length
        if end <= len(data):
            self._data, self._at = data, end
            return kind, memoryview(data)[at + 5 : end]
        # The rest of a large one goes to where it stays.
        payload = memoryview(bytearray(length - 1))
        here = len(data) - at - 5
        payload[:here] = memoryview(data)[at + 5 :]
        self._data, self._at = b"", 0
        return (kind, payload) if self._fill(payload[here:]) else None

    def _fill(self, view: memoryview) -> bool:
        while view:
            try:
                n = self.sock.recv_into(view)
            except ConnectionError:
                return False
            if n == 0:
                return False
            view = view[n:]
        return True
