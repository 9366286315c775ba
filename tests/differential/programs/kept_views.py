"""Views and iterators that are kept, and what they show later: never what is not there yet."""

import time

import pydron
from case import case


@pydron.functional
def late(x):
    time.sleep(0.02)
    return x


@case([0, 1])
@pydron.schedule
def taken_by_a_slice(p):
    it = {"": late(1)}.values()
    p[:1] = it
    d = {"": late(2)}
    it = d.values()
    p[:1] = it
    p += {1: late(3)}.values()
    p.extend({1: late(4)}.items())
    x = [late(5)]
    p[:1] = iter(x)
    p[:1] = zip(x, [late(6)])
    return p


@case([0, 1])
@pydron.schedule
def given_away(p):
    x = {}
    v = x.values()
    x["a"] = late(1)
    p.append(v)
    p.append(x.items())
    x["b"] = late(2)
    return p, str(p)


@case([0, 1])
@pydron.schedule
def kept_in_containers(p):
    x = {"a": late(1)}
    kept = [x.values(), x.keys()]
    x["b"] = late(2)
    more = {"v": x.values()}
    x["c"] = late(3)
    p[:1] = more["v"]
    p[:0] = kept[0]
    y = [late(4)]
    pair = (reversed(y), iter(y))
    y.append(late(5))
    p[:1] = pair[1]
    return kept, more, list(pair[0]), p


@case([1, 2, 3], parallel=3)
@pydron.schedule
def gone_through_at_once(xs):
    found = {x: late(x) for x in xs}
    out = []
    for value in found.values():
        out.append(late(value))
    for key, value in found.items():
        out.append(late((key, value)))
    return out, sum(found.values()), sorted(found.items()), list(found.values())
