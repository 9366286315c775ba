"""Where two values differ. For `--verify`: by content and structure, whatever `==` of the user's says or costs.

Numbers are compared exactly, but NaN is equal to NaN. Sets have no order, dictionaries do: a program sees it when it
iterates. An object whose class says by `__eq__` that it is equal to the other is.
"""

from __future__ import annotations

import struct
import sys
from typing import Any, NamedTuple

_ATOMS = frozenset((type(None), bool, int, str, bytes, type(Ellipsis), type(NotImplemented), range, slice))
_MOST = 60


class Difference(NamedTuple):
    """`path` leads from the value to the part that differs: `[3].flux`."""

    path: str
    first: str
    second: str


def difference(first: Any, second: Any) -> Difference | None:
    """The first difference found, or None."""
    try:
        return _Comparison().compare(first, second, "")
    except RecursionError:
        return None  # too deep to be compared: no reason to blame anybody


def shown(value: Any) -> str:
    """The value in short."""
    try:
        text = " ".join(repr(value).split())
    except Exception:
        text = f"<{type(value).__name__}>"
    return text if len(text) <= _MOST else text[: _MOST - 3] + "..."


class _Comparison:
    def __init__(self) -> None:
        self._seen: set[tuple[int, int]] = set()
        self._alive: list[Any] = []  # what was made here, whose ids must not be used again

    def compare(self, a: Any, b: Any, path: str) -> Difference | None:
        if a is b:
            return None
        kind = type(a)
        if kind is not type(b):
            if not (isinstance(a, type) or isinstance(b, type)) and _same_class(kind, type(b)):
                return self._objects(a, b, path)
            return Difference(path, f"{shown(a)} of type {kind.__name__}", f"{shown(b)} of type {type(b).__name__}")
        if kind in _ATOMS:
            return None if a == b else Difference(path, shown(a), shown(b))
        if kind is float:
            return None if _same_float(a, b) else Difference(path, repr(a), repr(b))
        if kind is complex:
            same = _same_float(a.real, b.real) and _same_float(a.imag, b.imag)
            return None if same else Difference(path, repr(a), repr(b))
        key = id(a), id(b)
        if key in self._seen:
            return None
        self._seen.add(key)
        found = self._parts(a, b, path)
        return None if found is not None and _equal_by_own_rule(a, b) else found

    def _parts(self, a: Any, b: Any, path: str) -> Difference | None:
        if isinstance(a, (list, tuple)):
            return self._sequences(a, b, path) or self._attributes(a, b, path)
        if isinstance(a, dict):
            return self._dicts(a, b, path) or self._attributes(a, b, path)
        if isinstance(a, (set, frozenset)):
            return self._sets(a, b, path)
        if isinstance(a, type) or (callable(a) and hasattr(a, "__code__")):
            return self._code(a, b, path)
        numpy = sys.modules.get("numpy")
        if numpy is not None:
            if isinstance(a, numpy.ndarray):
                return self._arrays(numpy, a, b, path)
            if isinstance(a, numpy.generic):
                same = a.dtype == b.dtype and (a.tobytes() == b.tobytes() or (bool(a != a) and bool(b != b)))
                return None if same else Difference(path, shown(a), shown(b))
        pandas = sys.modules.get("pandas")
        if pandas is not None and isinstance(a, (pandas.DataFrame, pandas.Series, pandas.Index)):
            return self._pandas(pandas, a, b, path)
        return self._objects(a, b, path)

    # --- containers

    def _sequences(self, a: Any, b: Any, path: str) -> Difference | None:
        names = getattr(type(a), "_fields", None)
        for index, (x, y) in enumerate(zip(a, b)):
            part = f".{names[index]}" if names and index < len(names) else f"[{index}]"
            found = self.compare(x, y, path + part)
            if found is not None:
                return found
        if len(a) != len(b):
            return Difference(path, _count(len(a)), _count(len(b)))
        return None

    def _dicts(self, a: Any, b: Any, path: str) -> Difference | None:
        by_identity = any(_is_objects(key, "__hash__") for key in a)
        if not by_identity:
            for key in a:
                if key not in b and key == key:
                    return Difference(f"{path}[{shown(key)}]", shown(a[key]), "nothing")
            for key in b:
                if key not in a and key == key:
                    return Difference(f"{path}[{shown(key)}]", "nothing", shown(b[key]))
        if len(a) != len(b):
            return Difference(path, f"{len(a)} keys", f"{len(b)} keys")
        for (key, x), (other, y) in zip(a.items(), b.items()):
            if by_identity or key != key:
                found = self.compare(key, other, f"{path}.keys()")
            elif key != other:
                return Difference(path, f"keys in the order {shown(list(a))}", f"keys in the order {shown(list(b))}")
            else:
                found = None
            found = found or self.compare(x, y, f"{path}[{shown(key)}]")
            if found is not None:
                return found
        return None

    def _sets(self, a: Any, b: Any, path: str) -> Difference | None:
        only_a, only_b = [x for x in a if x not in b], [y for y in b if y not in a]
        # What has no equality of its own is matched by its content.
        for x in only_a:
            for index, y in enumerate(only_b):
                if _Comparison().compare(x, y, "") is None:
                    del only_b[index]
                    break
            else:
                return Difference(path, f"{shown(x)} is in the set", "it is not")
        if only_b:
            return Difference(path, "it is not", f"{shown(only_b[0])} is in the set")
        return None

    # --- libraries

    def _arrays(self, numpy: Any, a: Any, b: Any, path: str) -> Difference | None:
        if a.dtype != b.dtype:
            return Difference(f"{path}.dtype", str(a.dtype), str(b.dtype))
        if a.shape != b.shape:
            return Difference(f"{path}.shape", str(a.shape), str(b.shape))
        if isinstance(a, numpy.ma.MaskedArray):
            mask = self._arrays(numpy, numpy.ma.getmaskarray(a), numpy.ma.getmaskarray(b), f"{path}.mask")
            return mask or self._arrays(numpy, a.filled(0), b.filled(0), path)
        plain_a, plain_b = a.view(numpy.ndarray), b.view(numpy.ndarray)
        if a.dtype.names:
            for name in a.dtype.names:
                found = self._arrays(numpy, plain_a[name], plain_b[name], f"{path}[{name!r}]")
                if found is not None:
                    return found
            return None
        if a.dtype.hasobject:
            for index in numpy.ndindex(a.shape):
                found = self.compare(plain_a[index], plain_b[index], f"{path}{_index(index)}")
                if found is not None:
                    return found
        elif plain_a.tobytes() != plain_b.tobytes():
            with numpy.errstate(all="ignore"):
                other = plain_a != plain_b
                if a.dtype.kind in "fcmM":
                    other &= (plain_a == plain_a) | (plain_b == plain_b)
                if a.dtype.kind == "f":
                    other |= (plain_a == 0) & (plain_b == 0) & (numpy.signbit(plain_a) != numpy.signbit(plain_b))
            places = numpy.argwhere(other)
            if len(places):
                index = tuple(int(i) for i in places[0])
                more = f" (and {len(places) - 1} more of {a.size})" if len(places) > 1 else ""
                return Difference(f"{path}{_index(index)}", shown(plain_a[index]), shown(plain_b[index]) + more)
        return None if type(a) is numpy.ndarray else self._attributes(a, b, path)

    def _pandas(self, pandas: Any, a: Any, b: Any, path: str) -> Difference | None:
        if isinstance(a, pandas.DataFrame):
            found = self.compare(list(a.columns), list(b.columns), f"{path}.columns")
            for index in range(a.shape[1]) if found is None else ():
                found = self.compare(a.iloc[:, index], b.iloc[:, index], f"{path}[{shown(a.columns[index])}]")
                if found is not None:
                    return found
            return found or (None if a.shape[1] else self.compare(a.index, b.index, f"{path}.index"))
        if isinstance(a, pandas.Series):
            found = self.compare(a.index, b.index, f"{path}.index")
            return found or self.compare(a.name, b.name, f"{path}.name") or self._values_of(a, b, path)
        return self._values_of(a, b, path)

    def _values_of(self, a: Any, b: Any, path: str) -> Difference | None:
        if a.dtype != b.dtype:
            return Difference(f"{path}.dtype", str(a.dtype), str(b.dtype))
        x, y = a.to_numpy(), b.to_numpy()
        self._alive += (x, y)
        return self.compare(x, y, path)

    # --- objects

    def _code(self, a: Any, b: Any, path: str) -> Difference | None:
        names = [(getattr(x, "__module__", ""), getattr(x, "__qualname__", "")) for x in (a, b)]
        code = [getattr(getattr(x, "__code__", None), "co_code", b"") for x in (a, b)]
        if names[0] == names[1] and code[0] == code[1]:
            return None
        return Difference(path, shown(a), shown(b))

    def _attributes(self, a: Any, b: Any, path: str) -> Difference | None:
        mine, theirs = getattr(a, "__dict__", None), getattr(b, "__dict__", None)
        if not isinstance(mine, dict) or not isinstance(theirs, dict):
            return None
        return self._by_name(mine, theirs, _lazy(type(a)), path)

    def _by_name(self, mine: dict[str, Any], theirs: dict[str, Any], lazy: set[str], path: str) -> Difference | None:
        for name in [*mine, *(name for name in theirs if name not in mine)]:
            if (name not in mine or name not in theirs) and (name in lazy or str(name).startswith("_")):
                continue  # filled when it is first asked for
            if name not in mine:
                return Difference(f"{path}.{name}", "nothing", shown(theirs[name]))
            if name not in theirs:
                return Difference(f"{path}.{name}", shown(mine[name]), "nothing")
            found = self.compare(mine[name], theirs[name], f"{path}.{name}")
            if found is not None and not (str(name).startswith("_") and (mine[name] is None or theirs[name] is None)):
                return found
        return None

    def _objects(self, a: Any, b: Any, path: str) -> Difference | None:
        """By what they are pickled as: a callable, its arguments, a state, elements."""
        own = _is_objects(a, "__reduce_ex__") and _is_objects(a, "__reduce__")
        stateless = getattr(type(a), "__getstate__", None) is getattr(object, "__getstate__", None)
        if own and stateless and not _slots(type(a)):
            return self._attributes(a, b, path)
        try:
            x, y = a.__reduce_ex__(4), b.__reduce_ex__(4)
        except Exception:
            return None  # it cannot be taken apart
        if isinstance(x, str) or isinstance(y, str):
            return None if x == y else Difference(path, shown(a), shown(b))
        x, y = _listed(x), _listed(y)
        self._alive += (x, y)
        parts = [(x[2], y[2])]
        if own and isinstance(x[2], tuple) and isinstance(y[2], tuple):
            parts = list(zip(x[2], y[2]))  # attributes, and slots
        for mine, theirs in parts:
            found = self._state(mine, theirs, _lazy(type(a)), path)
            if found is not None:
                return found
        found = self.compare(x[1], y[1], path) if not own else None
        if found is not None:
            # Inside the arguments that it is made with there is no path that a user could follow.
            return Difference(path, shown(a), shown(b)) if shown(a) != shown(b) else found
        return self.compare(x[3], y[3], path) or self.compare(x[4], y[4], path)

    def _state(self, a: Any, b: Any, lazy: set[str], path: str) -> Difference | None:
        if isinstance(a, dict) and isinstance(b, dict):
            return self._by_name(a, b, lazy, path)
        return self.compare(a, b, path)


