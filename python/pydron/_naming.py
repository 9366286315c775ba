"""Canonical names of library callables and types: the public name under which the very object can be found.

A name alone proves nothing: a class of the user's may call itself anything, and an attribute of a module may have been
replaced. So a name counts only if looking it up gives the same object.
"""

from __future__ import annotations

import sys
import types
from typing import Any

_HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE
# Where else to look for what names no module, or a private one, as its own.
_ELSEWHERE = {"numpy": ("numpy", "scipy.special"), "_hashlib": ("hashlib",), "_blake2": ("hashlib",)}
#: Types that no public name leads to.
_NAMED = {("_hashlib", "HASH"): "hashlib.HASH", ("_hashlib", "HASHXOF"): "hashlib.HASHXOF"}


def is_heap_type(cls: type) -> bool:
    """Whether a class was made while the program ran, as by a class statement: only such classes can be changed."""
    return bool(cls.__flags__ & _HEAP_TYPE)


def top(module: Any) -> str:
    """The library a module belongs to: "functools" for "_functools", "numpy" for "numpy.linalg._umath_linalg"."""
    return module.partition(".")[0].lstrip("_") if isinstance(module, str) else ""


def is_ufunc(value: Any) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and type(value) is numpy.ufunc


def _found(module: str, name: str) -> Any:
    value: Any = sys.modules.get(module)
    for part in name.split("."):
        try:
            value = vars(value).get(part)
        except TypeError:
            return None
        if isinstance(value, (staticmethod, classmethod)):
            value = value.__func__
    return value


def _modules(module: str) -> list[str]:
    """Where a public name of something may be, the shortest first."""
    parts = module.split(".")
    found = list(_ELSEWHERE.get(module, ()))
    for i in range(len(parts)):
        found.append(".".join(part.lstrip("_") for part in parts[: i + 1]))
        found.append(".".join(parts[: i + 1]))
    return list(dict.fromkeys(found))


def public_name(value: Any) -> str | None:
    """The name under which the object can be found in a module, None if there is none."""
    module = getattr(value, "__module__", None)
    name = (
        value.__name__ if is_ufunc(value) else getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    )
    if not isinstance(module, str) or not isinstance(name, str):
        return None
    if isinstance(value, type) and not is_heap_type(value) and value not in (object, type):
        # Made in C and unchangeable: it is what it says, public or not.
        plain = f"{module}.{name}"
    else:
        plain = ""
    for each in _modules(module):
        if _found(each, name) is value:
            return f"{each}.{name}"
    for each in _ELSEWHERE.get(module, ()):
        holder = sys.modules.get(each)
        for known, other in list(vars(holder).items()) if holder is not None else ():
            if other is value:
                return f"{each}.{known}"
    return plain or None


def is_original(value: Any, path: str) -> bool:
    """Is what a path leads to what the library put there? Replaced by the user's own it is not."""
    module = getattr(value, "__module__", None)
    if module is None:
        return isinstance(value, (types.BuiltinFunctionType, types.MethodDescriptorType, types.WrapperDescriptorType))
    if is_ufunc(value):
        return True
    return top(module) == top(path) or (top(module), top(path)) == ("posixpath", "os")


_types: dict[type, str] = {}


def type_name(cls: type) -> str:
    """The canonical name of a class, "" for one that is nobody's but the user's."""
    name = _types.get(cls)
    if name is None:
        name = "" if cls.__module__ == "__main__" else public_name(cls) or ""
        known = _NAMED.get((cls.__module__, cls.__name__))
        if known and getattr(sys.modules.get(cls.__module__), cls.__name__, None) is cls:
            name = known
        _types[cls] = name
    return name
