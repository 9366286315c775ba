"""Operations that can be done ahead of their turn.

Nothing of the user's may run and nothing may change: each operation is done only on values of exact types that are
known for it, and is given up otherwise. To give up costs a call that is not foreseen, never the answer.
"""

from __future__ import annotations

import abc
import ast
import enum
import math
import operator
import posixpath
import sys
from collections.abc import Iterator
from pathlib import Path, PosixPath, PurePosixPath
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, Callable

from ._expected import Expected
from ._functions import Functional
from ._guards import safe_attribute

_MOST_ITEMS = 10_000
_MOST_BITS = 4096

NUMBERS = frozenset({int, float, complex, bool})
ATOMS = NUMBERS | {str, bytes, type(None)}
_PATHS = frozenset({PosixPath, PurePosixPath})
_SEQUENCES = frozenset({list, tuple, str, bytes, range})
_VIEWS = frozenset({type({}.keys()), type({}.values()), type({}.items())})
ITERABLES = _SEQUENCES | _VIEWS | {dict, set, frozenset}
_SIZED = ITERABLES
_EMPTY: tuple[Any, ...] = ([], (), "", b"", range(0), range(1 << 70), {}, {}.values(), {}.items(), set())
_ITERATORS = frozenset(type(iter(each)) for each in _EMPTY) | {type(reversed([])), type(reversed(range(0)))}

_REBUILDERS: tuple[Any, ...] = (iter, reversed)
_METACLASSES = frozenset({type, abc.ABCMeta, enum.EnumMeta})
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.BitAnd: operator.and_,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_STRING_METHODS = (
    "capitalize casefold center count encode endswith expandtabs find format index isalnum isalpha isascii isdecimal "
    "isdigit isidentifier islower isnumeric isprintable isspace istitle isupper join ljust lower lstrip partition "
    "removeprefix removesuffix replace rfind rindex rjust rpartition rsplit rstrip split splitlines startswith strip "
    "swapcase title upper zfill"
)
_PATH_METHODS = (
    "as_posix is_absolute is_relative_to joinpath match relative_to with_name with_stem with_suffix "
    "__truediv__ __rtruediv__"
)
_PATH_ATTRIBUTES = frozenset(
    ("name", "stem", "suffix", "suffixes", "parent", "parents", "parts", "root", "drive", "anchor")
)
_BYTES_METHODS = ("count", "decode", "endswith", "find", "hex", "index", "replace", "split", "startswith", "strip")
_METHODS: dict[type, frozenset[str]] = {
    str: frozenset(_STRING_METHODS.split()),
    bytes: frozenset(_BYTES_METHODS),
    dict: frozenset(("get", "keys", "values", "items", "copy")),
    list: frozenset(("index", "count", "copy")),
    tuple: frozenset(("index", "count")),
    int: frozenset(("bit_length", "conjugate")),
    float: frozenset(("is_integer", "hex", "conjugate")),
    PosixPath: frozenset(_PATH_METHODS.split()),
    PurePosixPath: frozenset(_PATH_METHODS.split()),
}
_PLAIN_CALLS = frozenset(
    {len, str, int, float, complex, bool, repr, abs, min, max, sum, round, divmod, ord, chr, hex, bin, oct}
    | {list, tuple, dict, set, frozenset, sorted, any, all, bytes}
)
_FRESH_CALLS = frozenset((range, enumerate, zip, reversed))
_MATH = frozenset(
    each
    for name, each in vars(math).items()
    if type(each) is BuiltinFunctionType and name not in ("factorial", "comb", "perm", "prod", "fsum", "dist", "hypot")
)
_PATH_CALLS = ("join", "basename", "dirname", "splitext", "split", "normpath")
_OS_PATH = frozenset(
    each
    for each in (getattr(posixpath, name) for name in _PATH_CALLS)
    if type(each) is FunctionType and each.__globals__ is vars(posixpath)
)


class Unknown(Exception):
    """The value cannot be had ahead."""


