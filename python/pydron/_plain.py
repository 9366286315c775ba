"""Functions of the user's without decorators, which pipelines call: what the analysis may know of them.

Where it finds that such a function does nothing but compute a value, calls of it need not wait for their turn.
"""

from __future__ import annotations

import functools
import sysconfig
import types
from pathlib import Path
from typing import Any

from . import _guards

_SPECIAL = 0x20 | 0x80 | 0x100 | 0x200  # generators and coroutines
_MOST_GLOBALS = 1000  # elements looked at in a global variable

_known: dict[int, Plain] = {}


class Plain:
    """A function that is called as it is."""

    def __init__(self, function: types.FunctionType) -> None:
        self.__wrapped__ = function
        self.__qualname__ = function.__qualname__
        self.code = function.__code__
        self.prepared: Any = None  # what is known from its source

    def reads_only_harmless(self, names: list[str], bound: dict[str, Any]) -> bool:
        """Whether the global variables that the analysis does not know hide no code of the user's."""
        space = self.__wrapped__.__globals__
        roots = {name.partition(".")[0] for name in names}
        return all(
            root in bound or root not in space or _guards.deep_safe(space[root], _MOST_GLOBALS) for root in roots
        )


def plain(value: Any) -> Plain | None:
    """What is known of a value that is called, if it is such a function."""
    if type(value) is not types.FunctionType:
        return None
    code = value.__code__
    if code.co_flags & _SPECIAL or code.co_freevars or not is_users(code.co_filename):
        return None
    defaults = (*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values())
    if any(type(each) not in _guards.ATOMS for each in defaults):
        return None
    known = _known.get(id(code))
    if known is None or known.code is not code or known.__wrapped__.__globals__ is not value.__globals__:
        known = _known[id(code)] = Plain(value)
    return known


@functools.lru_cache(maxsize=1000)
def is_users(filename: str) -> bool:
    """Whether a file is neither of the standard library, nor of an installed package, nor ours."""
    if filename.startswith("<frozen"):
        return False
    return not filename.startswith(_installed())


@functools.lru_cache(maxsize=1)
def _installed() -> tuple[str, ...]:
    """The folders of the standard library, of installed packages, and of this one."""
    paths = sysconfig.get_paths()
    folders = [Path(paths[name]) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    return tuple(f"{folder}/" for folder in [*folders, Path(__file__).parent])
