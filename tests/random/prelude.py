"""What every random program may use: globals, classes with effects, plain functions, functional functions.

The functional functions keep their promise: they change no argument, have no effect, and return fresh objects. Most are
made from a template with constants of the seed, so that which arguments make them fail differs between programs.
"""

from __future__ import annotations

from random import Random

HEAD = """\
from collections import defaultdict
from dataclasses import dataclass, field

import pydron

LOG = []
COUNT = 0
SHARED = [1, 2, 3]
TABLE = {"a": 1, "b": 2}


class Fail(Exception):
    pass


class Other(Fail):
    def __init__(self, code, why="other"):
        super().__init__(code, why)
        self.code = code


class Box:
    def __init__(self, value, items=()):
        self.value = value
        self.items = list(items)

    def add(self, x):
        self.items.append(x)
        return self

    def total(self):
        return self.value + len(self.items)

    def __repr__(self):
        return f"Box({self.value}, {self.items})"


@dataclass
class Rec:
    value: int
    items: list = field(default_factory=list)


class Num:
    def __init__(self, n):
        self.n = n

    def __add__(self, other):
        LOG.append(("add", self.n))
        return Num(self.n + getattr(other, "n", other))

    def __radd__(self, other):
        LOG.append(("radd", self.n))
        return Num(self.n + other)

    def __iadd__(self, other):
        LOG.append(("iadd", self.n))
        self.n += getattr(other, "n", other)
        return self

    def __lt__(self, other):
        LOG.append(("lt", self.n))
        return self.n < getattr(other, "n", other)

    def __bool__(self):
        LOG.append(("bool", self.n))
        return self.n % 2 == 1

    def __getitem__(self, i):
        LOG.append(("item", i))
        if i > 2:
            raise IndexError(i)
        return self.n + i

    def __repr__(self):
        return f"Num({self.n})"


class Ctx:
    def __init__(self, name, swallow=False):
        self.name = name
        self.swallow = swallow

    def __enter__(self):
        LOG.append(("enter", self.name))
        return self.name

    def __exit__(self, kind, error, trace):
        LOG.append(("exit", self.name, kind and kind.__name__))
        return self.swallow


def note(*args):
    LOG.append(args)
    return args[0]


def bump(by=1):
    global COUNT
    COUNT += by
    return COUNT


def push(xs, x):
    xs.append(x)
    return xs


def keep(x):
    SHARED.append(x)
    return len(SHARED)


def check(x, limit=5):
    if x > limit:
        raise Fail("check", x)
    LOG.append(("checked", x))
    return x


def count_to(n):
    for i in range(n % 4):
        LOG.append(("next", i))
        yield i


def where(error):
    lines = []
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == __file__:
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return lines


def pure(x):
    return x * 3 % 11


def clip(x, most=5):
    if x > most:
        return most
    return x


def signed(x):
    if x < 0:
        raise ValueError("negative", x)
    return clip(x) - 2


def total(xs):
    found = 0
    for x in xs:
        found += x
    return found % 31


def first(xs, default=0):
    return xs[0] if xs else default


def scaled(xs):
    out = []
    for x in xs[:5]:
        out.append(pure(x))
    return out


def same(xs):
    return xs


def push_all(xs):
    xs.append(len(xs))
    return xs


def use_up(xs):
    return sum(xs) % 29


def plus(x, y):
    return (lambda z: z)(1) and getattr(x + y, "n", 0)


def counted(x):
    return COUNT + x
"""

