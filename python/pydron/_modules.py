"""Modules of the user's that another process would not import as they are here.

Functions of modules travel by name, and task processes import the module. When it was imported again here
(`importlib.reload`, a notebook's autoreload), or its file was changed since it was imported, they would find other
functions under these names, or have them already. From then on the user's modules travel by value.
"""

from __future__ import annotations

import os
import sys
import time
import types
from collections.abc import Iterator
from typing import Any, Optional

from pydron import _pipelines, _plain, _source

_Stamp = Optional[tuple[int, int]]

_by_value: set[str] = set()


def is_by_value(name: Any) -> bool:
    """Do functions and classes of the module travel by value? (Or has the user asked cloudpickle for that?)"""
    if name == "__main__" or name in _by_value:
        return True
    cloudpickle = sys.modules.get("cloudpickle.cloudpickle")
    return cloudpickle is not None and name in getattr(cloudpickle, "_PICKLE_BY_VALUE_MODULES", ())


class Modules:
    """Watches the modules of the user's that are imported."""

    def __init__(self) -> None:
        self._count = 0
        self._known: set[str] = set()
        self._users: dict[str, tuple[Any, str, _Stamp]] = {}
        self._changed = False

    def look(self) -> None:
        """Looks at all of them; called before a pipeline runs."""
        young = self._look_for_more() if len(sys.modules) != self._count else []
        if not self._changed:
            self._changed = any(self._differs(name, *known) for name, known in list(self._users.items())) or any(
                not _is_as_in_file(sys.modules[name]) for name in young
            )
        if self._changed:
            # All of them: one may have taken functions from another.
            for name in list(self._users):  # other threads look as well
                _take_by_value(name)

    def _look_for_more(self) -> list[str]:
        """Modules of the user's that are new, and whose file is younger than this process."""
        self._count = len(sys.modules)
        young = []
        for name, module in list(sys.modules.items()):
            if name in self._known or name == "__main__" or not isinstance(module, types.ModuleType):
                continue
            self._known.add(name)
            file = vars(module).get("__file__")
            if type(file) is not str or not file.endswith(".py") or not _plain.is_users(file):
                continue
            stamp = _stamp(file)
            self._users[name] = vars(module).get("__spec__"), file, stamp
            if stamp is not None and stamp[0] > _started() * 1e9:
                young.append(name)
        return young

    def _differs(self, name: str, spec: Any, file: str, stamp: _Stamp) -> bool:
        module = sys.modules.get(name)
        return module is not None and (vars(module).get("__spec__") is not spec or _stamp(file) != stamp)


def _take_by_value(name: str) -> None:
    import cloudpickle

    module = sys.modules.get(name)
    if module is not None and name not in _by_value:
        _by_value.add(name)
        cloudpickle.register_pickle_by_value(module)


def _stamp(file: str) -> _Stamp:
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


_start: float | None = None


def _started() -> float:
    """When this process began, in seconds since 1970; 0 where that is not known."""
    global _start
    if _start is None:
        try:
            with open("/proc/self/stat", "rb") as file:
                ticks = int(file.read().rpartition(b")")[2].split()[19])
            age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
            _start = time.time() - age
        except (OSError, AttributeError, ValueError):
            _start = 0.0
    return _start


def _is_as_in_file(module: types.ModuleType) -> bool:
    """Whether the functions of a module are those in its file now."""
    try:
        with open(str(module.__file__), "rb") as file:
            tree = compile(file.read(), str(module.__file__), "exec", dont_inherit=True)
    except (OSError, SyntaxError, ValueError):
        return False
    there = {(code.co_name, code.co_firstlineno): code for code in _codes(tree)}
    for function in _functions(vars(module), module.__name__):
        code = _pipelines.code_of(function)
        other = there.get((code.co_name, code.co_firstlineno))
        if code.co_filename == tree.co_filename and (other is None or not _source.same_code(code, other)):
            return False
    return True


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from _codes(constant)


def _functions(space: Any, module: str) -> Iterator[types.FunctionType]:
    for value in list(space.values()):
        if isinstance(value, type):
            if value.__module__ == module:
                yield from _functions(vars(value), "")
            continue
        own = getattr(value, "__dict__", None) if type(value).__module__ == "pydron._functions" else None
        function = own.get("__wrapped__") if own else value
        if isinstance(function, (staticmethod, classmethod)):
            function = function.__func__
        if isinstance(function, types.FunctionType):
            yield function


modules = Modules()
