"""Long loops."""

import pydron
from case import case


@pydron.functional
def tiny(x):
    return x * 2


@pydron.functional
def combine(values):
    return sum(values)


@case(2000, paced=False)
@pydron.schedule
def two_thousand_calls(n):
    out = []
    for i in range(n):
        out.append(tiny(i))
    return out


@case(2000, paced=False)
@pydron.schedule
def two_thousand_summed(n):
    total = 0
    for i in range(n):
        total += tiny(i)
    return total


@case(400, paced=False)
@pydron.schedule
def chain_of_calls(n):
    x = 1
    for _ in range(n):
        x = tiny(x) % 1000003
    return x


@case(40, 25, paced=False)
@pydron.schedule
def batches(n, m):
    sums = []
    for i in range(n):
        sums.append(combine([tiny(i * j) for j in range(m)]))
    return combine(sums)


@case(500, paced=False)
@pydron.schedule
def conditions(n):
    kept = []
    for i in range(n):
        if tiny(i) % 3 == 0:
            kept.append(tiny(-i))
        else:
            continue
    return len(kept), kept[-1]


@case(300, paced=False)
@pydron.schedule
def printed_lines(n):
    for i in range(n):
        print(i, tiny(i))


@case(300, paced=False)
@pydron.schedule
def failing_late(n):
    out = []
    for i in range(n):
        out.append(1 / tiny(n - 1 - i))
    return out


@case(200, paced=False)
@pydron.schedule
def dict_of_many(n):
    return {i: tiny(i) for i in range(n)}, {tiny(i) for i in range(n)}, max(tiny(i) for i in range(n))