def plain(value: Any, budget: list[int] | None = None) -> bool:
    """Numbers, text and containers of such: to look at them, however deep, runs no code of the user's."""
    kind = type(value)
    if kind in ATOMS or kind is range or kind in _PATHS:
        return True
    budget = [_MOST_ITEMS] if budget is None else budget
    if kind is dict:
        budget[0] -= len(value)
        return budget[0] >= 0 and all(plain(k, budget) and plain(v, budget) for k, v in value.items())
    if kind in (list, tuple, set, frozenset):
        budget[0] -= len(value)
        return budget[0] >= 0 and all(plain(item, budget) for item in value)
    return False


def _numpy() -> Any:
    return sys.modules.get("numpy")


def has_plain_class(value: Any) -> bool:
    """To ask the class of the value for something runs no code of the user's."""
    return type(type(value)) in _METACLASSES


def is_number_of_numpy(value: Any) -> bool:
    numpy = _numpy()
    if numpy is None or not has_plain_class(value):
        return False
    kind = type(value)
    return kind.__module__ == "numpy" and issubclass(kind, (numpy.number, numpy.bool_))


def may_be_held(value: Any) -> bool:
    """To hold a value with a finalizer longer than the program does would be noticed."""
    return (
        type(value) in ATOMS
        or type(value) is Expected
        or (has_plain_class(value) and not hasattr(type(value), "__del__"))
    )


def truth(value: Any) -> bool:
    if type(value) in ATOMS or type(value) in _SIZED or is_number_of_numpy(value):
        return bool(value)
    raise Unknown


def items_of(value: Any) -> Iterator[Any]:
    """An iterator of our own over what a loop would iterate over."""
    return iter(value) if type(value) in ITERABLES else clone(value)


def clone(iterator: Any) -> Iterator[Any]:
    """Another iterator that is where this one is. This one does not notice."""
    kind = type(iterator)
    if kind in _ITERATORS:
        return _rebuilt(iterator.__reduce__())
    if kind is enumerate:
        inner, count = iterator.__reduce__()[1]
        return enumerate(clone(inner), count)
    if kind is zip:
        made = iterator.__reduce__()
        return zip(*map(clone, made[1]))
    raise Unknown


def _rebuilt(reduced: Any) -> Iterator[Any]:
    function, args, *state = reduced
    if function not in _REBUILDERS or not args or type(args[0]) not in ITERABLES:
        raise Unknown
    made: Any = function(*args)
    if state and state[0] is not None:
        made.__setstate__(state[0])
    return iter(made)


def peekable(value: Any) -> Any:
    """The iterator of a loop, to be cloned, if that is as good as the value itself."""
    return iter(value) if type(value) in ITERABLES else value


def attribute(value: Any, name: str) -> Any:
    kind = type(value)
    if kind is ModuleType:
        return vars(value)[name]
    if isinstance(value, type) or not has_plain_class(value):
        raise Unknown
    if kind in _PATHS:
        if name in _PATH_ATTRIBUTES:
            return getattr(value, name)
    elif safe_attribute(value, name):
        return getattr(value, name)
    raise Unknown


def callee(value: Any, name: str) -> Any:
    """What is called where an attribute is: a functional of a class is bound to the object."""
    if type(value) is not ModuleType and has_plain_class(value) and not isinstance(value, type):
        kind = type(value)
        lookup: Any = kind.__getattribute__
        own = getattr(value, "__dict__", None) if lookup is object.__getattribute__ else None
        if type(own) is dict and name not in own and not hasattr(kind, "__getattr__"):
            for base in kind.__mro__:
                found = vars(base).get(name)
                if found is not None:
                    if type(found) is Functional:
                        return MethodType(found, value)
                    break
    return attribute(value, name)


def index(value: Any, key: Any) -> Any:
    kind = type(value)
    if kind in _SEQUENCES:
        if type(key) in (int, bool) or (type(key) is slice and _is_plain_slice(key)):
            return value[key]
    elif kind is dict:
        atoms = type(key) in ATOMS or (type(key) is tuple and all(type(each) in ATOMS for each in key))
        if atoms and len(value) <= _MOST_ITEMS and all(map(is_plain_key, value)):
            return value[key]
    elif (numpy := _numpy()) is not None and kind is numpy.ndarray:
        keys = key if type(key) is tuple else (key,)
        simple = all(type(each) in (int, str) or (type(each) is slice and _is_plain_slice(each)) for each in keys)
        if not value.dtype.hasobject and simple:
            return value[key]
    raise Unknown


