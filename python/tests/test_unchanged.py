"""A function that is said to be unchanged would be pickled into the same bytes."""

from __future__ import annotations

import gc
import math
import random
import sys
import weakref
from operator import attrgetter
from typing import Any

import cloudpickle.cloudpickle
import pytest

from pydron import _unchanged, _values
from pydron._functions import Functional, register_with_cloudpickle
from pydron._unchanged import Unchanged

register_with_cloudpickle()

SOURCE = """
import collections, math, xml, os.path, numpy
from math import sqrt
from numpy import exp, mean
from collections import OrderedDict
from functools import reduce
from pydron import functional

LIMIT, NAME, PAIR = 1000.5, "name", (1, "a")
unused = 1

def helper(x, y=2):
    "Helps."
    return x + y + LIMIT

@functional
def other(x) -> int:
    return helper(x) if x else f(x - 1)

@functional
def f(x: int, y: "float" = 1.5) -> OrderedDict:
    inner = lambda z: math.sin(z) + later
    return helper(x), NAME, PAIR, sqrt(x), other(x), inner(x), xml.dom, reduce, missing, exp(x), mean([x])
"""


@pytest.fixture(autouse=True)
def nothing_by_value(monkeypatch):
    """Other tests in this process ask cloudpickle for modules by value."""
    monkeypatch.setattr(cloudpickle.cloudpickle, "_PICKLE_BY_VALUE_MODULES", set())


def world() -> dict[str, Any]:
    space: dict[str, Any] = {"__name__": "__main__", "__file__": "script.py"}
    exec(compile(SOURCE, "script.py", "exec"), space)
    return space


def pickled(space: dict[str, Any]) -> bytes:
    return _values.dumps(space["f"].__wrapped__)


CHANGES = [
    "LIMIT = 1000.25",
    "LIMIT = [1]",
    "NAME = 'other'",
    "PAIR = (1, 'b')",
    "later = 3",
    "missing = helper",
    "del NAME",
    "sqrt = math.cos",
    "exp = numpy.sin",
    "mean = sqrt",
    "import xml.dom",
    "math = os",
    "helper = lambda x: x",
    "helper.__defaults__ = (3,)",
    "helper.__code__ = (lambda x, y=2: x).__code__",
    "helper.note = 1",
    "helper.__doc__ = 'other'",
    "helper.__annotations__['x'] = int",
    "helper.__kwdefaults__ = {'y': 1}",
    "other.cpus = 2.0",
    "other.__wrapped__.__defaults__ = (5,)",
    "f.__wrapped__.__annotations__['x'] = float",
    "f.__wrapped__.__annotations__['x'] = f.__wrapped__.__annotations__.pop('x')",
    "f.__wrapped__.__qualname__ = 'g'",
    "__file__ = 'moved.py'",
    "f.__wrapped__.__annotations__['return'] = dict",
    "reduce = collections.namedtuple('reduce', 'a')",
    "other = helper",
]


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_the_pickle_is_seen(change, monkeypatch):
    for name in [each for each in sys.modules if each.startswith("xml.dom")]:
        monkeypatch.delitem(sys.modules, name)
    space = world()
    before, unchanged = pickled(space), Unchanged.of(space["f"])
    assert unchanged is not None and unchanged.holds()
    exec(change, space)
    assert pickled(space) != before
    assert not unchanged.holds()


@pytest.mark.parametrize("change", ["unused = 2", "pass", "f.note = 1", "helper(1)", "NAME = NAME", "new = helper"])
def test_what_does_not_matter(change):
    space = world()
    before, unchanged = pickled(space), Unchanged.of(space["f"])
    exec(change, space)
    assert pickled(space) == before
    assert unchanged is not None and unchanged.holds()


@pytest.mark.parametrize(
    "setup",
    [
        "LIMIT = [1]",
        "class LIMIT: pass",
        "LIMIT = LIMIT_ = {}",
        "helper.state = 1",
        "LIMIT = 'x' * 5000",
        "LIMIT = (1, [2])",
        "helper.__kwdefaults__ = {}",
        "helper = (lambda n: lambda x: n)(1)",
        "LIMIT = [].append",
        "LIMIT = dict.fromkeys",
        "import types; LIMIT = types.ModuleType('made')",
        "import random; LIMIT = random.Random(1).random",
        "helper.__module__ = 'elsewhere'",
        "helper = type('C', (), {})()",
    ],
)
def test_what_may_change_in_place_is_pickled_each_time(setup):
    space = world()
    exec(setup, space)
    assert Unchanged.of(space["f"]) is None


def test_functions_of_modules_that_travel_by_value(monkeypatch):
    space = world()
    unchanged = Unchanged.of(space["f"])
    assert unchanged is not None and unchanged.holds()
    monkeypatch.setattr(cloudpickle.cloudpickle, "_PICKLE_BY_VALUE_MODULES", {"math"})
    assert not unchanged.holds()
    assert Unchanged.of(space["f"]) is None


def test_nothing_lives_longer():
    space = world()
    unchanged = Unchanged.of(space["f"])
    assert unchanged is not None
    there = weakref.ref(space["helper"])
    space["helper"] = None
    gc.collect()
    assert there() is None
    assert not unchanged.holds()


def search(seed: int) -> int:
    """Makes random changes, some undone; how often the function was said to be unchanged."""
    rng = random.Random(seed)
    space = world()
    said = 0
    for _ in range(30):
        function: Functional = space["f"]
        before, unchanged = _values.dumps(function.__wrapped__), Unchanged.of(function)
        for _ in range(rng.choice((0, 1, 1, 2))):
            name = rng.choice(["LIMIT", "NAME", "PAIR", "helper", "other", "sqrt", "math", "reduce", "later", "unused"])
            what = rng.randrange(5)
            target = space.get(name)
            inner = getattr(target, "__wrapped__", target)
            if what == 0:
                space[name] = rng.choice([1, 2.5, "a", (1, 2), [1], None, world()["helper"], world()["other"], math])
            elif what == 1 and hasattr(inner, "__code__"):
                inner.__defaults__ = rng.choice([None, (1,), (2,), ([],)])
            elif what == 2 and hasattr(inner, "__code__"):
                inner.__annotations__[rng.choice("xy")] = rng.choice([int, float, "int", list[int]])
            elif what == 3 and type(target) is list:
                target.append(1)
            elif what == 4:
                space[name] = world().get(name)
        if unchanged is not None and unchanged.holds():
            said += 1
            assert _values.dumps(function.__wrapped__) == before
    return said


def test_search():
    assert sum(search(seed) for seed in range(60)) > 300


def test_the_search_finds_what_is_left_out(monkeypatch):
    monkeypatch.setattr(_unchanged, "_of_functions", attrgetter("__code__", "__name__"))
    with pytest.raises(AssertionError):
        for seed in range(200):
            search(seed)
