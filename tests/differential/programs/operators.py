"""User classes with operators, also ones with effects; results that are objects."""

from dataclasses import dataclass, field, replace
from enum import Enum
from functools import total_ordering
from typing import NamedTuple

import pydron
from case import case

LOG = []


class Vector:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __mul__(self, k):
        return Vector(self.x * k, self.y * k)

    __rmul__ = __mul__

    def __eq__(self, other):
        return isinstance(other, Vector) and (self.x, self.y) == (other.x, other.y)

    def __hash__(self):
        return hash((self.x, self.y))

    def __bool__(self):
        return bool(self.x or self.y)

    def __getitem__(self, i):
        return (self.x, self.y)[i]

    def __len__(self):
        return 2


class Tracked:
    """Every operator leaves a trace, so reordering or repeating one is seen."""

    def __init__(self, name):
        self.name = name

    def __add__(self, other):
        LOG.append(f"{self.name} + {other.name}")
        return Tracked(f"({self.name}+{other.name})")

    def __iadd__(self, other):
        LOG.append(f"{self.name} += {other.name}")
        self.name += other.name
        return self

    def __lt__(self, other):
        LOG.append(f"{self.name} < {other.name}")
        return self.name < other.name

    def __bool__(self):
        LOG.append(f"bool {self.name}")
        return self.name != "false"

    def __getitem__(self, i):
        LOG.append(f"{self.name}[{i}]")
        return i

    def __setitem__(self, i, value):
        LOG.append(f"{self.name}[{i}] = {value}")

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        LOG.append(f"{self.name}.{name}")
        return name

    def __contains__(self, x):
        LOG.append(f"{x} in {self.name}")
        return True

    def __iter__(self):
        LOG.append(f"iter {self.name}")
        return iter(self.name)

    def __len__(self):
        LOG.append(f"len {self.name}")
        return 3

    def __call__(self, x):
        LOG.append(f"{self.name}({x})")
        return x


@total_ordering
@dataclass
class Star:
    name: str
    magnitude: float
    notes: list = field(default_factory=list)

    def __lt__(self, other):
        return self.magnitude < other.magnitude

    def brighter(self, by):
        return replace(self, magnitude=self.magnitude - by)


class Point(NamedTuple):
    x: int
    y: int = 0


class Colour(Enum):
    RED = 1
    BLUE = 2


@pydron.functional
def vector(x):
    return Vector(x, -x)


@pydron.functional
def tracked(name):
    return Tracked(name)


@pydron.functional
def star(name, magnitude):
    return Star(name, magnitude)


@pydron.functional
def point(x):
    return Point(x)


@pydron.functional
def colour(x):
    return Colour.RED if x else Colour.BLUE


@pydron.functional
def inc(x):
    return x + 1


@case([1, 2, 3])
@pydron.schedule
def vector_sum(items):
    total = Vector(0, 0)
    for x in items:
        total = total + vector(x) * inc(x)
    return total, 2 * total, total == vector(0), bool(total), total[0], len(total)


@case([1, 2, 3])
@pydron.schedule
def vectors_in_containers(items):
    seen = {vector(x) for x in items} | {vector(1)}
    table = {vector(x): x for x in items}
    return len(seen), table[Vector(2, -2)], Vector(3, -3) in seen


@case(["a", "b", "c"])
@pydron.schedule
def tracked_operators(names):
    ts = [tracked(n) for n in names]
    LOG.append("have all")
    c = ts[0] + ts[1] + ts[2]
    LOG.append("summed")
    d = ts[0] < ts[1] < ts[2]
    e = ts[0][1], len(ts[1]), 5 in ts[2], ts[0].colour, list(ts[1]), ts[2](7)
    ts[0][4] = "x"
    return c.name, d, e


@case(["a", "b", "c"])
@pydron.schedule
def tracked_sum_in_loop(names):
    total = tracked("t")
    for n in names:
        total += tracked(n)
        LOG.append("step")
    return total.name


@case(["a", "false"])
@pydron.schedule
def tracked_truth(names):
    out = []
    for n in names:
        t = tracked(n)
        LOG.append("made")
        if t:
            out.append(1)
        out.append((t and 1) is t)
        out.append(not t)
        while not t:
            break
    return out


@case([("sirius", -1.4), ("vega", 0.0), ("pole", 2.0)], parallel=3)
@pydron.schedule
def dataclass_results(rows):
    stars = []
    for name, magnitude in rows:
        stars.append(star(name, magnitude))
    return max(stars), sorted(stars, key=lambda s: s.name)[0], [s.brighter(inc(0)) for s in stars]


@case([("sirius", -1.4)])
@pydron.schedule
def object_is_changed_in_driver(rows):
    s = star(*rows[0])
    s.notes.append(inc(1))
    s.magnitude += inc(0)
    s.extra = inc(5)
    return s, s.notes


@case(3)
@pydron.schedule
def named_tuples_and_enums(x):
    p = point(x)
    a, b = p
    c = colour(x)
    return p, a, b, p.x, p._replace(y=inc(1)), c is Colour.RED, c, colour(0).name


@case(3)
@pydron.schedule
def class_defined_inside(x):
    class Local:
        k = inc(10)

        def __init__(self, v):
            self.v = v

        def get(self):
            return inc(self.v) + self.k

    return Local(inc(x)).get(), Local.__name__, Local.k


@case(3)
@pydron.schedule
def operator_raises(x):
    v = vector(x)
    LOG.append("before")
    return v + inc(1)


@case("abc")
@pydron.schedule
def string_methods(text):
    s = inc_text(text)
    return s.upper(), s.split("-"), s.replace("a", "z"), s[1:], s.startswith("a"), "-".join([s, s]), s.encode(), s % () if False else len(s)


@pydron.functional
def inc_text(t):
    return t + "-" + t
