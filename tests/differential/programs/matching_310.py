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


@case(3)
@case(7)
@pydron.schedule
def maybe_bound_where_the_pipeline_looks_ahead(x):
    q = (lambda z: z)(x)
    try:
        if (x and {"a": 1}) is {"a": 1}:
            pass
        zs = sorted([missing, *[2]])  # noqa: F821
        c = f(missing + max(map(abs, zs), default=0))  # noqa: F821
    except Exception:
        match int((p := q)):
            case 3 | 15:
                pass
            case c if q < 0:
                pass
    turn = 0
    while turn < 1 and f(5):
        turn += 1
        left = iter([])
    c = 0
    left = {"a": c, "b": c}.values()
    try:
        b = f({"a": 1}["a"])
    finally:
        b = f(c)
    if f(len(str(left))) < 0:
        pass
    return b, p, turn


@case(1)
@case(3)
@pydron.schedule
def leaves_a_loop(n):
    x = 0
    for i in range(n):
        match i:
            case 1:
                break
            case _:
                x = f(i) + 1
    else:
        x = f(100)
        y = f(7)
    try:
        return x, f(i), y
    except NameError as error:
        return x, str(error)


@case(1)
@pydron.schedule
def leaves_a_loop_that_has_an_end(n):
    for i in range(n):
        match n:
            case _:
                break

        def never():
            return i

    else:
        f(n[0])
    return f(i)


@case(2)
@case(6)
@pydron.schedule
def goes_on_with_a_loop(n):
    x = 0
    out = []
    for i in range(n):
        match i:
            case 1:
                continue
            case 3:
                return out
            case 5:
                z = i
        x = f(i)
        out.append(x)
    return out, x


@case(4)
@pydron.schedule
def loops_within(n):
    out = []
    for i in range(n):
        match i:
            case 1 | 2:
                for j in range(5):
                    if j == i:
                        break
                else:
                    break
                w = f(j)
            case 3:
                while True:
                    break
        out.append(f(i))
    return out, w