def _listed(reduced: Any) -> list[Any]:
    parts = [*reduced, *[None] * (6 - len(reduced))]
    for index in (3, 4):
        if parts[index] is not None:
            parts[index] = list(parts[index])
    return parts


def _slots(cls: type) -> bool:
    return any("__slots__" in vars(base) and base.__slots__ for base in cls.__mro__)  # type: ignore[attr-defined]


def _is_objects(value: Any, method: str) -> bool:
    """Has its class the method from `object`?"""
    return getattr(type(value), method) is getattr(object, method)


def _lazy(cls: type) -> set[str]:
    return {
        name for base in cls.__mro__ for name, thing in vars(base).items() if type(thing).__name__ == "cached_property"
    }


def _same_class(a: type, b: type) -> bool:
    """Classes of `__main__` travel by value, and are made anew wherever they arrive."""
    return (a.__module__, a.__qualname__) == (b.__module__, b.__qualname__)


def _same_float(a: float, b: float) -> bool:
    return struct.pack("<d", a) == struct.pack("<d", b) or (a != a and b != b)


def _equal_by_own_rule(a: Any, b: Any) -> bool:
    """A class of the user's that says what makes its objects equal has the last word."""
    if type(a).__module__ in ("builtins", "collections", "numpy") or isinstance(a, (list, tuple, dict, set, frozenset)):
        return False
    if _is_objects(a, "__eq__"):
        return False
    try:
        return (a == b) is True
    except Exception:
        return False


def _count(n: int) -> str:
    return "1 element" if n == 1 else f"{n} elements"


def _index(index: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, index))}]" if index else ""


def pickled(value: Any) -> bytes | None:
    """The value as bytes; None for what cannot be pickled."""
    from pydron import _values

    try:
        return _values.dumps(value)
    except Exception:
        return None
