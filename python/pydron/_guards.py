"""Checks of real types: may an operation run out of order, because no code of the user's hides behind it?

The analysis knows what operators, attributes and conversions do to built-in values; a class of the user's may do
anything. A value that does not pass makes the operation wait for everything earlier in program order: slower, never
wrong.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterable
from typing import Any

#: Immutable values that hold nothing.
ATOMS = frozenset(
    {int, float, complex, bool, str, bytes, type(None), type(Ellipsis), type(NotImplemented), range, slice}
)
_CONTAINERS = frozenset({list, tuple, dict, set, frozenset})
_EMPTY: tuple[Iterable[Any], ...] = ([], (), {}, set(), range(0), "")
_VIEWS = frozenset(
    {type({}.keys()), type({}.values()), type({}.items()), enumerate, zip, reversed, map, filter}
    | {type(iter(each)) for each in _EMPTY}
)


class Replay:
    """A function for ``key=``: answers with values that were computed before, one by one."""

    __slots__ = ("_answers",)

    def __init__(self, answers: list[Any]) -> None:
        self._answers = iter(answers)

    def __call__(self, item: Any) -> Any:
        return next(self._answers)


_LEAVES = frozenset(
    {
        Replay,
        bytearray,
        memoryview,
        types.FunctionType,
        types.BuiltinFunctionType,
        types.ModuleType,
        type,
    }
)
# Types of libraries whose operators have no effects, by module and name: looked up without importing the library.
_LIBRARY = {
    "datetime": ("date", "datetime", "time", "timedelta", "timezone"),
    "decimal": ("Decimal",),
    "fractions": ("Fraction",),
    "collections": ("Counter", "OrderedDict", "deque"),
    "re": ("Match", "Pattern"),
    "uuid": ("UUID",),
    "pathlib": ("PosixPath", "PurePosixPath", "Path", "PurePath"),
    "itertools": ("chain", "product", "combinations", "permutations", "repeat", "islice", "count"),
    "_io": ("TextIOWrapper", "BufferedReader", "StringIO", "BytesIO"),
    "operator": ("itemgetter", "attrgetter"),
    "_hashlib": ("HASH",),
    "astropy.units.quantity": ("Quantity",),
    "astropy.units.core": ("Unit", "IrreducibleUnit", "CompositeUnit", "PrefixUnit"),
    "astropy.time.core": ("Time", "TimeDelta"),
    "astropy.coordinates.sky_coordinate": ("SkyCoord",),
    "astropy.table.table": ("Table",),
    "astropy.table.row": ("Row",),
    "astropy.table.column": ("Column", "MaskedColumn"),
}
_HEAP_TYPE = 1 << 9  # a class that was written in Python
_LIMIT = 100_000  # elements looked at before giving up

_verdicts: dict[type, bool] = {}


def _library(cls: type) -> bool:
    """Whether a class is one of the listed library types, a numpy type, or a plain class of the user's."""
    verdict = _verdicts.get(cls)
    if verdict is None:
        module = sys.modules.get(cls.__module__)
        names = _LIBRARY.get(cls.__module__, ())
        listed = cls.__name__ in names and (module is None or getattr(module, cls.__name__, cls) is cls)
        verdict = listed or _is_numpy(cls) or _is_plain(cls)
        _verdicts[cls] = verdict
    return verdict


def _is_numpy(cls: type) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and (
        cls is numpy.ndarray or (issubclass(cls, numpy.generic) and cls.__module__ == "numpy")
    )


_HARMLESS = frozenset(
    {"__init__", "__new__", "__repr__", "__init_subclass__", "__class_getitem__", "__post_init__", "__del__"}
)


def _is_plain(cls: type) -> bool:
    """Instances only hold attributes: no operator, property or attribute hook of the class's own.

    What ``dataclasses`` and ``namedtuple`` generate has no effects and is allowed.
    """
    if type(cls) is not type:
        return False
    for base in cls.__mro__:
        if base in (object, tuple):
            continue
        if base.__module__ in ("builtins", "_io", "_thread"):
            return False
        for name, value in vars(base).items():
            if isinstance(value, types.FunctionType):
                generated = value.__code__.co_filename.startswith("<") or value.__module__ == "dataclasses"
                special = name.startswith("__") and name.endswith("__") and name not in _HARMLESS
                if special and not generated:
                    return False
            elif isinstance(value, (staticmethod, classmethod, types.MemberDescriptorType, types.GetSetDescriptorType)):
                continue
            elif hasattr(type(value), "__get__") and type(value).__name__ != "_tuplegetter":
                return False
    return True


def safe(value: Any) -> bool:
    """Indexing, iterating over, the length and the truth of the value run no code of the user's."""
    cls = type(value)
    if cls in ATOMS or cls in _CONTAINERS or cls in _LEAVES or cls in _VIEWS:
        return True
    return _library(cls)


def deep_safe(value: Any) -> bool:
    """Neither do operators that look at what the value holds."""
    cls = type(value)
    if cls in ATOMS:
        return True
    return _deep(value, [_LIMIT], 0)


def _deep(value: Any, budget: list[int], depth: int) -> bool:
    cls = type(value)
    if cls in ATOMS or cls in _LEAVES or cls in _VIEWS:
        return True
    if cls in _CONTAINERS:
        budget[0] -= len(value)
        if budget[0] < 0 or depth > 20:
            return False
        if cls is dict:
            return _all(value, budget, depth) and _all(value.values(), budget, depth)
        return _all(value, budget, depth)
    if issubclass(cls, BaseException) and not cls.__flags__ & _HEAP_TYPE:
        return _all(value.args, budget, depth)
    if not _library(cls):
        return False
    if _is_numpy(cls):
        return getattr(value, "dtype", None) is None or not value.dtype.hasobject
    attributes = getattr(value, "__dict__", None)
    if type(attributes) is dict and attributes and _is_plain(cls):
        budget[0] -= len(attributes)
        return budget[0] >= 0 and depth <= 20 and _all(attributes.values(), budget, depth)
    return True


def _all(items: Any, budget: list[int], depth: int) -> bool:
    kinds = set(map(type, items))
    if kinds <= ATOMS:
        return True
    return all(_deep(item, budget, depth + 1) for item in items if type(item) not in ATOMS)


def safe_attribute(value: Any, name: str) -> bool:
    """Reading the attribute runs no code of the user's."""
    cls = type(value)
    if cls in ATOMS or cls in _CONTAINERS or cls in _LEAVES:
        return True
    if issubclass(cls, type):
        return cls is type and not _descriptor(value.__mro__, name)
    if _library(cls):
        return True
    if type(cls) is not type:
        return False  # asking such a class anything may run code of the user's
    lookup: Any = cls.__getattribute__
    if lookup is not object.__getattribute__ or hasattr(cls, "__getattr__"):
        return False
    return not _descriptor(cls.__mro__, name)


def _descriptor(mro: tuple[type, ...], name: str) -> bool:
    for base in mro:
        if name in vars(base):
            found = vars(base)[name]
            return hasattr(type(found), "__get__") and not isinstance(
                found, (types.FunctionType, types.MemberDescriptorType, staticmethod, classmethod)
            )
    return False
