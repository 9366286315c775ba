"""What is evaluated and pickled ahead of its turn runs no code of the user's, changes nothing, and is right."""

from __future__ import annotations

import ast
import collections
import dataclasses
import enum
import math
import os.path
import pathlib
import types

import pytest

from pydron import _guarded, _values
from pydron._evaluate import Scope, expression
from pydron._expected import Expectations, Expected, Stale
from pydron._foresee import Following, TooFar
from pydron._known import clone, peekable
from pydron._slices import Slice
from pydron._spec import Site
from pydron._speculation import calls_per_slot

EFFECTS: list[str] = []


class Hostile:
    """Whatever one does with it is an effect."""

    def _effect(self, *args, **kwargs):
        EFFECTS.append("effect")
        return 1

    __add__ = __radd__ = __mul__ = __mod__ = __neg__ = __bool__ = __len__ = __iter__ = __getitem__ = _effect
    __eq__ = __lt__ = __contains__ = __format__ = __str__ = __repr__ = __call__ = __int__ = __index__ = _effect
    __getattr__ = __hash__ = __fspath__ = __reduce_ex__ = __truediv__ = __rtruediv__ = _effect  # type: ignore[assignment]


class Property:
    @property
    def x(self):
        EFFECTS.append("property")
        return 1


class Plain:
    def __init__(self):
        self.x = 3
        self.inner = [1, 2]


class Meta(type):
    def __getattribute__(cls, name):
        EFFECTS.append(name)
        return super().__getattribute__(name)


class WithMeta(metaclass=Meta):
    x = 1


class Words(str):
    def upper(self):
        EFFECTS.append("upper")
        return "X"


def evaluate(text: str, **values):
    function = types.FunctionType((lambda: None).__code__, {"os": os, "math": math, "Path": pathlib.Path})
    scope = Scope(function, {})
    scope.own = frozenset(values)
    return expression(ast.parse(text, mode="eval").body, scope)(values)


@pytest.mark.parametrize(
    "text, values, result",
    [
        ("a + 1", {"a": 2}, 3),
        ("folder + '/' + name", {"folder": "a", "name": "b"}, "a/b"),
        ("f'{folder}/{n:03d}.txt'", {"folder": "a", "n": 7}, "a/007.txt"),
        ("'%s-%d' % (a, b)", {"a": "x", "b": 3}, "x-3"),
        ("os.path.join(a, b)", {"a": "x", "b": "y"}, "x/y"),
        ("Path(a) / b", {"a": "x", "b": "y"}, pathlib.Path("x/y")),
        ("path.with_suffix('.png').name", {"path": pathlib.Path("a/b.fits")}, "b.png"),
        ("name.rsplit('.', 1)[0].upper()", {"name": "a.b"}, "A"),
        ("xs[1:] + [a]", {"xs": [1, 2], "a": 3}, [2, 3]),
        ("config['k'][0]", {"config": {"k": (4,)}}, 4),
        ("config.get('z', 5)", {"config": {"k": 1}}, 5),
        ("thing.x + len(thing.inner)", {"thing": Plain()}, 5),
        ("math.sqrt(a) if a > 0 else None", {"a": 4.0}, 2.0),
        ("{'a': a, **b}", {"a": 1, "b": {"c": 2}}, {"a": 1, "c": 2}),
        ("a in xs and not b", {"a": 1, "xs": [1, 2], "b": 0}, True),
        ("sorted(set(xs))", {"xs": [2, 1, 2]}, [1, 2]),
        ("list(enumerate(zip(xs, range(2))))", {"xs": "ab"}, [(0, ("a", 0)), (1, ("b", 1))]),
        ("-a < b <= 3", {"a": 1, "b": 3}, True),
    ],
)
def test_what_is_known_is_evaluated(text, values, result):
    assert evaluate(text, **values) == result


