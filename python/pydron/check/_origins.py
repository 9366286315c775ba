"""Abstract values: where an object that an expression gives may come from.

What counts is whether an object existed before the call: then changing it is seen by others. Objects made in the call
are *fresh*: they have no roots, and may be changed at will.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Optional

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
    inner: Roots = NOTHING  # of what can be reached in it
    kind: str = ""  # what type it is, where that is known: list, array, number, file, …
    thing: Any = None  # of kinds function (Closure), class, module, library, object, instance: which

    def known(self, kind: str, thing: Any = None) -> Value:
        return Value(self.roots, self.inner, kind, thing)


FRESH = Value()
NUMBER = Value(kind="number")
TEXT = Value(kind="str")


def of_parameter(function: str, name: str, kind: str = "", thing: Any = None) -> Value:
    if (kind in ATOMS and kind != "tuple") or kind in ("library", "module", "class"):
        return Value(kind=kind, thing=thing)
    deep = {Root("argument", name, True, function): CERTAIN}
    return Value(deep if kind == "tuple" else {Root("argument", name, False, function): CERTAIN}, deep, kind, thing)


def of_outer(where: str, name: str, module: str, kind: str = "", thing: Any = None) -> Value:
    """A global, or a variable of an enclosing function."""
    if kind in ATOMS and kind != "tuple":
        return Value(kind=kind)
    return Value(
        {Root(where, name, False, module): CERTAIN}, {Root(where, name, True, module): CERTAIN}, kind, thing
    )


def merged(a: Roots, b: Roots) -> Roots:
    if not a or not b:
        return a or b
    found = dict(a)
    for root, level in b.items():
        found[root] = max(level, found.get(root, 0))
    return found


def capped(roots: Roots, level: int) -> Roots:
    return {root: min(level, sure) for root, sure in roots.items()}


def joined(a: Optional[Value], b: Optional[Value]) -> Value:
    """One or the other."""
    if a is None or b is None:
        return a or b or FRESH
    if a == b:
        return a
    same = a.kind == b.kind and a.thing is b.thing
    # `None` or something: what it is matters where it is used.
    keep = a if b.kind == "none" else b if a.kind == "none" else None
    kind, thing = (a.kind, a.thing) if same else (keep.kind, keep.thing) if keep is not None else ("", None)
    return Value(merged(a.roots, b.roots), merged(a.inner, b.inner), kind, thing)


def item(value: Value) -> Value:
    """Something that the value holds: an element, an attribute."""
    if value.kind in ("str", "number", "bytes", "range"):
        return Value(kind=value.kind)
    return Value(value.inner, value.inner)


def view(value: Value, level: int) -> Value:
    """A value that may share memory with another."""
    return Value(capped(value.roots, level), value.inner, "array" if value.kind == "array" else "")


def holding(kind: str, values: Iterable[Value]) -> Value:
    """A new container of these."""
    inner: Roots = NOTHING
    for value in values:
        inner = merged(inner, merged(value.roots, value.inner))
    return Value(NOTHING, inner, kind)


def doubtful(value: Value, level: int = POSSIBLE) -> Value:
    """The value, if it is what it seems to be."""
    return Value(capped(value.roots, level), capped(value.inner, level), value.kind, value.thing)
