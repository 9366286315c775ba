"""Expressions around calls: short circuit, conditional, chained, walrus, starred."""

import pydron
from case import case

LOG = []


@pydron.functional
def f(x):
    return x + 1


@pydron.functional
def falsy(x):
    return 0


@pydron.functional
def boom(x):
    raise ValueError(f"boom {x}")


def note(x):
    LOG.append(x)
    return x


@case(1)
@pydron.schedule
def short_circuit(x):
    return (
        falsy(x) and boom(1),
        f(x) or boom(2),
        falsy(x) or f(x) or boom(3),
        f(x) and f(x + 1) and falsy(0) and boom(4),
        not falsy(x) or boom(5),
    )


@case(1)
@pydron.schedule
def short_circuit_with_effects(x):
    a = note(falsy(x)) and note("never")
    b = note(f(x)) or note("never")
    c = falsy(x) or note("yes")
    return a, b, c


@case(1)
@pydron.schedule
def conditional_expression(x):
    a = f(x) if f(x) > 1 else boom(1)
    b = boom(2) if falsy(x) else "else"
    c = [f(i) if i % 2 else -i for i in range(4)]
    return a, b, c, note("a") if falsy(x) else note("b")


@case(1)
@pydron.schedule
def chained_comparison(x):
    return 1 < f(x) < 3, f(x) == f(x) != boom_if(f(x) > 100), 3 < f(x) < boom(1), note(1) < note(f(x)) <= note(5)


@pydron.functional
def boom_if(flag):
    if flag:
        raise ValueError("flag")
    return 7


@case(1)
@pydron.schedule
def walrus(x):
    if (y := f(x)) > 1:
        z = f(y)
    out = [y, (w := f(z)), w + 1]
    return out, y, z, w


@case(1)
@pydron.schedule
def starred_displays(x):
    xs = [f(i) for i in range(3)]
    return [*xs, *(f(9),)], (*xs,), {*xs}, {**{"a": f(1)}, "a": f(2)}, [*"ab", *range(2)]


@case(1)
@pydron.schedule
def slices(x):
    xs = list(range(10))
    a = f(x)
    return xs[a:], xs[:f(3)], xs[a:f(7):f(1)], xs[-a], xs[slice(a, 5)]


@case(1)
@pydron.schedule
def attribute_chains(x):
    s = str(f(x)) + "x"
    return s.upper().lower().strip("x").isdigit(), (f(x)).bit_length(), f(x).real, "{:>5}".format(f(x)).strip()


@case(1)
@pydron.schedule
def lambdas_called_at_once(x):
    return (lambda a, b=f(2): a * b)(f(x)), (lambda *a, **k: (a, k))(f(1), k=f(2))


@case(1)
@pydron.schedule
def constants(x):
    return 1, 1.5, 2j, "s", b"b", None, True, ..., (1, (2, 3)), -1, 10 ** 20, "a" "b", 1_000


@case(1)
@pydron.schedule
def evaluation_order(x):
    out = {note("k1"): note(f(1)), note("k2"): note(f(2))}
    out[note("k3")] = note("value first?")
    a = [note(1), note(2)][note(0)]
    b = note(10) + note(f(x)) * note(3)
    return out, a, b


@case(1)
@pydron.schedule
def augmented_evaluation_order(x):
    d = {"k": 1}
    d[note("k")] += note(f(x))
    values = [1, 2, 3]
    values[note(f(0))] -= note(5)
    return d, values


@case(1)
@pydron.schedule
def conversions_in_calls(x):
    return f(int("4")), f(float("1.5")), f(len([f(1), f(2)])), f(f(f(x)) + f(0)), [f(ord(c)) for c in "ab"]


@case(1)
@pydron.schedule
def deep_expression(x):
    return ((((f(x) + 1) * 2 - f(2)) ** 2) % 7, [[[f(1)]], {"a": {"b": (f(2), [f(3)])}}])


@case(1)
@pydron.schedule
def long_boolean(x):
    n = 0
    for i in range(6):
        if i == 0 or f(i) == 3 and i % 2 == 0 or not (i < 4 or falsy(i)):
            n += f(i)
    return n


@case(1)
@pydron.schedule
def statement_kinds(x):
    f(x); y = f(x + 1)
    if y: y += 1; z = y
    else: z = 0
    for i in range(2): z += f(i)
    while z > 100: break
    (y)
    "a string statement"
    [f(1), f(2)]
    return z
