"""Results that are taken apart."""

import pydron
from case import case

LOG = []


@pydron.functional
def pair(x):
    return x, x + 1


@pydron.functional
def nested(x):
    return x, (x + 1, [x + 2, x + 3])


@pydron.functional
def many(n):
    return list(range(n))


@pydron.functional
def inc(x):
    return x + 1


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def tuple_unpacking_in_loop(items):
    lows, highs = [], []
    for x in items:
        low, high = pair(x)
        lows.append(low)
        highs.append(inc(high))
    return lows, highs


@case(1)
@pydron.schedule
def nested_unpacking(x):
    a, (b, [c, d]) = nested(x)
    (e, f), g = pair(x), inc(x)
    return a, b, c, d, e, f, g


@case(5)
@pydron.schedule
def starred(n):
    first, *middle, last = many(n)
    *head, tail = many(n)
    one, *none = many(1)
    return first, middle, last, head, tail, one, none, inc(last)


@case(3)
@pydron.schedule
def too_many_values(n):
    LOG.append("start")
    a, b = many(n)
    LOG.append("never")
    return a, b


@case(1)
@pydron.schedule
def not_enough_values(n):
    a, b = many(n)
    return a, b


@case(1)
@pydron.schedule
def not_enough_for_star(n):
    a, b, *c = many(n)
    return a, b, c


@case(3)
@pydron.schedule
def not_iterable(x):
    a, b = inc(x)
    return a, b


@case(3)
@pydron.schedule
def swap_and_rotate(x):
    a, b = pair(x)
    a, b = b, a
    a, b, c = b, inc(a), a
    return a, b, c


@case(3)
@pydron.schedule
def unpack_into_elements(x):
    out = [0, 0]
    d = {}
    out[0], d["k"] = pair(x)
    out[1], d[out[0]] = out[0], inc(x)
    return out, d


@case(3)
@pydron.schedule
def unpack_string_and_range(x):
    a, b, c = "xyz"
    d, e = range(2)
    f, g = {"p": 1, "q": 2}
    return a, b, c, inc(d), inc(e), f, g


@case(3)
@pydron.schedule
def subscripts_of_results(x):
    return pair(x)[0], nested(x)[1][1][0], many(5)[1:3], many(x)[-1], [pair(i)[1] for i in range(3)]


@case(3)
@pydron.schedule
def index_error_of_result(x):
    a = many(x)
    return a[0], a[5]


@case(3)
@pydron.schedule
def comprehension_targets(x):
    pairs = [pair(i) for i in range(x)]
    return [a + b for a, b in pairs], {a: b for a, b in pairs}, [inc(a) for a, *_ in pairs]


@case(3)
@pydron.schedule
def assignment_to_several(x):
    a = b = c = pair(x)
    return a is b, b is c, a


@case(3)
@pydron.schedule
def lists_as_targets(x):
    [a, b] = pair(x)
    [c, *d] = many(4)
    for [e, f] in [pair(1), pair(2)]:
        LOG.append(e * f)
    return a, b, c, d
