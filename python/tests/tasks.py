"""Functional functions that the tests of the runtime call. Importable, so they travel by name."""

from __future__ import annotations

import threading
from typing import Any

import pydron


@pydron.functional
def double(x: Any) -> Any:
    return 2 * x


@pydron.functional
def add(*args: Any, **kwargs: Any) -> Any:
    total = 0
    for value in (*args, *kwargs.values()):
        total = total + value
    return total


@pydron.functional
def total_of(items: Any) -> Any:
    return sum(items)


@pydron.functional
def same(x: Any) -> Any:
    return x


@pydron.functional
def fail(message: Any) -> Any:
    raise ValueError(message)


@pydron.functional
def fail_if(condition: Any, message: str) -> Any:
    if condition:
        raise KeyError(message)
    return message


@pydron.functional
def lock(_: Any) -> Any:
    return threading.Lock()


@pydron.functional
def describe(x: Any) -> str:
    return type(x).__name__
