"""What the names of a pipeline were bound to when it was compiled, so that the next call need not find out again.

Finding out takes as long as all the rest of a short run. Most of what was read on the way are a few entries of
modules' dictionaries: as long as these hold what they held, the answer is the same. Where anything else was looked at,
an attribute of an object say, the witness is not `exact`, and it is found out anew at each call.

It refers weakly to what is the user's: nothing lives longer because of it.
"""

from __future__ import annotations

import types
from typing import Any
from weakref import ref

from . import _functions, _naming, _pipelines, _plain, _project

_MISSING = object()
_NAMED = (types.BuiltinFunctionType, types.ModuleType, type, _functions.Functional)

_closed: dict[type, bool] = {}


def _is_closed(cls: type) -> bool:
    """Are all instances alike for who asks what a name is bound to? Made in C, without attributes, not to be called."""
    verdict = _closed.get(cls)
    if verdict is None:
        if _naming.is_heap_type(cls):
            return False  # and is not remembered: such classes come and go
        base = issubclass(cls, type) or any("__call__" in vars(each) for each in cls.__mro__)
        verdict = _closed[cls] = not base and cls.__dictoffset__ == 0
    return verdict


class Witness:
    __slots__ = (
        "_arguments",
        "_calls",
        "_cells",
        "_count",
        "_declared",
        "_entries",
        "_hidden",
        "_kinds",
        "_project",
        "exact",
    )  # fmt: skip

    def __init__(self, args: tuple[Any, ...]) -> None:
        self.exact = True
        self._count = len(args)
        self._declared = _functions.declared()
        self._project = _project.current()
        self._arguments: list[tuple[int, type]] = []
        self._entries: list[tuple[dict[str, Any], str, Any]] = []  # what is there, by reference; or _MISSING
        self._kinds: list[tuple[dict[str, Any], str, type]] = []  # of what type it is
        self._cells: list[tuple[Any, Any, type | None]] = []
        self._calls: list[tuple[Any, types.CodeType, Any, Any]] = []
        self._hidden: list[tuple[_plain.Plain, list[str], dict[str, Any], bool]] = []

    # What was read.

    def argument(self, position: int, value: Any) -> None:
        if _is_closed(type(value)):
            self._arguments.append((position, type(value)))
        else:
            self.exact = False

    def entry(self, space: dict[str, Any], name: str, value: Any) -> None:
        if _is_closed(type(value)):
            self._kinds.append((space, name, type(value)))
        elif self._met(value):
            self._entries.append((space, name, ref(value)))

    def absent(self, space: dict[str, Any], name: str) -> None:
        self._entries.append((space, name, _MISSING))

    def cell(self, cell: Any, value: Any) -> None:
        if _is_closed(type(value)):
            self._cells.append((cell, None, type(value)))
        elif self._met(value):
            self._cells.append((cell, ref(value), None))

    def attribute(self, owner: Any) -> None:
        """An attribute of something that is not a module."""
        self.exact &= _is_closed(type(owner))

    def hidden(self, function: _plain.Plain, names: list[str], bound: dict[str, Any], harmless: bool) -> None:
        """The values of the other global variables of a plain function were looked at."""
        self._hidden.append((function, names, bound, harmless))

    def _met(self, value: Any) -> bool:
        if type(value) is types.FunctionType:
            mark = _pipelines.mark_of(value)
            known = None if mark is not None else _plain.plain(value)
            self._calls.append((ref(value), value.__code__, mark, known))
        elif not issubclass(type(value), _NAMED):
            self.exact = False
        return self.exact

    # Is it still so?

    def holds(self, args: tuple[Any, ...]) -> bool:
        """Would everything that was read be read again?"""
        if len(args) != self._count or _functions.declared() != self._declared:
            return False
        if _project.current() is not self._project:
            return False
        for position, kind in self._arguments:
            now = type(args[position])
            if now is not kind and not _is_closed(now):
                return False
        for space, name, kind in self._kinds:
            if type(space.get(name, _MISSING)) is not kind:
                return False
        for space, name, there in self._entries:
            value = space.get(name, _MISSING)
            if there is _MISSING:
                if value is not _MISSING:
                    return False
            elif value is None or value is not there():
                return False
        return all(map(_cell_holds, self._cells)) and self._functions_hold() and self._hidden_is_harmless()

    def _functions_hold(self) -> bool:
        for there, code, mark, known in self._calls:
            function = there()
            if function is None or _pipelines.mark_of(function) is not mark:
                return False
            # A pipeline has its own code or the armed one, as its mark knows.
            if mark is None and (function.__code__ is not code or _plain.plain(function) is not known):
                return False
        return True

    def _hidden_is_harmless(self) -> bool:
        return all(each.reads_only_harmless(names, bound) is was for each, names, bound, was in self._hidden)


def _cell_holds(read: tuple[Any, Any, type | None]) -> bool:
    cell, there, kind = read
    try:
        value = cell.cell_contents
    except ValueError:
        return False
    if there is None:
        return type(value) is kind
    return value is not None and value is there()
