"""Where two values differ, as `--verify` tells it."""

from __future__ import annotations

import collections
import functools
import pickle
from dataclasses import dataclass, field

import numpy as np
import pytest

from pydron._difference import difference


class Plain:
    def __init__(self, flux, inner=None):
        self.flux = flux
        self.inner = inner


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a, b):
        self.a, self.b = a, b


class Lazy:
    def __init__(self, x):
        self.x = x

    @functools.cached_property
    def square(self):
        return self.x**2


class Reduced:
    def __init__(self, x):
        self.x = x

    def __reduce__(self):
        return Reduced, (self.x,)


class WithState:
    def __init__(self, x, cache):
        self.x, self.cache = x, cache

    def __getstate__(self):
        return {"x": self.x}

    def __setstate__(self, state):
        self.x, self.cache = state["x"], None


@dataclass
class Measured:
    value: float
    seconds: float = field(compare=False, default=0.0)


Pair = collections.namedtuple("Pair", "left right")

NAN = float("nan")


def lazily(x):
    one = Lazy(x)
    one.square  # noqa: B018 - fills the cache
    return one


def ring(x):
    one = [x]
    one.append(one)
    return one


@pytest.mark.parametrize(
    ("first", "second", "path", "texts"),
    [
        (1, 2, "", ("1", "2")),
        (1, 1.0, "", ("1 of type int", "1.0 of type float")),
        (True, 1, "", ("True of type bool", "1 of type int")),
        (0.0, -0.0, "", ("0.0", "-0.0")),
        (0.1 + 0.2, 0.3, "", ("0.30000000000000004", "0.3")),
        ("a", "b", "", ("'a'", "'b'")),
        ([1, [2, 3]], [1, [2, 4]], "[1][1]", ("3", "4")),
        ([1], [1, 2], "", ("1 element", "2 elements")),
        ({"a": 1}, {"a": 2}, "['a']", ("1", "2")),
        ({"a": 1}, {}, "['a']", ("1", "nothing")),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, "", ("keys in the order ['a', 'b']", "keys in the order ['b', 'a']")),
        ({1, 2}, {1, 3}, "", ("2 is in the set", "it is not")),
        (Pair(1, 2), Pair(1, 3), ".right", ("2", "3")),
        ([0, 0, Plain(1.0)], [0, 0, Plain(2.0)], "[2].flux", ("1.0", "2.0")),
        (Plain(1, Plain([1])), Plain(1, Plain([2])), ".inner.flux[0]", ("1", "2")),
        (Slotted(1, 2), Slotted(1, 3), ".b", ("2", "3")),
        (Reduced(1), Reduced(2), "", None),
        (WithState(1, 2), WithState(2, 2), ".x", ("1", "2")),
        (ring(1), ring(2), "[0]", ("1", "2")),
        (np.arange(6.0).reshape(2, 3), np.arange(6.0).reshape(2, 3) + 1, "[0, 0]", ("np.float64(0.0)", None)),
        (np.zeros(3), np.zeros(3, "f4"), ".dtype", ("float64", "float32")),
        (np.zeros(3), np.zeros(4), ".shape", ("(3,)", "(4,)")),
        (np.array([0.0]), np.array([-0.0]), "[0]", None),
        (np.float64(1), np.float64(2), "", None),
        (np.array([1, "a"], object), np.array([1, "b"], object), "[1]", ("'a'", "'b'")),
        (np.array([(1, 2.0)], "i4,f8"), np.array([(1, 3.0)], "i4,f8"), "['f1'][0]", None),
        (np.ma.array([1, 2], mask=[0, 1]), np.ma.array([1, 2], mask=[1, 1]), ".mask[0]", None),
        (ValueError("a"), ValueError("b"), "", None),
    ],
)
def test_what_differs_is_found_with_its_path(first, second, path, texts):
    found = difference(first, second)
    assert found is not None
    assert found.path == path
    for text, expected in zip((found.first, found.second), texts or ()):
        assert expected is None or text == expected
    assert difference(second, first) is not None


@pytest.mark.parametrize(
    "value",
    [
        NAN,
        [NAN, (NAN, 1j * NAN), {"a": NAN}],
        np.array([NAN, 1.0, np.inf]),
        np.float32(NAN),
        np.array(["NaT"], "M8[s]"),
        np.ma.array([1.0, 2.0], mask=[1, 0]),
        np.array([NAN, None, [1]], object),
        np.zeros((0, 3)),
        {"a", "b", "c", ("d", 1), frozenset("xyz")},
        {Plain(1), Plain(2), Plain(3)},
        {Plain(1): 1, Plain(2): 2},
        {NAN: 1},
        Plain(NAN, [Plain(1), {1: {2}}]),
        Slotted(NAN, [1]),
        Reduced(3),
        WithState(1, 2),
        ring(1),
        collections.OrderedDict(a=1),
        collections.Counter("abca"),
        collections.deque([1, 2]),
        bytearray(b"x"),
        ValueError("a", 1),
        len,
        Plain,
        range(3),
        np.random.default_rng(1),
        object(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_copy_does_not_differ(value):
    assert difference(value, pickle.loads(pickle.dumps(value))) is None


def test_what_is_filled_when_it_is_asked_for_is_no_difference():
    assert difference(lazily(2), Lazy(2)) is None
    assert difference(lazily(2), Lazy(3)).path == ".x"


def test_the_class_has_the_last_word():
    assert difference(Measured(1.0, 2.0), Measured(1.0, 3.0)) is None
    assert difference(Measured(1.0, 2.0), Measured(2.0, 2.0)).path == ".value"


def test_too_deep_is_not_blamed():
    first: list = []
    second: list = [1]
    for _ in range(100_000):
        first, second = [first], [second]
    assert difference(first, second) is None


def test_dataframes():
    pd = pytest.importorskip("pandas", reason="pandas is not installed: its comparison was NOT tested")
    one = pd.DataFrame({"a": [1.0, NAN], "b": ["x", "y"]})
    assert difference(one, one.copy()) is None
    other = one.copy()
    other.loc[1, "b"] = "z"
    assert difference(one, other).path == "['b'][1]"
