"""Which values may take part in an operation that runs out of order: those whose operators have no effects.

This is the one place to extend. A type is listed by itself, or by the module that defines it.
"""

from __future__ import annotations

from typing import Any, Dict, Iterable, Set

_EXACT = frozenset(
    (int, float, bool, type(None), str, bytes, complex, range, slice, bytearray, memoryview, type(Ellipsis),
     type(NotImplemented))
)  # fmt: skip
_CONTAINERS = frozenset((list, tuple, set, frozenset, dict))

_MODULES = frozenset(
    ("datetime", "decimal", "_decimal", "_pydecimal", "fractions", "uuid", "ipaddress", "pathlib", "array", "zoneinfo")
)
_PACKAGES = frozenset(("numpy", "astropy"))
_COLLECTIONS = frozenset(("deque", "Counter", "OrderedDict"))

_known: Dict[type, bool] = {}


def all_safe(values: Iterable[Any]) -> bool:
    """Is everything in here, at whatever depth, of a type that is known to be harmless?"""
    seen: Set[int] = set()
    stack = [list(values)]
    while stack:
        items = stack.pop()
        for kind in set(map(type, items)):
            if kind in _EXACT:
                continue
            mine = [item for item in items if type(item) is kind]
            if kind in _CONTAINERS or _is_collection(kind):
                for item in mine:
                    if id(item) not in seen:
                        seen.add(id(item))
                        stack.append(list(item))
                        if hasattr(item, "values"):
                            stack.append(list(item.values()))
            elif not _is_safe(kind) or not all(map(_without_objects, mine)):
                return False
    return True


def _is_collection(kind: type) -> bool:
    return kind.__module__ == "collections" and kind.__name__ in _COLLECTIONS


def _is_safe(kind: type) -> bool:
    known = _known.get(kind)
    if known is None:
        module = kind.__module__
        known = _known[kind] = module in _MODULES or module.partition(".")[0] in _PACKAGES
    return known


def _without_objects(value: Any) -> bool:
    """Arrays may hold objects of any type."""
    return not getattr(getattr(value, "dtype", None), "hasobject", False)
