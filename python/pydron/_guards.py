"""Checks of real types: may an operation run out of order, because no code of the user's hides behind it?

The analysis knows what operators, attributes and conversions do to built-in values; a class of the user's may do
anything. A value that does not pass makes the operation wait for everything earlier in program order: slower, never
wrong.
"""

from __future__ import annotations

import gc
import itertools
import sys
import types
from collections.abc import Iterable
from typing import Any

from ._naming import is_heap_type

#: Immutable values that hold nothing.
ATOMS = frozenset(
    {int, float, complex, bool, str, bytes, type(None), type(Ellipsis), type(NotImplemented), range, slice}
)
_CONTAINERS = frozenset({list, tuple, dict, set, frozenset})
_VIEWS = frozenset({type({}.keys()), type({}.values()), type({}.items())})
_ITERABLES: tuple[Iterable[Any], ...] = (
    [],
    (),
    {},
    {}.values(),
    {}.items(),
    set(),
    range(0),
    range(1 << 70),
    "",
    "\xff",
    b"",
)
_REVERSIBLE: tuple[Any, ...] = ([], (), {}, {}.values(), range(0))
_ITERATORS = frozenset(type(iter(each)) for each in _ITERABLES) | {type(reversed(each)) for each in _REVERSIBLE}


class _Sequence:
    def __getitem__(self, index: int) -> None: ...


#: Of what has items, but no iterators of its own: arrays, for one.
_SEQUENCE_ITERATOR = type(iter(_Sequence()))
_COMBINED = frozenset({enumerate, zip, map, filter, reversed})
#: Those that have taken their items already, or never look into them.
_TAKEN = frozenset(
    {
        itertools.combinations,
        itertools.combinations_with_replacement,
        itertools.permutations,
        itertools.product,
        itertools.repeat,
    }
)
_LAZY = frozenset(
    {itertools.chain, itertools.cycle, itertools.islice, itertools.zip_longest, getattr(itertools, "pairwise", zip)}
)
_MOST_PARTS = 1000


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
# Types of pandas. What they hold is looked at where it may be objects of the user's.
_PANDAS = ("DataFrame", "Series", "Index", "RangeIndex", "DatetimeIndex", "Timestamp", "Timedelta")
_HOLDERS = (("collections", "Counter"), ("collections", "OrderedDict"), ("collections", "deque"))
_FILES = ("TextIOWrapper", "BufferedReader", "StringIO", "BytesIO", "FileIO")
_CONVERSIONS = (int, float, str, bytes, bool, len, abs)
_LIMIT = 100_000  # elements looked at before giving up

_verdicts: dict[type, bool] = {}


def _library(cls: type) -> bool:
    """Whether a class is one of the listed library types, a numpy type, or a plain class of the user's."""
    verdict = _verdicts.get(cls)
    if verdict is None:
        try:
            verdict = _is_listed(cls) or _is_numpy(cls) or _is_pandas(cls) or _is_plain(cls)
        except Exception:
            verdict = False  # even looking at such a class runs code of the user's
        _verdicts[cls] = verdict
    return verdict


def _is_listed(cls: type) -> bool:
    module = sys.modules.get(cls.__module__)
    names = _LIBRARY.get(cls.__module__, ())
    return cls.__name__ in names and (module is None or getattr(module, cls.__name__, cls) is cls)


def _is_numpy(cls: type) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and (
        cls is numpy.ndarray or (issubclass(cls, numpy.generic) and cls.__module__ == "numpy")
    )


def _is_pandas(cls: type) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and any(cls is getattr(pandas, name, None) for name in _PANDAS)


# Special methods that no operator, conversion or formatting calls.
_HARMLESS = frozenset({"__init__", "__new__", "__init_subclass__", "__class_getitem__", "__post_init__"})


def _generated(function: Any) -> bool:
    """Whether ``dataclasses`` or ``namedtuple`` wrote the function."""
    if not isinstance(function, types.FunctionType):
        return False
    if function.__module__ in ("dataclasses", "collections"):
        return True
    if function.__code__.co_name == "wrapper":  # the guard against recursion around a generated __repr__
        inner: Any = vars(function).get("__wrapped__")
        modules = (sys.modules.get(name) for name in ("dataclasses", "reprlib"))
        files = [getattr(module, "__file__", None) for module in modules]
        return function.__code__.co_filename in files and inner is not None and _generated(inner)
    return function.__code__.co_filename.startswith("<string")


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
                special = name.startswith("__") and name.endswith("__") and name not in _HARMLESS
                if special and not _generated(value):
                    return False
            elif isinstance(value, (staticmethod, classmethod, types.MemberDescriptorType, types.GetSetDescriptorType)):
                continue
            elif type(value).__name__ != "_tuplegetter" and any(
                hasattr(type(value), special) for special in ("__get__", "__set__", "__delete__")
            ):
                return False
    return True


