"""The functional functions of a session, as the scheduler knows them."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from pydron import _guarded, _values
from pydron._errors import brief
from pydron._frames import FUNCTION
from pydron._functions import Functional, name_of
from pydron._modules import is_by_value
from pydron._unchanged import Unchanged
from pydron._wire import frame, pack_bytes, pack_str

if TYPE_CHECKING:
    from pydron._session import Session

_DEFAULT = 0xFFFFFFFF
_MOST_AHEAD = 1 << 24


class Entry:
    """One function. Number 0: it cannot travel, for the `reason`."""

    __slots__ = ("classes", "data", "epoch", "number", "reason", "told", "unchanged")

    def __init__(self) -> None:
        self.number = 0
        self.epoch = -1
        self.classes = 0  # the number of the classes that it took along
        self.data: bytes | None = None  # b"": it travels by name, which never changes
        self.reason = ""
        self.told = False
        self.unchanged: Unchanged | None = None  # what the pickle was made of, if that tells when it is another one


class Registry:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._next = 1
        self.entries: dict[Any, Entry] = {}
        self.by_number: dict[int, Functional] = {}

    def announce(self, functional: Functional) -> Entry:
        """Tells the scheduler about a function, again if opaque code has changed what it refers to."""
        entry = self.entries.get(functional)
        if entry is None:
            entry = self.entries[functional] = Entry()
        entry.epoch = self._session.epoch
        classes = self._session.classes
        classes.look()
        if entry.data == b"" and entry.classes == classes.number and not is_by_value(functional.__module__):
            return entry
        if entry.unchanged is not None and entry.classes == classes.number and entry.unchanged.holds():
            return entry
        entry.unchanged = None
        try:
            by_name = functional.importable() and not is_by_value(functional.__module__)
            function = functional if by_name else functional.__wrapped__
            unchanged = None if by_name else Unchanged.of(functional)
            data = _values.dumps(function, classes=classes)
            while classes.collect():
                self.outdate()
                entry.epoch = self._session.epoch
                data = _values.dumps(function, classes=classes)
            data = classes.with_function(data)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            entry.number, entry.data, entry.reason = 0, None, f"it cannot be pickled: {brief(error)}"
            return entry
        if entry.data != data:
            self._take(entry, functional, b"" if by_name else data, data)
        entry.classes = classes.number
        entry.unchanged = unchanged
        return entry

    def outdate(self) -> None:
        """Functions have more classes to take along when they are called next."""
        for entry in self.entries.values():
            entry.epoch = -1

    def announce_again(self, functional: Functional, again: Any) -> int:
        """Tells the scheduler about a function that calls another one again (`_verify.py`). The number of it, or 0."""
        by_name = functional.importable() and functional.__module__ != "__main__"
        try:
            data = _values.dumps(functional if by_name else functional.__wrapped__)
        except Exception:
            return 0
        number = self._next
        self._next += 1
        self.by_number[number] = functional
        data = _values.dumps(again(data, name_of(functional)))
        self._session.out += frame(FUNCTION, _described(number, functional, data))
        return number

    def number_ahead(self, functional: Functional) -> int:
        """The number of a function as it was when it was last called, or as it is, if finding out has no effect."""
        entry = self.entries.get(functional)
        classes = self._session.classes
        if entry is not None:
            if entry.classes != classes.number:
                raise _guarded.Refused
            return entry.number
        by_name = functional.importable() and functional.__module__ != "__main__"
        function = functional if by_name else functional.__wrapped__
        data = classes.with_function(_guarded.dumps(function, limit=_MOST_AHEAD, names=classes.names))
        entry = self.entries[functional] = Entry()
        self._take(entry, functional, b"" if by_name else data, data)
        entry.classes = classes.number
        return entry.number

    def _take(self, entry: Entry, functional: Functional, known: bytes, data: bytes) -> None:
        entry.number = self._next
        self._next += 1
        entry.data = known
        self.by_number[entry.number] = functional
        self._session.out += frame(FUNCTION, _described(entry.number, functional, data))

    def tell_here(self, functional: Functional, reason: str) -> None:
        """One line, once for each function, about calls that cannot be tasks."""
        entry = self.entries[functional]
        if not entry.told:
            entry.told = True
            name = name_of(functional)
            self._session.console.notice(f"'{name}' runs in the driver, one call after the other: {reason}")


def _described(number: int, functional: Functional, data: bytes) -> bytes:
    code = getattr(functional.__wrapped__, "__code__", None)
    numbers = struct.pack(
        "<IdQIId",
        code.co_firstlineno if code else 0,
        functional.cpus,
        functional.memory,
        functional.gpus,
        _DEFAULT if functional.retries is None else functional.retries,
        functional.timeout,
    )
    file = pack_str(code.co_filename if code else "")
    return struct.pack("<I", number) + pack_str(name_of(functional)) + file + numbers + pack_bytes(data)
