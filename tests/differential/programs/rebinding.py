"""Names that are read, and given another value further on in the same expression (`:=`)."""

import pydron
from case import case


@pydron.functional
def f(x):
    return x


@pydron.functional
def fails(x):
    raise ValueError(x)


@pydron.schedule
def empty():
    return []


@case()
@pydron.schedule
def augmented_by_pipeline():
    xs = [1]
    xs += (xs := empty())
    f(1)
    return xs


@case(1)
@pydron.schedule
def augmented(x):
    n = ys = x
    n += (n := f(10))
    ys = zs = [x]
    ys += [(ys := f(10))]
    ws = vs = [3]
    ws += f([1]) + (ws := [2]) + ws
    return n, ys, zs, ws, vs


@case(1)
@pydron.schedule
def operands(x):
    a = x
    a = a + (a := f(10)) + a
    b = [a, (b := f(10)), b]
    c = (c := f(1)), (c := f(2)), c
    d = x < (x := f(5)) < x
    e = f"{x}{(x := f('b'))}{x}"
    return a, b, c, d, e, x


@case(1)
@pydron.schedule
def arguments(x):
    a = f([x, (x := f(2)), x])
    b = dict(x=x, y=(x := f(3)), z=x)
    c = [x, [x, -x, [(x := f(4)) for i in range(2)]], x]
    g = f
    d = g((g := f(5)))
    return a, b, c, d, g, x


@case([1, 2, 3])
@pydron.schedule
def places(x):
    y = x
    x[0] += (x := [f(10), 5])[0]
    z = x
    x[(x := [f(0), 1])[0]] = 7
    x[(x := [f(1), 1])[0]] += (x := f(5))
    w = y[(y := [f(2), 9])[0]]
    d = {}
    d[(k := f(1))] = (k := f(2))
    d[k] = k = f(3)
    return w, x, y, z, d, k


@case(1)
@pydron.schedule
def of_several_targets(x):
    d = {}
    e = {}
    d[0] = e[(x := f(5))] = d[x] = x
    try:
        d["first"] = e[fails(1)] = f(2)
    except ValueError:
        x += 1
    return d, e, x


SEEN = []


def see(x):
    SEEN.append(x)


@case(1)
@pydron.schedule
def only_perhaps(x):
    a = 1 if x else (rest := f(1))
    if f(0):
        see(x)
    b = f(0) and (other := f(2))
    if f(0):
        see(x)
    c = [(last := f(i)) for i in range(f(0))]
    if f(0):
        see(x)
    d = f(3) < 2 < (never := f(5))
    if f(0):
        see(x)
    rest = other = last = never = f(2)
    return f((a, b, c, d, rest, other, last, never)), SEEN


@case(1)
@pydron.schedule
def perhaps_before_a_wait(x):
    a = 1 if 1 else (b := 1)
    if f(0):
        x()
    b = 1
    f(a)
    a = b
    return a


@case(0)
@pydron.schedule
def before_it_has_a_value(x):
    try:
        y = [late, (late := f(1))]
    except UnboundLocalError as error:
        y = str(error)
    return y, x


@case(3)
@pydron.schedule
def of_a_loop(x):
    out = []
    while (x := f(x) - 1) + (y := x) > 0 and x + (x := f(x) - 1) > -10:
        out.append((x, y))
    return out, x, y


@case(3)
@pydron.schedule
def shared_with_a_function(x):
    def read():
        return x

    a = [x, read(), (x := f(5)), read(), x]
    b = [(x := f(6)), (x := f(7)), read()]
    return a, b, x
