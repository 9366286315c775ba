"""Is the method that an object has the one that the catalogue means? Guards of method calls (docs/template.md).

The analysis plans a call by the name of the method, and lists the types for which the plan is right. Here the real
type is looked at: it must be one of these, the method must be the library's own (not replaced on the class, nor on the
object), and a subclass must not change anything that the library's class has.
"""

from __future__ import annotations

import types
from typing import Any

from ._guards import ATOMS, children, content_safe, deep_safe
from ._naming import is_heap_type, top, type_name

# What a subclass may define without changing what inherited methods do.
_NEW = frozenset(
    {
        *("__module__", "__doc__", "__qualname__", "__dict__", "__weakref__", "__slots__", "__init__", "__new__"),
        *("__annotations__", "__annotate__", "__annotate_func__", "__firstlineno__", "__static_attributes__"),
        *("__orig_bases__", "__parameters__", "__type_params__", "__annotations_cache__", "__repr__", "__hash__"),
    }
)
_C_METHODS = (
    types.MethodDescriptorType,
    types.ClassMethodDescriptorType,
    types.WrapperDescriptorType,
    types.BuiltinFunctionType,
)
_LIMIT = 100_000  # objects looked at before giving up


class Plan:
    """What a guard says: a name, the types that may have it, how deep it looks, and whether it must not fail late."""

    __slots__ = ("deep", "fixed", "known", "name", "strict", "types")

    def __init__(self, detail: str) -> None:
        depth, self.name, *names = detail.split(" ")
        self.deep = depth.startswith("deep")
        self.strict = depth.endswith("+")
        self.types = frozenset(names)
        self.known: dict[type, tuple[bool, bool]] = {}  # class: may it be, can it change
        self.fixed: set[type] = set()  # classes that pass, and that nobody can change

    def admits(self, cls: type, value: Any) -> bool:
        """May the method be called on the object out of order, as far as the object's type goes?"""
        if cls in self.fixed:
            return True
        verdict = self.known.get(cls)
        if verdict is None:
            allowed = self._listed(cls)
            changeable = is_heap_type(cls)
            verdict = self.known[cls] = allowed, changeable
            if allowed and not changeable:
                self.fixed.add(cls)
        allowed, changeable = verdict
        if not allowed or not changeable:
            return allowed
        return self._unchanged(cls, value)

    def _listed(self, cls: type) -> bool:
        if type_name(cls) in self.types:
            return True
        for base in cls.__mro__[1:]:
            if type_name(base) in self.types:
                return _changes_nothing(cls, base)
        return False

    def _unchanged(self, cls: type, value: Any) -> bool:
        """Nobody has replaced the method, on the object or on a class."""
        try:
            own = object.__getattribute__(value, "__dict__")
        except AttributeError:
            own = None
        if own is not None and self.name in own:
            return False
        for base in cls.__mro__:
            found = vars(base).get(self.name)
            if found is not None:
                return not is_heap_type(base) or _belongs(found, base)
        return False

    def is_absent(self, cls: type, value: Any) -> bool:
        """Has the object no such method at all? Then calling it is an error, which harms nobody."""
        try:
            own = object.__getattribute__(value, "__dict__")
        except AttributeError:
            own = None
        return (own is None or self.name not in own) and not any(
            self.name in vars(base) or "__getattr__" in vars(base) for base in cls.__mro__
        )


def _changes_nothing(cls: type, base: type) -> bool:
    if type_name(cls) and top(cls.__module__) == top(base.__module__):
        return True  # of the same library
    if type(cls) is not type(base):
        return False
    inherited = {name for each in base.__mro__ for name in vars(each)}
    for each in cls.__mro__[: cls.__mro__.index(base)]:
        if any(name in inherited and name not in _NEW for name in vars(each)):
            return False
        if "__getattr__" in vars(each) or "__getattribute__" in vars(each):
            return False
    return True


def _belongs(found: Any, owner: type) -> bool:
    """Is a class's attribute the library's own, and not something that was put there later?"""
    if isinstance(found, _C_METHODS):
        return True
    if isinstance(found, (staticmethod, classmethod)):
        found = found.__func__
    return top(getattr(found, "__module__", None)) == top(owner.__module__)


_plans: dict[str, Plan] = {}


def plan(detail: str) -> Plan:
    made = _plans.get(detail)
    if made is None:
        made = _plans[detail] = Plan(detail)
    return made


def known(value: Any, detail: str) -> bool:
    """Is calling the method on the object what the analysis planned for?"""
    wanted = plan(detail)
    cls = type(value)
    if not wanted.admits(cls, value):
        return False
    return not wanted.deep or cls in ATOMS or content_safe(value)


def known_within(value: Any, details: str) -> bool:
    """The same of an argument, for all methods that a function calls of it, or of what it holds."""
    return deep_safe(value) and known_inside(value, tuple(details.split(";")))


def known_inside(value: Any, details: tuple[str, ...]) -> bool:
    """Is it, of every object that can be reached from the value and that has such a method?"""
    wanted = [plan(detail) for detail in details]
    open_values = [value]
    budget = _LIMIT
    while open_values:
        each = open_values.pop()
        cls = type(each)
        for one in wanted:
            if not one.admits(cls, each) and not one.is_absent(cls, each):
                return False
        inner = children(each)
        if inner is not None:
            budget -= len(inner)
            if budget < 0:
                return False
            fixed = {
                kind for kind in set(map(type, inner)) if kind in ATOMS and all(_fits(one, kind) for one in wanted)
            }
            open_values += [item for item in inner if type(item) not in fixed]
    return True


def _fits(wanted: Plan, kind: type) -> bool:
    """For types whose objects are all alike."""
    return kind in wanted.fixed or wanted._listed(kind) or not any(wanted.name in vars(base) for base in kind.__mro__)