_FACTORIES = (list, dict, set, tuple, int, float, str, bool)
_records: dict[type, bool] = {}


def is_record(cls: type) -> bool:
    """Whether calling the class makes an object that holds the arguments, and does nothing else.

    So do dataclasses, named tuples and exceptions to which the user's code adds nothing that runs then.
    """
    verdict = _records.get(cls)
    if verdict is None:
        verdict = type(cls) is type and (_is_dataclass(cls) or _is_namedtuple(cls) or _is_plain_exception(cls))
        _records[cls] = verdict
    return verdict


def attributes_of(cls: Any) -> str:
    """The attributes of a dataclass in the order of its arguments, with what they are by default (docs/template.md)."""
    found = []
    if "__slots__" in vars(cls):
        return ""
    for field in vars(cls).get("__dataclass_fields__", {}).values():
        kind = getattr(field, "_field_type", None)
        plain = repr(kind) == "_FIELD" and field.init and not getattr(field, "kw_only", False)
        factory = field.default_factory
        if not plain or not (factory is sys.modules["dataclasses"].MISSING or factory in _FACTORIES):
            return ""
        default = ""
        if factory in (list, dict, set):
            default = f"={factory.__name__}"
        elif factory in _FACTORIES or field.default is not sys.modules["dataclasses"].MISSING:
            default = "=atom"
        found.append(field.name + default)
    return ",".join(found)


def _is_dataclass(cls: Any) -> bool:
    fields = vars(cls).get("__dataclass_fields__")
    if type(fields) is not dict or not _generated(vars(cls).get("__init__")) or not _is_plain(cls):
        return False
    if cls.__new__ is not object.__new__ or hasattr(cls, "__post_init__"):
        return False
    dataclasses = sys.modules["dataclasses"]
    return all(
        (field.default is dataclasses.MISSING or type(field.default) in ATOMS)
        and (field.default_factory is dataclasses.MISSING or field.default_factory in _FACTORIES)
        for field in fields.values()
    )


def _is_namedtuple(cls: Any) -> bool:
    return (
        issubclass(cls, tuple)
        and type(getattr(cls, "_fields", None)) is tuple
        and _generated(cls.__new__)
        and cls.__init__ is object.__init__
        and all(type(value) in ATOMS for value in getattr(cls, "_field_defaults", {}).values())
        and _is_plain(cls)
    )


def _is_plain_exception(cls: Any) -> bool:
    if not issubclass(cls, Exception):
        return False
    own = [base for base in cls.__mro__ if is_heap_type(base)]
    return bool(own) and not any(
        name.startswith("__")
        and name not in ("__module__", "__doc__", "__weakref__", "__dict__", "__qualname__")
        and not name.startswith(("__static", "__firstline"))
        for base in own
        for name in vars(base)
    )


def safe(value: Any) -> bool:
    """Indexing, iterating over, the length and the truth of the value run no code of the user's."""
    cls = type(value)
    if cls in ATOMS or cls in _CONTAINERS or cls in _LEAVES or cls in _VIEWS:
        return True
    return _library(cls)


def harmless_to_iterate(value: Any, depth: int = 0) -> bool:
    """Iterating over the value runs no code of the user's, but may use it up."""
    cls = type(value)
    if safe(value) or cls in _ITERATORS or (cls.__module__ == "_io" and cls.__name__ in _FILES):
        return True
    if cls in _TAKEN:
        return True
    if depth > 10:
        return False
    if cls is _SEQUENCE_ITERATOR:
        return safe(value.__reduce__()[1][0])
    if cls is itertools.count:
        return all(type(part) in (int, float, type) for part in gc.get_referents(value))
    if cls not in _COMBINED:
        return cls in _LAZY and all(harmless_to_iterate(part, depth + 1) for part in _behind(value))
    parts = value.__reduce__()[1]
    if cls is map or cls is filter:
        if type(parts[0]) is not types.BuiltinFunctionType and parts[0] not in _CONVERSIONS and parts[0] is not None:
            return False
        parts = parts[1:]
    elif cls is enumerate:
        parts = parts[:1]
    return all(harmless_to_iterate(part, depth + 1) for part in parts)


