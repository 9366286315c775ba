"""The constants of compiled pipelines: places in the source, and what the analysis says about their parts."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from pydron._guards import deep_safe
from pydron._methods import known_inside
from pydron._pending import Pending, deep, shallow

CARRY, SHALLOW, DEEP = 0, 1, 2


class _Unbound:
    """In a variable that has no value."""

    def __repr__(self) -> str:
        return "<unbound>"


UNBOUND = _Unbound()


class Site:
    """A place in the user's source, for tracebacks."""

    __slots__ = ("file", "foreseen", "function", "line")

    def __init__(self, file: str, line: int, function: str) -> None:
        self.file = file
        self.line = line
        self.function = function
        self.foreseen: Any = None  # the call, where it is followed ahead


class Packed:
    """Stands in for a function where its arguments are unpacked: errors in that name the function."""

    def __init__(self, function: Any) -> None:
        self.function = function
        for name in ("__module__", "__qualname__"):
            value = getattr(function, name, None)
            if value is not None:
                setattr(self, name, value)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Packed:
        self.args, self.kwargs = args, kwargs
        return self


class RegionSpec:
    """What the analysis says about a part of a pipeline that may be parked.

    `needs` has one of CARRY, SHALLOW, DEEP for each input; `guard` the indices of inputs whose type must be known to be
    harmless for the part to run out of order, `methods` the guards of methods that are called in it.
    """

    __slots__ = ("fallback", "fn", "guard", "kind", "methods", "needs", "outs", "waits")

    def __init__(
        self,
        kind: str,
        fn: Any,
        needs: Sequence[int],
        outs: Sequence[str],
        guard: Sequence[int] = (),
        methods: Sequence[str] = (),
    ) -> None:
        if kind not in ("local", "output", "gen"):
            raise ValueError(f"unknown kind of region {kind!r}")
        self.kind = kind
        self.fn = fn
        self.needs = tuple(needs)
        self.outs = tuple(outs)
        self.guard = tuple(guard)
        self.methods = tuple(methods)
        self.waits = any(self.needs)
        #: Inside a try statement: for each out, the index of the input with its earlier value, or -1.
        self.fallback: tuple[int, ...] | None = None

    def prepare(self, inputs: tuple[Any, ...], missing: list[Pending]) -> tuple[Any, ...]:
        """The inputs with values for pendings, as far as there are any."""
        if not self.waits:
            return inputs
        return tuple(
            [
                value if not need else shallow(value, missing) if need == SHALLOW else deep(value, missing)
                for need, value in zip(self.needs, inputs)
            ]
        )

    def harmless(self, values: tuple[Any, ...]) -> bool:
        for i in self.guard:
            if not deep_safe(values[i]) or (self.methods and not known_inside(values[i], self.methods)):
                return False
        return True


def unbound(name: str, free: bool = False) -> None:
    """What Python raises when a variable of a function has no value; `free` in a scope inside."""
    if free:
        if sys.version_info >= (3, 11):
            text = f"cannot access free variable '{name}' where it is not associated with a value in enclosing scope"
        else:
            text = f"free variable '{name}' referenced before assignment in enclosing scope"
        raise NameError(text)
    if sys.version_info >= (3, 11):
        text = f"cannot access local variable '{name}' where it is not associated with a value"
    else:
        text = f"local variable '{name}' referenced before assignment"
    raise UnboundLocalError(text)
