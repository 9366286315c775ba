"""Scopes within comprehensions, and what generator expressions make of the end of an iterator."""

import pydron
from case import case


@pydron.functional
def double(x):
    return 2 * x


@pydron.functional
def add(x, y):
    return x + y


@case(3)
@pydron.schedule
def the_same_name_within(n):
    i = 100
    a = [[double(i) for i in range(i)] + [i] for i in range(n)]
    b = {i: [double(i) for i in [i, i + 1]] for i in range(n)}
    c = [(i, [add(i, j) for i in range(2) for j in range(i)], i) for i in range(n)]
    d = [sum(double(i) for i in range(i)) + i for i in range(n)]
    e = [[double(x) for x in [x for x in range(x)]] + [x] for x in range(n)]
    return a, b, c, d, e, i


@case(3)
@pydron.schedule
def lambdas_within(n):
    a = [(lambda i: i + 1)(double(i)) + i for i in range(n)]
    b = [sorted([double(i), i], key=lambda i: -i) for i in range(n)]
    c = [max([i, 1 - i], key=lambda x: [double(x) for x in [x]][0]) for i in range(n)]
    d = [(lambda j=i: double(j) + i)() for i in range(n)]
    return a, b, c, d


@case([[1, 2], [3, 4]])
@pydron.schedule
def unusual_targets(rows):
    box = [0]
    a = [double(box[0]) for box[0] in [1, 2]]
    b = [add(x, sum(rest)) for x, *rest in rows]
    c = [double(y) for x in rows for (x, y) in [x]]
    return a, b, c, box


@case()
@pydron.schedule
def the_end_of_an_iterator_as_it_is():
    double(1)
    return sum(next(iter([])) for j in [3, 3])


@case()
@pydron.schedule
def the_end_of_an_iterator_in_arguments():
    it = iter([1])
    return list(double(next(it)) for j in [3, 3])


@case()
@pydron.schedule
def the_end_of_an_iterator_in_a_list():
    it = iter([1])
    return [double(next(it)) for j in [3, 3]]


@case()
@pydron.schedule
def the_end_of_an_iterator_itself():
    double(1)
    return next(iter([]))


@case()
@pydron.schedule
def with_another_answer():
    it = iter([1])
    return list(double(next(it, 7)) for j in [3, 3])
