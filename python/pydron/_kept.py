"""What the scheduler's analysis said in earlier runs.

The analysis is a function of the unit's bytes and of the scheduler's build, and the scheduler names a folder that
belongs to its build. So an answer that is found there for the very same bytes is the answer. Losing it, or not being
able to write it, costs the milliseconds of an analysis.
"""

from __future__ import annotations

import contextlib
import io
import os
import struct
from binascii import crc32

_HEAD = struct.Struct("<III")  # checksum of all that follows, lengths of unit and template
_LARGEST = 4 << 20


class Kept:
    """The answer for one unit."""

    __slots__ = ("_path", "_unit")

    def __init__(self, folder: str, unit: bytes) -> None:
        """An empty folder stands for none: nothing is found, and nothing kept."""
        self._unit = unit
        self._path = os.path.join(folder, f"{crc32(unit):08x}-{len(unit):x}") if folder else ""

    def read(self) -> bytes | None:
        if not self._path:
            return None
        try:
            with io.FileIO(self._path) as file:
                data = file.read()
        except OSError:
            return None
        if len(data) < _HEAD.size:
            return None
        checksum, unit, template = _HEAD.unpack_from(data)
        start = _HEAD.size + unit
        if len(data) != start + template or crc32(data[4:]) != checksum or data[_HEAD.size : start] != self._unit:
            return None  # cut off, damaged, or of another unit with the same name
        return data[start:]

    def write(self, template: bytes) -> None:
        unit = self._unit
        if not self._path or len(unit) + len(template) > _LARGEST:
            return
        data = _HEAD.pack(0, len(unit), len(template)) + unit + template
        fresh = f"{self._path}.{os.getpid()}"
        with contextlib.suppress(OSError):
            try:
                with io.FileIO(fresh, "w") as file:
                    file.write(crc32(data[4:]).to_bytes(4, "little") + data[4:])
                os.replace(fresh, self._path)
            except OSError:
                os.unlink(fresh)
