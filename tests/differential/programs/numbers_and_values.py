"""Values of many kinds and sizes travel and come back as they were."""

import datetime
import math
from collections import Counter, OrderedDict, deque
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath

import pydron
from case import case


@pydron.functional
def echo(x):
    return x


@pydron.functional
def kind_of(x):
    return type(x).__name__, repr(x)


@pydron.functional
def big_text(n):
    return "äbc" * n


@pydron.functional
def big_list(n):
    return list(range(n))


@pydron.functional
def big_bytes(n):
    return bytes(n)


@case(parallel=4)
@pydron.schedule
def numbers():
    values = [0, -1, 2 ** 63, -(2 ** 70), 1.5, -0.0, 1e308, math.inf, 1j, True, Decimal("1.10"), Fraction(2, 6)]
    return [echo(v) for v in values], [kind_of(v) for v in values]


@case()
@pydron.schedule
def texts_and_bytes():
    values = ["", "a", "日本", "\n\0\t", "\ud800", b"", b"\x00\xff", bytearray(b"x")]
    return [echo(v) for v in values]


@case()
@pydron.schedule
def containers():
    values = [[], (), {}, set(), frozenset({1}), {1: {2: [3, (4,)]}}, deque([1], maxlen=3), OrderedDict(a=1), Counter("aab")]
    return [echo(v) for v in values], [kind_of(v)[0] for v in values]


@case()
@pydron.schedule
def other_values():
    values = [None, ..., NotImplemented, range(3), slice(1, 2), datetime.date(2026, 11, 21), datetime.timedelta(1), PurePosixPath("/a/b")]
    return [echo(v) for v in values[:5]], [str(echo(v)) for v in values[5:]], echo(None) is None, echo(...) is ...


@case()
@pydron.schedule
def types_and_functions():
    return echo(int), echo(len), echo(math.sqrt)(16), echo(ValueError)("x").args, echo(lambda x: x + 1)(2)


@case()
@pydron.schedule
def large_text():
    a = big_text(40_000)
    return len(a), a[:6], a + "!", echo(a) == a


@case()
@pydron.schedule
def large_lists():
    parts = []
    for i in range(3):
        parts.append(big_list(30_000 + i))
    return [len(p) for p in parts], sum(parts[0]), parts[2][-1], len(echo(parts))


@case()
@pydron.schedule
def large_bytes():
    a = big_bytes(300_000)
    b = echo(a)
    return len(b), b == a, type(b)


@case()
@pydron.schedule
def large_argument_many_times():
    table = {i: str(i) for i in range(20_000)}
    out = []
    for i in range(5):
        out.append(len(echo(table)))
    return out


@case()
@pydron.schedule
def not_a_number():
    a = echo(math.nan)
    return a != a, math.isnan(a), repr(a)


@case()
@pydron.schedule
def shared_parts_inside_a_result():
    x = [1]
    y = echo([x, x, {"x": x}])
    y[0].append(2)
    return y, y[0] is y[1], y[2]["x"] is y[0]


@case()
@pydron.schedule
def recursive_result():
    x = [1]
    x.append(x)
    y = echo(x)
    return y[1] is y, len(y)


@case()
@pydron.schedule
def dict_order():
    table = {}
    for k in ["z", "a", "m", "b"]:
        table[k] = echo(k)
    table["a"] = echo("again")
    table.pop("z")
    table["z"] = echo("last")
    return list(table), echo(table), list(echo(table).items())


@case()
@pydron.schedule
def booleans_are_not_ints():
    return [echo(x) for x in (True, 1, False, 0, 1.0)], echo(True) + echo(True), {echo(1): "a", echo(True): "b", echo(1.0): "c"}


@case()
@pydron.schedule
def deeply_nested():
    value = []
    for _ in range(50):
        value = [value]
    return echo(value)
