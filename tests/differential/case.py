"""What a program of the differential suite says about its cases.

A program file is ordinary user code. It is executed afresh for every case, as `__main__`, so cases cannot see each
other's globals. `@case(...)` above a pipeline (or above a plain function that calls pipelines) registers it with the
arguments it is to be called with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable


@dataclass
class Case:
    """One call to compare. `parallel` is how many functional calls must overlap when there are four slots."""

    name: str
    function: Callable[..., Any]
    args: tuple
    kwargs: dict = field(default_factory=dict)
    parallel: int = 0
    paced: bool = True
    min_python: tuple = (3, 9)


REGISTERED: list[Case] = []


def case(*args: Any, kwargs: dict | None = None, parallel: int = 0, paced: bool = True, min_python: tuple = (3, 9)):
    """Registers the decorated function, to be called with `args` and `kwargs`.

    `paced=False` keeps the real decorators even when the runner would like to delay the tasks; it is for programs that
    look closely at their functional functions.
    """

    def register(function):
        name = function.__name__
        taken = sum(1 for other in REGISTERED if other.function.__name__ == name)
        if taken:
            name = f"{name}-{taken + 1}"
        REGISTERED.append(Case(name, function, args, kwargs or {}, parallel, paced, min_python))
        return function

    return register