@pytest.mark.parametrize(
    "text",
    [
        "h + 1",
        "1 + h",
        "h * 2",
        "'%s' % h",
        "'%s' % (h,)",
        "-h",
        "not h",
        "h and 1",
        "1 if h else 2",
        "h == 1",
        "1 < h",
        "h in [1]",
        "1 in h",
        "[h] == [1]",
        "h in xs",
        "xs.index(h)",
        "xs.count(1)",
        "sorted([h])",
        "len(h)",
        "str(h)",
        "int(h)",
        "f'{h}'",
        "f'{[h]}'",
        "h.x",
        "h.method()",
        "h()",
        "h[0]",
        "xs[h]",
        "{1: 2}[h]",
        "{h: 1}",
        "d[1]",
        "d.get(1)",
        "max(h, 1)",
        "list(h)",
        "tuple(h)",
        "list(enumerate(h))",
        "range(h)",
        "[*h]",
        "'{}'.format(h)",
        "','.join(h)",
        "os.path.join(h, 'a')",
        "Path(h)",
        "math.sqrt(h)",
        "p.x",
        "m.x",
        "words.upper()",
        "words + 'a'",
        "print(1)",
        "open('/dev/null')",
        "it_of(xs)",
        "{**d}",
        "path / h",
        "h / path",
        "xs.append(1)",
        "d.pop(1)",
        "next(it)",
        "list(it)",
        "sum(it)",
        "list(zip(it, xs))",
        "10 ** 10 ** 8",
        "1 << 10 ** 9",
        "'a' * 10 ** 9",
        "[0] * 10 ** 9",
        "math.factorial(10 ** 7)",
        "os.getcwd()",
        "d.update({})",
        "[x for x in xs]",
        "(lambda: 1)()",
        "(y := 1)",
        "~True",
        "isinstance(1, m)",
    ],
)
def test_what_is_not_known_is_left_alone(text):
    EFFECTS.clear()
    hostile, it = Hostile(), iter([1, 2])
    xs, d = [hostile], {hostile: 1}
    EFFECTS.clear()
    with pytest.raises(Exception):  # noqa: B017 - whatever it is, the call is just not foreseen
        evaluate(text, h=hostile, p=Property(), m=WithMeta, words=Words("a"), xs=xs, d=d, it=it, path=pathlib.Path("a"))
    assert EFFECTS == []
    assert len(xs) == len(d) == 1
    assert list(it) == [1, 2]


@pytest.mark.parametrize(
    "items",
    [
        *([1, 2, 3], (1, 2, 3), "abc", b"ab", range(3), {"a": 1, "b": 2}, {"a": 1}.items(), {1, 2}),
        *(
            enumerate([1, 2, 3]),
            zip("ab", [1, 2]),
            reversed([1, 2, 3]),
            reversed(range(3)),
            enumerate(zip([1, 2], "ab")),
        ),
    ],
)
def test_an_iterator_is_looked_at_and_does_not_notice(items):
    iterator = iter(peekable(items))
    first = next(iterator)
    ahead = list(clone(iterator))
    assert [first, *ahead] == [first, *iterator]


def test_iterators_of_others_are_left_alone():
    for items in ((x for x in [1, 2]), map(str, [1, 2]), iter(Hostile, 1), enumerate(x for x in [1, 2])):
        with pytest.raises(Exception):  # noqa: B017
            clone(items)
    assert peekable(items) is items
    assert list(items) == [(0, 1), (1, 2)]


@dataclasses.dataclass
class Options:
    scale: int = 2
    names: list = dataclasses.field(default_factory=list)


class Mode(enum.Enum):
    FAST = 1


Point = collections.namedtuple("Point", "x y")


class WithState:
    def __getstate__(self):
        EFFECTS.append("state")
        return {}


class WithReduce:
    def __reduce__(self):
        EFFECTS.append("reduce")
        return (int, ())


class OwnDict(dict):
    def items(self):
        EFFECTS.append("items")
        return super().items()


def helper(x):
    return x


GLOBAL = WithState()


def uses_global():
    return GLOBAL


uses_global.__module__ = helper.__module__ = "__main__"  # so that they travel by value


@pytest.mark.parametrize(
    "value",
    [
        *(1, "a", [1, (2, {"a": {3}})], range(3), slice(1, 2), 1 + 2j, collections.Counter("aab"), pathlib.Path("a")),
        *(Options(), [Options(1, [2])], Mode.FAST, Point(1, 2), Plain(), helper, math.sqrt),
    ],
)
def test_the_same_bytes_as_when_the_call_is_made(value, tmp_path):
    both = ((value,), {"key": value})
    assert _guarded.dumps(both) == _values.dump(both, str(tmp_path / "v"))


def test_arrays_too(tmp_path):
    numpy = pytest.importorskip("numpy")
    for value in (numpy.arange(6).reshape(2, 3), numpy.float64(3), numpy.arange(8)[::2], numpy.dtype("f4")):
        assert _guarded.dumps(((value,), {})) == _values.dump(((value,), {}), str(tmp_path / "v"))
    with pytest.raises(_guarded.Refused):
        _guarded.dumps(numpy.array([WithReduce()], dtype=object))


