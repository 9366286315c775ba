"""Abstract values: where an object that an expression gives may come from.

What counts is whether an object existed before the call: then changing it is seen by others. Objects made in the call
are *fresh*: they have no roots, and may be changed at will.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pydron.check._libraries import CERTAIN, POSSIBLE

#: Kinds whose objects cannot be changed: operators on them make new ones.
ATOMS = frozenset(("number", "str", "bytes", "none", "tuple", "range", "frozenset"))
#: Kinds that `x += y` changes in place.
IN_PLACE = frozenset(("list", "set", "array", "bytearray", "dict", "deque"))


class Root(NamedTuple):
    """An object that existed before the call, or, `deep`, any object that it refers to."""

    kind: str  # "argument", "global" or "nonlocal"
    name: str
    deep: bool = False
    owner: str = ""  # the path of the file of a global; the function whose argument it is


#: With how sure it is that the value is that object.
Roots = Mapping[Root, int]
NOTHING: Roots = {}


class Value(NamedTuple):
    """What is known of a value. Fresh and of unknown type, if nothing is said."""

    roots: Roots = NOTHING
    near: Roots = NOTHING  # of what it holds: its elements, its attributes
    far: Roots = NOTHING  # of what these hold, at any depth
    kind: str = ""  # what type it is, where that is known: list, array, number, file, …
    thing: Any = None  # of kinds function, method, class, module, library, object, instance: which

    def known(self, kind: str, thing: Any = None) -> Value:
        return self._replace(kind=kind, thing=thing)

    def inner(self) -> Roots:
        return merged(self.near, self.far)


FRESH = Value()
NUMBER = Value(kind="number")
TEXT = Value(kind="str")


def of_parameter(function: str, name: str, kind: str = "", thing: Any = None) -> Value:
    return _old(Root("argument", name, False, function), kind, thing)


def of_outer(where: str, name: str, module: str, kind: str = "", thing: Any = None) -> Value:
    """A global, or a variable of an enclosing function."""
    return _old(Root(where, name, False, module), kind, thing)


def _old(root: Root, kind: str, thing: Any) -> Value:
    if (kind in ATOMS and kind != "tuple") or kind in ("library", "module", "class"):
        return Value(kind=kind, thing=thing)
    deep = {root._replace(deep=True): CERTAIN}
    return Value(deep if kind == "tuple" else {root: CERTAIN}, deep, deep, kind, thing)


def merged(a: Roots, b: Roots) -> Roots:
    if not a or not b:
        return a or b
    found = dict(a)
    for root, level in b.items():
        found[root] = max(level, found.get(root, 0))
    return found


def capped(roots: Roots, level: int) -> Roots:
    return {root: min(level, sure) for root, sure in roots.items()}


def joined(a: Value | None, b: Value | None) -> Value:
    """One or the other."""
    if a is None or b is None:
        return a or b or FRESH
    if a == b:
        return a
    same = a.kind == b.kind and a.thing is b.thing
    # `None` or something: what it is matters where it is used.
    keep = a if same or b.kind == "none" else b if a.kind == "none" else FRESH
    return Value(merged(a.roots, b.roots), merged(a.near, b.near), merged(a.far, b.far), keep.kind, keep.thing)


def item(value: Value) -> Value:
    """Something that the value holds: an element, an attribute."""
    if value.kind in ("str", "number", "bytes", "range"):
        return Value(kind=value.kind)
    return Value(value.near, value.far, value.far)


def view(value: Value, level: int) -> Value:
    """A value that may share memory with another."""
    return value._replace(roots=capped(value.roots, level), kind="array" if value.kind == "array" else "", thing=None)


def shell(value: Value, kind: str = "") -> Value:
    """A new object that holds what the value holds."""
    return Value(NOTHING, value.near, value.far, kind or value.kind)


def holding(kind: str, values: Iterable[Value]) -> Value:
    """A new container of these."""
    elements = list(values)
    near: Roots = NOTHING
    far: Roots = NOTHING
    for value in elements:
        near = merged(near, value.roots)
        far = merged(far, value.inner())
    if near and any(not value.roots and value.kind not in ATOMS for value in elements):
        near, far = capped(near, POSSIBLE), capped(far, POSSIBLE)  # which of them will be meant, nobody knows
    return Value(NOTHING, near, far, kind)


def filled(value: Value, elements: Iterable[Value], depth: int = 1) -> Value:
    """The same object, which now also holds these: itself, or what it holds does."""
    near, far = value.near, value.far
    for element in elements:
        if depth == 1:
            near = merged(near, element.roots)
        else:
            far = merged(far, element.roots)
        far = merged(far, element.inner())
    return value._replace(near=near, far=far)
