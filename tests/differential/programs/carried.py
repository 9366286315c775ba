"""Classes of `__main__` travel once with functions, and arguments and results name them (docs/adr/0129)."""

import abc
import enum
import sys
from dataclasses import dataclass
from typing import NamedTuple

import pydron
from case import case

FACTOR = 10


@dataclass
class Point:
    x: int
    scale = 1

    def value(self):
        return self.x * Point.scale * FACTOR


class Pair(NamedTuple):
    a: object
    b: object = None


class Color(enum.Enum):
    RED = 1
    BLUE = 2


class Base(abc.ABC):
    @abc.abstractmethod
    def go(self): ...


class Child(Base):
    __slots__ = ("v",)

    def __init__(self, v):
        self.v = v

    def go(self):
        return "child", self.v


class WithLock:
    stream = sys.stdout

    def __init__(self, v):
        self.v = v


class Remembering:
    seen = []

    def __init__(self, v):
        self.v = v


class Oops(Exception):
    def __init__(self, a, b):
        super().__init__(a)
        self.b = b


@pydron.functional
def grow(point):
    return Point(point.x + 1)


@pydron.functional
def value(point):
    return point.value()


@pydron.functional
def same(x):
    return x


@pydron.functional
def child(v):
    return Child(v)


@pydron.functional
def go(c):
    return c.go()


@pydron.functional
def other(color):
    return Color.BLUE if color is Color.RED else Color.RED


@pydron.functional
def fail(v):
    raise Oops("no", Point(v))


def set_scale(v):
    Point.scale = v


@case(parallel=4)
@pydron.schedule
def through_tasks_only():
    out = []
    for i in range(6):
        point = Point(i)
        for _ in range(3):
            point = grow(point)
        out.append((point, value(point)))
    return out, [type(point) is Point for point, _ in out]


@case()
@pydron.schedule
def changed_in_between():
    out = [value(Point(1)), value(Point(2))]
    set_scale(7)
    out += [value(Point(1)), value(grow(Point(2)))]
    Point.scale = 3
    out += [value(Point(1)), value(grow(Point(2)))]
    Point.value = lambda self: ("other", self.x)
    out += [value(Point(1)), value(grow(Point(2)))]
    return out


@case()
@pydron.schedule
def of_all_kinds():
    out = []
    for i in range(4):
        c = child(i)
        out.append((go(c), type(c) is Child, other(Color.RED) is Color.BLUE, same(Point) is Point))
        out.append((same([Point(1), Color.RED, Pair(1, Pair(Point(2)))]), isinstance(same(Pair(3)), Pair)))
    return out


@case()
@pydron.schedule
def made_in_a_function():
    out = []

    @dataclass
    class Inner:
        y: int

    for i in range(4):
        z = same(Inner(i))
        out.append((z.y, type(z) is Inner, same((z, Point(i)))[1]))
    return out


@case()
@pydron.schedule
def that_cannot_travel():
    out = []
    for i in range(3):
        out.append(same(WithLock(i)).v)
        out.append(value(Point(i)))
        r = Remembering(i)
        r.seen.append(i)
        out.append(len(same(r).seen))
    return out


@case()
@pydron.schedule
def in_exceptions():
    try:
        fail(3)
    except Oops as error:
        return error.args, error.b, type(error.b) is Point


@case()
def defined_again():
    global Point

    @pydron.schedule
    def run():
        return [value(Point(i)) for i in range(3)], [type(same(Point(i))) is Point for i in range(3)]

    out = [run()]
    for n in range(3):

        @dataclass
        class Point:
            x: int
            n: int = n

            def value(self):
                return "new", self.n, self.x

        out.append(run())
    return out