@pytest.mark.parametrize(
    "value", [WithState(), [WithReduce()], {"a": OwnDict()}, Hostile(), uses_global, WithMeta, WithMeta()]
)
def test_what_may_have_effects_is_not_pickled(value):
    EFFECTS.clear()
    with pytest.raises(Exception):  # noqa: B017
        _guarded.dumps(((value,), {}))
    assert EFFECTS == []


def test_large_arguments_are_refused():
    with pytest.raises(_guarded.Refused):
        _guarded.dumps((("x" * (_values.LIMIT + 1),), {}))


def foreseen(text: str, forms: list, position: int, values: tuple, names: list[str], most: int = 5) -> list:
    """The arguments of the calls that seem to come."""
    definition = ast.parse(text).body[0]
    nodes = list(ast.walk(definition))
    space: dict = {"f": helper}
    exec(text, space)
    made = Slice(forms, nodes, {}, {position: names}, {"$s0": Site("", 1, "")}, space["p"])
    at = made.following(position, values, Expectations())
    found = []
    for each in made.calls(at, position):
        found.append(each.args)
        if len(found) == most:
            break
    return found


def chain(names: list[str], values: tuple, settled: list[str]) -> list:
    """Arguments of the calls of `a = f(i); b = f(a); c = f(b)`, with a place in between where values are waited for."""
    text = "def p(i):\n    a = f(i)\n    b = f(a)\n    c = f(b)\n"
    definition = ast.parse(text).body[0]
    nodes = list(ast.walk(definition))
    calls = [each.value for each in definition.body]  # type: ignore[attr-defined]
    forms: list = [["look", 0]]
    for target, call in zip("abc", calls):
        forms.append(["call", target, nodes.index(call.func), [nodes.index(call.args[0])], [], 0])
    forms.insert(2, ["settle", settled])
    space: dict = {"f": helper}
    exec(text, space)
    made = Slice(forms, nodes, {}, {0: names}, {"$s0": Site("", 1, "")}, space["p"])
    following = made.calls(made.following(0, values, Expectations()), 0)
    found = []
    expected = None
    try:
        while True:
            found.append(following.send(expected).args[0])
            expected = Expected(len(found))
    except StopIteration:
        return [each.number if type(each) is Expected else each for each in found]


def test_the_result_of_a_foreseen_call_is_an_argument_of_the_next():
    assert chain(["i"], (7,), []) == [7, 1, 2]


def test_what_the_pipeline_waits_for_is_not():
    assert chain(["i"], (7,), ["a"]) == [7]
    assert chain(["i"], (7,), ["b", "i"]) == [7, 1, 2]


def test_what_an_expected_result_is_cannot_be_known():
    here = Expected(1)
    for code in ("x is None", "x is not y", "x.number", "x[0]", "not x", "[*x]", "x + 1", "f'{x}'", "x == x", "len(x)"):
        with pytest.raises(Exception):  # noqa: B017
            expression(ast.parse(code, mode="eval").body, Scope(helper, {}))({"x": here, "y": here})
    with pytest.raises(_guarded.Refused):
        _guarded.dumps(((here,), {}))


def test_a_result_is_expected_until_it_comes_or_goes():
    ours = Expectations()
    first, second = ours.of(1), ours.of(2)
    assert ours.of(1) is first and ours.any()
    ours.check(first)
    ours.over(1)
    with pytest.raises(Stale):
        ours.check(first)
    with pytest.raises(Stale):
        Expectations().check(second)
    ours.check(second)
    ours.over(2, 3)
    assert not ours.any()


def test_a_loop_without_a_call_is_given_up():
    text = "def p(n):\n    while n:\n        n += 1\n"
    definition = ast.parse(text).body[0]
    nodes = list(ast.walk(definition))
    number = {type(node).__name__: index for index, node in enumerate(nodes)}
    test = nodes.index(definition.body[0].test)  # type: ignore[attr-defined]
    step = ["code", ["stmt", number["AugAssign"]], ["n"]]
    forms = [["look", 0], ["while", [], test, [step], [], ["n"], 0]]
    with pytest.raises(TooFar):
        foreseen(text, forms, 0, (1,), ["n"])


def test_finalizers_are_not_put_off():
    class Closing:
        def __del__(self):
            pass

    at = Following({}, {})
    at.give("a", Closing())
    at.give("b", 1)
    assert at.env == {"b": 1}


def test_the_setting():
    assert [calls_per_slot(text) for text in ("", "off", "0", "7", "lots")] == [2, 0, 0, 7, 2]
