"""Whether a function that travels by value would be pickled into the same bytes again, without pickling it.

Ordinary code may have changed what a function refers to, so that is asked whenever some has run. Most functions refer
to nothing that can be changed in place: constants, modules, functions and classes of modules, other functions of this
kind. As long as all names lead to the very same, so do the bytes. Of what else there is, a list say, nobody can tell:
such functions are pickled and compared. (docs/adr/0188-unchanged-functions-are-not-pickled-again.md)

It refers weakly to what is the user's, but for constants: nothing lives longer because of it.
"""

from __future__ import annotations

import sys
from operator import attrgetter, is_
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any, Callable
from weakref import ref

from pydron._functions import Functional
from pydron._modules import is_by_value
from pydron._pipelines import mark_of
from pydron._values import by_value_wanted

_MISSING = object()
_CONSTANTS = frozenset({int, float, complex, bool, str, bytes, type(None), type(Ellipsis)})
_LARGEST = 1024  # bytes of a constant that is held on to
_LONGEST = 16  # of a tuple of constants

_of_functions = attrgetter(
    *("__code__", "__defaults__", "__kwdefaults__", "__closure__"),
    *("__globals__", "__name__", "__qualname__", "__module__", "__doc__"),
)
_of_functionals = attrgetter(
    *("__wrapped__", "__module__", "cpus", "memory", "gpus", "retries", "timeout", "speculate"),
)
_of_modules = attrgetter("__name__", "__package__")
_of_named = attrgetter("__module__", "__qualname__")

#: What cloudpickle takes along of a function's module.
_MODULE_ENTRIES = ("__package__", "__name__", "__path__", "__file__")


class _Refused(Exception):
    """It refers to something that may change in place."""


class Unchanged:
    """What the pickle of a functional function of `__main__` was made of."""

    __slots__ = ("_attributes", "_constants", "_functions", "_importable", "_imported", "_named", "_others", "_seen")

    def __init__(self, functional: Functional) -> None:
        self._attributes: list[tuple[Any, Callable[[Any], tuple[Any, ...]], tuple[Any, ...]]] = []
        self._functions: list[tuple[Any, list[tuple[str, Any]]]] = []  # and their annotations
        self._constants: list[tuple[dict[str, Any], str, Any]] = []
        self._others: list[tuple[dict[str, Any], str, Any]] = []
        self._named: list[tuple[Any, str, str]] = []
        self._importable: list[Any] = []
        self._imported: Any = None
        self._seen = {id(functional)}
        if by_value_wanted() or functional.__module__ != "__main__":
            raise _Refused
        self._attributes.append((ref(functional), _of_functionals, _of_functionals(functional)))
        self._function(functional.__wrapped__)

    @classmethod
    def of(cls, functional: Functional) -> Unchanged | None:
        """To be made before the function is pickled. None for one that has to be pickled to tell."""
        try:
            return cls(functional)
        except Exception:  # attributes of the user's may raise anything
            return None

    def _function(self, function: Any) -> None:
        if type(function) is not FunctionType or function.__module__ != "__main__" or vars(function):
            raise _Refused
        if function.__kwdefaults__ is not None or function.__closure__ is not None or mark_of(function) is not None:
            raise _Refused
        generic: Any = getattr(function, "__type_params__", ())
        if generic or not _is_constant(function.__defaults__):
            raise _Refused
        self._attributes.append((ref(function), _of_functions, _of_functions(function)))
        annotated = list(function.__annotations__.items())
        for _, each in annotated:
            self._value(each)
        self._functions.append((ref(function), [(name, _held(each)) for name, each in annotated]))
        space = function.__globals__
        for name in {*_names(function.__code__), *_MODULE_ENTRIES}:
            value = space.get(name, _MISSING)
            if value is _MISSING or _is_constant(value):
                self._constants.append((space, name, value))
            else:
                self._value(value)
                self._others.append((space, name, _reference(value)))

    def _value(self, value: Any) -> None:
        if _is_constant(value) or id(value) in self._seen:
            return
        self._seen.add(id(value))
        kind = type(value)
        if kind is ModuleType:
            if value.__name__ not in sys.modules:
                raise _Refused
            self._attributes.append((ref(value), _of_modules, _of_modules(value)))
            self._imported = _imported()
        elif kind is Functional:
            if value.__module__ == "__main__":
                self._attributes.append((ref(value), _of_functionals, _of_functionals(value)))
                self._function(value.__wrapped__)
            else:
                self._importable.append(ref(value))
        elif kind is FunctionType and value.__module__ == "__main__":
            self._function(value)
        elif kind in (FunctionType, BuiltinFunctionType, type, *_of_numpy()) and _is_found(value, *_of_named(value)):
            self._named.append((_reference(value), *_of_named(value)))
        else:
            raise _Refused

    def holds(self) -> bool:
        """Does everything lead to what it led to?"""
        try:
            return self._holds()
        except Exception:
            return False

    def _holds(self) -> bool:
        for there, attributes, values in self._attributes:
            it = there()
            if it is None or not all(map(is_, attributes(it), values)):
                return False
        for space, name, value in self._constants:
            if space.get(name, _MISSING) is not value:
                return False
        for space, name, there in self._others:
            value = space.get(name)
            if value is None or value is not there():
                return False
        for there, annotated in self._functions:
            function = there()
            if vars(function) or not _are(function.__annotations__, annotated):
                return False
        for there, module, name in self._named:
            it = there()
            if it is None or _of_named(it) != (module, name) or not _is_found(it, module, name):
                return False
        for there in self._importable:
            it = there()
            if it is None or it.__module__ == "__main__" or is_by_value(it.__module__) or not it.importable():
                return False
        return (self._imported is None or self._imported == _imported()) and not by_value_wanted()


def _is_constant(value: Any) -> bool:
    """Can it not be changed, and is it small?"""
    if type(value) is tuple:
        return len(value) <= _LONGEST and all(type(each) is not tuple and _is_constant(each) for each in value)
    return type(value) in _CONSTANTS and sys.getsizeof(value) <= _LARGEST


def _is_found(value: Any, module: str, name: str) -> bool:
    """Does another process find it under its name?"""
    return module != "__main__" and vars(sys.modules[module]).get(name) is value


def _of_numpy() -> tuple[type, ...]:
    """The classes of numpy's functions."""
    numpy: Any = sys.modules.get("numpy")
    return () if numpy is None else (numpy.ufunc, type(numpy.mean))


def _reference(value: Any) -> Any:
    # Only numpy's functions cannot be referred to weakly, and these are numpy's anyway.
    return (lambda: value) if type(value) in _of_numpy() else ref(value)


def _names(code: CodeType) -> set[str]:
    """All global names of a function, and names of attributes."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if type(constant) is CodeType:
            names |= _names(constant)
    return names


def _held(value: Any) -> Any:
    return value if _is_constant(value) else ref(value)


def _are(annotations: dict[str, Any], before: list[tuple[str, Any]]) -> bool:
    if len(annotations) != len(before):
        return False
    for (name, value), (name_then, then) in zip(annotations.items(), before):
        if name != name_then or (value is not then and (type(then) is not ref or value is not then())):
            return False
    return True


def _imported() -> tuple[int, str | None]:
    """Other modules than before? Of a package, the modules that a function names travel with it."""
    return len(sys.modules), next(reversed(sys.modules), None)