def is_plain_key(key: Any) -> bool:
    return type(key) in ATOMS or (type(key) is tuple and all(type(each) in ATOMS for each in key))


def _is_plain_slice(key: slice) -> bool:
    return all(type(part) in (int, type(None)) for part in (key.start, key.stop, key.step))


def binary(kind: type[ast.operator], a: Any, b: Any) -> Any:
    left, right = type(a), type(b)
    if left in NUMBERS and right in NUMBERS:
        _check_size(kind, a, b)
    elif kind is ast.Mod and left in (str, bytes):
        if not (right in ATOMS or (right is tuple and all(type(each) in ATOMS for each in b))):
            raise Unknown
    elif kind is ast.Add and left is right and left in (str, bytes, list, tuple):
        if len(a) + len(b) > 1 << 20:
            raise Unknown
    elif kind is ast.Mult and {left, right} <= {int, str, bytes, list, tuple} and int in (left, right):
        sequence, times = (b, a) if left is int else (a, b)
        if len(sequence) * max(times, 0) > _MOST_ITEMS:
            raise Unknown
    elif kind is not ast.Div or not (left in _PATHS and (right is str or right in _PATHS)):
        raise Unknown
    return _BINARY[kind](a, b)


def _check_size(kind: type[ast.operator], a: Any, b: Any) -> None:
    """Some operations on numbers take for ever, and a wrong guess must not."""
    if type(a) is int and type(b) is int:
        bits = a.bit_length()
        if kind is ast.Pow:
            bits *= abs(b)
        elif kind is ast.LShift:
            bits += abs(b)
        if bits > _MOST_BITS or b.bit_length() > _MOST_BITS:
            raise Unknown


def compare(kind: type[ast.cmpop], a: Any, b: Any) -> bool:
    if kind in (ast.Is, ast.IsNot):
        if type(a) is Expected or type(b) is Expected:
            raise Unknown
        return (a is b) is (kind is ast.Is)
    if not (plain(a) and plain(b)):
        raise Unknown
    if kind in (ast.In, ast.NotIn):
        if type(b) not in _SIZED:
            raise Unknown
        return (a in b) is (kind is ast.In)
    return truth(_COMPARE[kind](a, b))


def apply(function: Any, args: list[Any], kwargs: dict[str, Any], fresh: list[bool]) -> Any:
    """A call of something that certainly is what it looks like. `fresh`: arguments that only we have got hold of."""
    if type(function) is not type and type(function) not in (BuiltinFunctionType, FunctionType):
        raise Unknown
    if function in _FRESH_CALLS:
        if function is range:
            if all(type(arg) is int for arg in args) and not kwargs:
                return range(*args)
        elif all(own or type(arg) in ITERABLES or type(arg) is int for arg, own in zip(args, fresh)) and all(
            plain(arg) for arg in kwargs.values()
        ):
            return function(*args, **kwargs)
        raise Unknown
    if not all(map(plain, kwargs.values())):
        raise Unknown
    whole = all(map(plain, args))
    if function in _PLAIN_CALLS:
        if function is len and len(args) == 1 and type(args[0]) in _SIZED:
            return len(args[0])
        if whole or (function in (list, tuple) and len(args) == 1 and (fresh[0] or type(args[0]) in ITERABLES)):
            return function(*args, **kwargs)
        if function in (int, float, str) and len(args) == 1 and is_number_of_numpy(args[0]):
            return function(args[0])
    elif function in _MATH or function in _OS_PATH or function is Path:
        if all(type(arg) in ATOMS or type(arg) in _PATHS for arg in args):
            return function(*args, **kwargs)
    raise Unknown


def method(value: Any, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """A call of a method of a built-in value."""
    if name not in _METHODS.get(type(value), ()):
        raise Unknown
    if type(value) is dict and name == "get":
        try:
            return index(value, args[0])
        except KeyError:
            return args[1] if len(args) > 1 else None
    if not all(map(plain, args)) or not all(map(plain, kwargs.values())) or (type(value) is list and not plain(value)):
        raise Unknown
    return getattr(value, name)(*args, **kwargs)