def _behind(value: Any) -> Iterable[Any]:
    """What an iterator of `itertools` takes its items from, and what it keeps. (Pickling them is going away.)"""
    for part in gc.get_referents(value):
        if type(part) is tuple:
            yield from part[:_MOST_PARTS]
        elif type(value) is itertools.chain and type(part) in _ITERATORS:
            for holder in gc.get_referents(part):
                # Anything else holds what is not looked at here.
                yield from holder if type(holder) in (list, tuple) and len(holder) <= _MOST_PARTS else (_Sequence(),)
        elif not isinstance(part, type):
            yield part


def deep_safe(value: Any, limit: int = _LIMIT) -> bool:
    """Neither do operators that look at what the value holds, which may be `limit` objects."""
    cls = type(value)
    if cls in ATOMS:
        return True
    return _deep(value, [limit], 0)


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
    if issubclass(cls, BaseException) and not is_heap_type(cls):
        return _all(value.args, budget, depth)
    if not _library(cls):
        return False
    if not content_safe(value, budget, depth):
        return False
    attributes = getattr(value, "__dict__", None)
    if type(attributes) is dict and attributes and _is_plain(cls):
        budget[0] -= len(attributes)
        return budget[0] >= 0 and depth <= 20 and _all(attributes.values(), budget, depth)
    return True


def content_safe(value: Any, budget: list[int] | None = None, depth: int = 0) -> bool:
    """Does a container, or an object of a library, hold nothing that runs code of the user's when it is looked at?"""
    cls = type(value)
    budget = [_LIMIT] if budget is None else budget
    if cls in _CONTAINERS:
        return _deep(value, budget, depth)
    if _is_numpy(cls):
        return getattr(value, "dtype", None) is None or not value.dtype.hasobject
    if _is_pandas(cls):
        return _pandas_safe(value, budget, depth)
    if (cls.__module__, cls.__name__) in _HOLDERS or isinstance(value, (dict, list, tuple, set)):
        inner = children(value)
        budget[0] -= len(inner or ())
        return inner is not None and budget[0] >= 0 and depth <= 20 and _all(inner, budget, depth)
    return True


def _pandas_safe(value: Any, budget: list[int], depth: int) -> bool:
    """Columns of Python objects hold nothing but atoms. (What pandas is made of is looked at, nothing is called.)"""
    dtypes = getattr(value, "dtypes", None)
    if dtypes is None:
        return True
    columns = [value] if getattr(value, "ndim", 1) == 1 else [value.iloc[:, i] for i in range(value.shape[1])]
    for column in columns:
        if column.dtype == object:
            budget[0] -= len(column)
            if budget[0] < 0 or not _all(column.to_numpy(), budget, depth):
                return False
    return True


def children(value: Any) -> list[Any] | None:
    """What a container, or a plain object of the user's, holds. None for what holds nothing, or hides it."""
    cls = type(value)
    if cls in ATOMS:
        return None
    if issubclass(cls, dict):
        return [*dict.keys(value), *dict.values(value)]
    if issubclass(cls, (list, tuple, set, frozenset)):
        base = next(each for each in (list, tuple, set, frozenset) if issubclass(cls, each))
        return list(base.__iter__(value))
    if (cls.__module__, cls.__name__) == ("collections", "deque"):
        return list(value)
    if issubclass(cls, BaseException):
        return list(value.args)
    attributes = getattr(value, "__dict__", None) if _is_plain(cls) else None
    return list(attributes.values()) if type(attributes) is dict else None


def _all(items: Any, budget: list[int], depth: int) -> bool:
    kinds = set(map(type, items))
    if kinds <= ATOMS:
        return True
    return all(_deep(item, budget, depth + 1) for item in items if type(item) not in ATOMS)


def safe_attribute(value: Any, name: str) -> bool:
    """Reading the attribute runs no code of the user's, and what it says does not depend on output still to come."""
    cls = type(value)
    if cls.__module__.startswith("tqdm"):
        return False
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
