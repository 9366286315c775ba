"""Arguments to call things with: by kind of library, and for single names where these will not do.

A sample is the text of an argument list. It is evaluated anew for every call, so that each call has objects of its own.
"""

# ruff: noqa: E501  (lists of samples read better as they are)
from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from by_name import BY_NAME, HARMLESS_PARAMETERS, NOT_REPEATABLE, OBJECTS  # noqa: F401

from pydron._catalogue import Entry

_NUMBERS = [
    "2.5",
    "0.5",
    "3",
    "0.25, 0.5",
    "3, 2",
    "2.5, 2",
    "[3, 1, 2]",
    "[1.0, 2.0, 4.0]",
    "1, 2, 3",
    "1.5, 2.5, 3.5",
]
_TEXT = ["'b a-c'", "'abc', 'b'", "'abc', 'b', 'x'", "'abc', 1", "b'abc'", "b'abc', b'b'", "['b', 'a']", "'3'", "'ff'"]
_ITEMS = [
    "[3, 1, 2]", "[3, 1, 2], 2", "[3, 1], [2, 4]", "(3, 1, 2)", "{'a': 1, 'b': 2}", "{3, 1}", "[3, 1, 2], 1", "[[1, 2], [3]]",
    "{'a': 1}, 'a'", "['b', 'a'], 'b'", "[1, 0, 2], [1, 0, 1]", "[3, 1, 2], 0, 9",
]  # fmt: skip
_ARRAYS = [
    "A()", "M()", "I()", "A(), A() + 1", "M(), M() + 1", "I(), I() + 1", "A(), 2", "M(), 1", "A(), 0.5", "B()", "B(), ~B()",
    "[A(), A()]", "(M(), M())", "4", "(2, 3)", "1.0, 3.0, 5", "1.0, 2.0", "A(), A(), A()", "A() * 0.1", "A() * 0.1, 0.2", "C()",
    "0.3", "I(), 2", "2, A()", "3, 2", "A(), (2, 2)", "M(), 0", "M(), A()[:2]", "T()", "D()", "L()", "S(), S() + 1", "'f8'",
    "M(), 0, 1", "A() * 0.1, A() * 0.1, A() * 0.1", "0.3, 0.4, 0.5", "0.3, 0.4", "0.2, 0.3, 0.4, 0.5", "3, 3, 1.0",
]  # fmt: skip
_FRAMES = [
    "F()", "F()['x']", "F(), F()", "F()['x'], F()['y']", "[F(), F()]", "F()['x'], 2", "['2020-01-01', '2020-01-02']", "'2020-01-01'",
    "[1, 2, 2]", "'2020-01-01', '2020-01-03'", "1, 2", "F()['x'], [0, 2, 4]",
]  # fmt: skip
_METHODS = [
    "", "1", "2", "0", "'x'", "1, 2", "0, 1", "[0, 1]", "'a'", "'a', 'b'", "'b', 'x'", "{}", "[3, 1]", "{'a': 5}", "['x']", "'x', 'y'", "0.5", "3, 1",
    "b'b'", "b'b', b'x'", "b'abc'", "10, 'big'", "10, ' '", "10", "(2, 2)", "A()", "A(), 1", "I()", "'f8'", "O()", "O(), O()", "1.0, 2.0", "0.5, 1.0", "'x', 7",
    "'m'", "max", "'mean'", "lambda v: v", "lambda v: v > 0", "3, 0.5", "3, 0.5, 0.5", "5", "[2, 3]", "[0.5, 0.5], 3", "[1, 2, 3]", "2.0", "'utf-8'",
]  # fmt: skip
_KINDS = {
    "operator": _ARRAYS + _NUMBERS + _TEXT + _ITEMS,
    "numpy": _ARRAYS + _NUMBERS, "scipy": _ARRAYS + _NUMBERS, "astropy": _ARRAYS + _NUMBERS, "pandas": _FRAMES + _ARRAYS,
}  # fmt: skip
_PREPARED = """
import collections, copy, datetime, decimal, fractions, functools, hashlib, itertools, logging, operator, os, pathlib
import math, random, re, string, struct, sys, zlib
import numpy as np, pandas as pd
import numpy, scipy.stats, scipy.signal, scipy.linalg, scipy.interpolate, scipy.spatial, astropy.units, astropy.time, astropy.table
import astropy.coordinates, astropy.timeseries
A = lambda: np.array([3.0, 1.0, 2.0, 4.0])
M = lambda: np.array([[2.0, 1.0], [1.0, 3.0]])
I = lambda: np.array([3, 1, 2, 1])
B = lambda: np.array([True, False, True, True])
C = lambda: np.array([1 + 2j, 3 - 1j, 0.5j, 2.0])
T = lambda: np.arange(24.0).reshape(2, 3, 4)
D = lambda: np.array(['2020-01-01', '2020-01-03'], 'M8[D]')
L = lambda: np.linspace(0.1, 9.7, 64) + np.sin(np.arange(64.0))
S = lambda: np.linspace(1.0, 6.0, 36).reshape(6, 6) + np.eye(6)
SPLINE = lambda: scipy.interpolate.splrep(np.arange(9.0), np.sin(np.arange(9.0)))
GRID = lambda: np.mgrid[0:5.0, 0:5.0].reshape(2, -1)
POINTS = lambda: np.array([[0.0, 0], [1, 0], [0, 1], [1, 1], [0.5, 0.4]])
DAYS = lambda: pd.Series([1.0, 2.0, 3.0], index=pd.date_range("2020-01-01", periods=3))
TWO = lambda: pd.Series([1.0, 2.0], index=pd.MultiIndex.from_tuples([(1, 2), (1, 3)]))
F = lambda: pd.DataFrame({'x': [3.0, 1.0, 2.0, 5.0], 'y': [1.0, 1.0, 4.0, 2.0], 'k': [1, 2, 1, 2]})
"""


@lru_cache
def namespace() -> dict[str, Any]:
    space: dict[str, Any] = {}
    exec(_PREPARED, space)
    return space


def _arguments(text: str, space: dict[str, Any]) -> tuple[tuple, dict]:
    return eval(f"(lambda *args, **kwargs: (args, kwargs))({text})", space)


def _space(owner: str) -> dict[str, Any]:
    """What sample texts can name: what is prepared, and the library with the modules that the owner's name goes through."""
    space = dict(namespace())
    parts = owner.split(".")
    for i in range(len(parts)):
        try:
            importlib.import_module(".".join(parts[: i + 1]))
        except ImportError:
            break
    space.setdefault(parts[0], importlib.import_module(parts[0]))
    return space


def objects(owner: str) -> list[Callable[[], Any]]:
    """Makers of objects of a type."""
    texts = OBJECTS.get(owner, [f"{owner}()"])
    space = _space(owner)
    return [lambda text=text: eval(text, space) for text in texts]


def recipes(entry: Entry) -> Iterator[Callable[[], tuple[tuple, dict]]]:
    space = _space(entry.owner)
    own = BY_NAME.get(entry.full_name)
    if not entry.is_method:
        for text in own or [*_KINDS.get(entry.owner.partition(".")[0], _NUMBERS + _TEXT + _ITEMS + _ARRAYS[:3]), ""]:
            yield lambda text=text: _arguments(text, space)
        return
    if own is None:
        own = BY_NAME.get(f"*.{entry.name}") or _METHODS
    for make in objects(entry.owner):
        for text in own:

            def recipe(make: Callable[[], Any] = make, text: str = text) -> tuple[tuple, dict]:
                made = make()
                args, kwargs = _arguments(text, {**space, "O": make, "self": made})
                return (made, *args), kwargs

            yield recipe
