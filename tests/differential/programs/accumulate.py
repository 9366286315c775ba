"""Reductions and running values."""

import functools
import math
import operator
from decimal import Decimal
from fractions import Fraction

import pydron
from case import case


@pydron.functional
def value(x):
    return x * x


@pydron.functional
def decimal(x):
    return Decimal(x) / 3


@pydron.functional
def fraction(x):
    return Fraction(1, x)


@pydron.functional
def text(x):
    return f"<{x}>"


@pydron.functional
def pair(x):
    return x, -x


@case([1, 2, 3, 4], parallel=4)
@case([])
@pydron.schedule
def sum_of_results(items):
    total = 0
    for x in items:
        total += value(x)
    return total


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def product_and_difference(items):
    p = 1
    d = 1000
    for x in items:
        p *= value(x)
        d -= value(x)
    return p, d


@case([0.1, 0.2, 0.3, 1e16, -1e16])
@pydron.schedule
def float_order_matters(items):
    total = 0.0
    for x in items:
        total += value(x)
    return total, sum([value(x) for x in items])


@case([1, 2, 3])
@pydron.schedule
def other_numbers(items):
    d, f, c = Decimal(0), Fraction(0), 0j
    for x in items:
        d += decimal(x)
        f += fraction(x)
        c += value(x * 1j)
    return d, f, c, f + value(2), d * value(2), int(d), float(f), round(d, 3)


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def string_concatenation(items):
    s = ""
    for x in items:
        s += text(x)
    return s


@case([1, 2, 3])
@pydron.schedule
def tuple_accumulation(items):
    t = ()
    for x in items:
        t += (value(x),)
        t = t + pair(x)
    return t


@case([3, -5, 4, 1], parallel=4)
@pydron.schedule
def max_with_key(items):
    return max(items, key=value), min(items, key=lambda x: value(x)), sorted(items, key=value)


@case([3, -5, 4, 1])
@pydron.schedule
def running_maximum(items):
    best = None
    best_item = None
    for x in items:
        v = value(x)
        if best is None or v > best:
            best, best_item = v, x
    return best, best_item


@case([3, 5, 4, 1])
@pydron.schedule
def max_of_pairs(items):
    return max((value(x), x) for x in items), max([pair(x) for x in items]), max(value(2), value(3)), max([], default=value(1))


@case([1, 2, 3, 4])
@pydron.schedule
def functools_reduce(items):
    values = [value(x) for x in items]
    return functools.reduce(operator.add, values), functools.reduce(lambda a, b: a * b + value(1), values, 2)


@case([1, 2, 3, 4])
@pydron.schedule
def map_and_filter(items):
    return list(map(value, items)), list(filter(lambda x: value(x) > 4, items)), sum(map(value, items))


@case([1, 2, 3, 4])
@pydron.schedule
def math_functions(items):
    return math.fsum(value(x) for x in items), math.sqrt(value(items[-1])), math.hypot(value(3), value(2)), abs(-value(3))


@case([1, 2, 3, 4])
@pydron.schedule
def builtins_of_results(items):
    a = value(items[2])
    return str(a), repr(a), int(a), float(a), bool(a), divmod(a, 4), pow(a, 2), round(a / 7, 2), hex(a), chr(a + 60), isinstance(a, int), type(a), hash(a), len(text(a)), list(text(a)), bin(a)


@case([1, 2, 3, 4])
@pydron.schedule
def average_and_variance(items):
    values = [value(x) for x in items]
    mean = sum(values) / len(values)
    variance = sum((v - mean) ** 2 for v in values) / (len(values) - 1)
    return mean, variance, [round((v - mean) / variance ** 0.5, 6) for v in values]


@case([1, 2, 3])
@pydron.schedule
def mixed_running_values(items):
    count = 0
    total = 0.5
    last = first = None
    for x in items:
        v = value(x)
        count += 1
        total += v / count
        if first is None:
            first = v
        last = v
    return count, total, first, last


@case([3, 1, 2])
@pydron.schedule
def augmented_operators(items):
    n = 64
    s = {1}
    d = {"a": 1}
    for x in items:
        n //= value(1)
        n %= 100 + value(x)
        n <<= 1
        n |= value(x)
        n ^= 1
        n &= 1023
        s |= {value(x)}
        d["a"] += value(x)
        d["a"] **= 1
    return n, s, d


@case([1, 2, 3])
@pydron.schedule
def sum_with_wrong_type(items):
    total = 0
    for x in items:
        total += text(x)
    return total