# name, kinds of the arguments, kind of the result, weight, text. K, M are small constants of the seed.
FUNCTIONALS = [
    ("f", ("int",), "int", 9, "def f(x):\n    return x * 2 + {K}"),
    ("f2", ("int", "int"), "int", 4, "def f2(x, y={K}):\n    return (x * {M} + y) % 13"),
    ("fail", ("int",), "int", 4, "def fail(x):\n    if x % {M} == {J}:\n        raise Fail(x)\n    return x + 1"),
    (
        "refuse",
        ("int",),
        "int",
        2,
        "def refuse(x):\n    if x % {M} == {J}:\n        raise ValueError('refused', x)\n    return -x",
    ),
    ("div", ("int", "int"), "int", 2, "def div(x, y={K}):\n    return x // (y % {M})"),
    (
        "deep",
        ("int",),
        "int",
        1.5,
        "def deep(x):\n    def inner(n):\n        if n > {K}:\n            raise Other(n)\n"
        "        return n\n    return inner(x % 7) + pure(x)",
    ),
    (
        "wrapped",
        ("int",),
        "int",
        1.5,
        "def wrapped(x):\n    try:\n        return 7 // (x % {M})\n"
        "    except ZeroDivisionError as error:\n        raise Fail('wrapped', x) from error",
    ),
    ("picky", ("int",), "int", 1, "def picky(x):\n    return {{0: 1, 1: 2, 2: 3, 3: 2, 4: 0}}[x % {M}]"),
    ("f_bool", ("int",), "bool", 6, "def f_bool(x):\n    return x % {M} < {J} + 1"),
    ("f_list", ("int",), "list", 6, "def f_list(x):\n    return [x, x + {K}, {K}]"),
    ("f_range", ("int",), "list", 3, "def f_range(n):\n    return list(range(n % 5))"),
    ("f_nest", ("int",), "nest", 3, "def f_nest(x):\n    row = [x]\n    return [row, row, [{K}]]"),
    ("f_dict", ("int",), "dict", 4, "def f_dict(x):\n    return {{'a': x, 'c': x * {K}}}"),
    ("f_str", ("int",), "str", 3, "def f_str(x):\n    return 's%d' % (x % 10)"),
    ("f_tuple", ("int",), "tuple", 4, "def f_tuple(x):\n    return x, x + {K}"),
    ("f_box", ("int",), "box", 4, "def f_box(x):\n    return Box(x, [{K}])"),
    ("f_sum", ("list",), "int", 5, "def f_sum(xs):\n    return sum(xs) % 17"),
    ("f_size", ("nest",), "int", 3, "def f_size(rows):\n    return sum(len(row) for row in rows)"),
    ("f_look", ("dict",), "int", 3, "def f_look(d):\n    return d.get('a', {K})"),
    ("f_open", ("box",), "int", 3, "def f_open(box):\n    return box.value + len(box.items)"),
    ("f_sorted", ("list",), "list", 3, "def f_sorted(xs):\n    return sorted(xs, reverse=True)"),
    ("f_star", ("int", "int", "int"), "int", 2, "def f_star(*args, scale=1):\n    return sum(args) * scale % 23"),
    ("f_none", ("int",), "any", 2, "def f_none(x):\n    return None if x % {M} == {J} else x"),
    ("f_len", ("str",), "int", 2, "def f_len(s):\n    return len(s) + {K}"),
    ("fib", ("int",), "int", 1, "def fib(n):\n    n = n % 6\n    return n if n < 2 else fib(n - 1) + fib(n - 2)"),
    ("f_num", ("int",), "num", 1, "def f_num(x):\n    return Num(x % 5)"),
    ("f_rec", ("int",), "rec", 4, "def f_rec(x):\n    return Rec(x, [{K}])"),
    ("f_group", ("int",), "group", 3, "def f_group(x):\n    return {{x % 3: [x], {K}: []}}"),
    ("f_value", ("rec",), "int", 3, "def f_value(rec):\n    return rec.value + len(rec.items)"),
]


ARRAYS = [
    ("f_vec", ("int",), "vec", 9, "def f_vec(x):\n    return np.array([x, x + {K}, {M}, 1.0]) % 97"),
    ("f_mat", ("int",), "mat", 4, "def f_mat(x):\n    return np.arange(8.0).reshape(2, 4) + x % {M}"),
    ("f_scale", ("vec",), "vec", 6, "def f_scale(xs):\n    return xs * {K} % 31"),
    ("f_rows", ("mat",), "vec", 4, "def f_rows(m):\n    return m[0] - m[1]"),
    ("f_all", ("vec",), "int", 6, "def f_all(xs):\n    return int(xs.sum()) % 89"),
]


class Functional:
    """A functional function of one program."""

    def __init__(self, name: str, kinds: tuple[str, ...], result: str, weight: int, text: str) -> None:
        self.name, self.kinds, self.result, self.weight, self.text = name, kinds, result, weight, text


def functionals(rng: Random, arrays: bool) -> list[Functional]:
    """The functional functions of a program; `f` is always among them."""
    chosen = [FUNCTIONALS[0], *rng.sample(FUNCTIONALS[1:], rng.randint(4, 14))]
    chosen += ARRAYS if arrays else []
    made = []
    for name, kinds, result, weight, text in chosen:
        modulus = rng.randint(2, 9)
        filled = text.format(K=rng.randint(0, 5), M=modulus, J=rng.randint(0, modulus - 1))
        made.append(Functional(name, kinds, result, weight, "@pydron.functional\n" + filled))
    return made
