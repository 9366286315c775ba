"""match (Python 3.10)."""

from dataclasses import dataclass

import pydron
from case import case

LOG = []


@dataclass
class Point:
    x: int
    y: int


@pydron.functional
def f(x):
    return x + 1


@pydron.functional
def shape(i):
    return [Point(i, 0), ("circle", i), {"kind": "box", "w": i, "h": 2}, [i, i + 1, i + 2], "text", i, None][i % 7]


@case(list(range(7)))
@pydron.schedule
def match_on_results(items):
    out = []
    for i in items:
        match shape(i):
            case Point(x=x, y=0):
                out.append(("point", f(x)))
            case ("circle", r) if r > 100:
                out.append("large")
            case ("circle", r):
                out.append(("circle", f(r)))
            case {"kind": "box", "w": w, **rest}:
                out.append((f(w), rest))
            case [first, *others]:
                out.append((f(first), others))
            case str() as s:
                out.append(s)
            case 5 | 6:
                out.append("number")
            case _:
                out.append("other")
    return out


@case(1)
@pydron.schedule
def match_on_plain_value(x):
    match x:
        case 1:
            y = f(10)
            z = f(20)
        case _:
            y = z = None
    return y, z


@case(1)
@pydron.schedule
def match_without_match(x):
    match f(x):
        case 100:
            y = 1
    return y


@case([1, 2, 3])
@pydron.schedule
def match_and_break(items):
    for i in items:
        match f(i):
            case 3:
                LOG.append("three")
                break
            case n:
                LOG.append(n)
                continue
    else:
        LOG.append("else")
    return i
