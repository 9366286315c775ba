"""Straight-line code."""

import pydron
from case import case

SEEN = []


@pydron.functional
def inc(x):
    return x + 1


@pydron.functional
def add(x, y):
    return x + y


@pydron.functional
def nothing(x):
    return None


@case()
@pydron.schedule
def empty():
    pass


@case(3)
@pydron.schedule
def only_a_docstring(x):
    """Says what it does, and does nothing."""


@case(5)
@pydron.schedule
def returns_its_argument(x):
    return x


@case(5)
@pydron.schedule
def one_call(x):
    return inc(x)


@case(1, 2, parallel=4)
@pydron.schedule
def diamond(x, y):
    a = inc(x)
    b = inc(y)
    c = inc(10)
    d = inc(20)
    return add(add(a, b), add(c, d))


@case(1)
@pydron.schedule
def chain(x):
    x = inc(x)
    x = inc(x)
    x = inc(x)
    return x, inc(x)


@case(1)
@pydron.schedule
def result_unused(x):
    inc(x)
    add(x, x)
    return "done"


@case(1)
@pydron.schedule
def names_are_rebound(x):
    a = inc(x)
    b = a
    a = inc(a)
    a, b = b, a
    return [a, b]


@case(1)
@pydron.schedule
def none_results(x):
    a = nothing(x)
    b = nothing(a)
    return a is None, b, [nothing(b)], {"none": nothing(0)}


@case(1)
@pydron.schedule
def arithmetic_on_results(x):
    a, b = inc(x), add(x, 7)
    return a + b * 2 - -a, a // b, a % b, a ** b, a / b, a << 2, ~a, a & b, a | b, a ^ b, not a


@case(2)
@pydron.schedule
def comparisons_of_results(x):
    a, b = inc(x), add(x, 7)
    return a < b, a == b, a != b, a >= b, a is b, a in [3, 4], b not in (3, 4)


@case(2)
@pydron.schedule
def annotated_assignments(x):
    a: int = inc(x)
    b: "list[int]"
    b = [a, inc(a)]
    return b


@case(2)
@pydron.schedule
def nested_calls(x):
    return add(inc(inc(x)), add(inc(x), inc(inc(inc(x)))))


@case(2)
@pydron.schedule
def assertions(x):
    a = inc(x)
    assert a == 3, "a is three"
    assert inc(a)
    return a


@case(2)
@pydron.schedule
def failing_assertion(x):
    a = inc(x)
    SEEN.append("before")
    assert a == 4, f"a is {a}"
    SEEN.append("after")
    return a


@case(2)
@pydron.schedule
def import_inside(x):
    import math
    from collections import OrderedDict as Ordered

    a = inc(x)
    return math.sqrt(a + 1), Ordered(a=a, b=inc(a))


@case(2)
@pydron.schedule
def global_constant_read(x):
    SEEN.append(inc(x))
    return len(SEEN), SEEN[0]
