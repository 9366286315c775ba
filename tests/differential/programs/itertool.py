"""Functions of itertools: what they take at the call, what they look at later, what is used up."""

import itertools

import numpy as np

import pydron
from case import case

LOG = []


@pydron.functional
def double(x):
    return 2 * x


def talking(n):
    for i in range(n):
        LOG.append(("next", i))
        yield i


class Talking:
    def __iter__(self):
        LOG.append("iter")
        return iter([1, 2])


@case([1, 2], [3, 4], parallel=4)
@pydron.schedule
def product_of_enumerations(feeds, kills):
    out = {}
    for (i, feed), (j, kill) in itertools.product(enumerate(feeds), enumerate(kills)):
        a = double(feed)
        out[i, j] = a + kill
    return out


@case([1, 2], parallel=3)
@pydron.schedule
def other_tuples(xs):
    out = []
    for a, b in itertools.combinations([*xs, 3], 2):
        out.append((a, double(b)))
    for a, b in itertools.permutations(xs):
        out.append((a, double(b)))
    for pair in itertools.combinations_with_replacement(xs, 2):
        out.append((pair, double(pair)))
    for a, b in itertools.product(xs, repeat=2):
        out.append((a, double(b)))
    return out


@case([1, 2], [3, 4], parallel=4)
@pydron.schedule
def one_after_the_other(xs, ys):
    out = []
    for x in itertools.chain(xs, ys):
        out.append(double(x))
    for x in itertools.chain.from_iterable([xs, ys]):
        out.append(double(x))
    for x in itertools.islice(ys, 1):
        out.append(double(x))
    for n, x in zip(itertools.count(10), xs):
        out.append(double(n + x))
    for x, y in itertools.zip_longest(xs, [7], fillvalue=[]):
        out.append(double([x, y]))
    for x, n in zip(xs, itertools.repeat(5)):
        out.append(double((x, n)))
    for n, x in zip(range(5), itertools.cycle(xs)):
        out.append(double((x, n)))
    return out


@case(np.array([0, 2, 4, 7]), parallel=3)
@pydron.schedule
def slices_of_an_array(edges):
    out = np.zeros(7)
    for begin, end in zip(edges[:-1], edges[1:]):
        out[begin:end] = double(begin)
    return out


@case()
@pydron.schedule
def results_in_them():
    first = [double(1), double(2)]
    second = [double(3)]
    out = []
    for x in itertools.chain(first, second):
        out.append(x)
        x += double(x)
        out.append(x)
    for a, b in itertools.product(first, second):
        out.append(a * b)
    for a in itertools.repeat(double(4), 2):
        out.append(double(a))
    for row in itertools.chain.from_iterable([[double(5)], first]):
        out.append(row)
    for a, b in itertools.zip_longest(first, second, fillvalue=double(9)):
        out.append((a, b))
    return out


@case()
@pydron.schedule
def what_is_taken_at_the_call():
    xs = [1, 2]
    source = iter([5, 6, 7])
    pairs = itertools.product(xs, source)
    xs.append(double(1))
    left = list(source)
    out = []
    for a, b in pairs:
        out.append((a, double(b)))
    return out, left, list(pairs)


@case()
@pydron.schedule
def what_is_looked_at_later():
    xs = [1, 2]
    lists = [xs]
    links = itertools.chain(xs, xs)
    more = itertools.chain.from_iterable(lists)
    xs.append(double(3))
    out = []
    for x in links:
        if len(xs) < 6:
            xs.append(double(x))
        out.append(x)
    lists.append([double(7)])
    for x in more:
        out.append(x)
    return out, xs


@case()
@pydron.schedule
def used_up():
    it = iter([1, 2, 3, 4])
    out = []
    for x in itertools.islice(it, 2):
        out.append(double(x))
    for x in itertools.chain(it, [9]):
        out.append(double(x))
        break
    return out, list(it)


@case(3)
@pydron.schedule
def code_of_the_users_in_them(n):
    del LOG[:]
    out = []
    for x in itertools.chain(talking(n), Talking()):
        LOG.append(x)
        out.append(double(x))
    for x, y in itertools.product(talking(2), Talking()):
        LOG.append((x, y))
        out.append(double(y))
    for x in itertools.islice(talking(5), 2):
        LOG.append(double(x))
    for x in itertools.chain.from_iterable([talking(2), Talking()]):
        LOG.append(double(x))
    for x in itertools.chain.from_iterable({"a": talking(2), "b": Talking()}.values()):
        LOG.append(double(x))
    for x, y in itertools.zip_longest(talking(2), Talking()):
        LOG.append(double(y))
    return out, list(LOG)


@case()
@pydron.schedule
def lists_in_them_are_the_same_lists():
    row = [1]
    out = []
    for a, b in itertools.product([row], [1, 2]):
        a.append(double(b))
        out.append(a)
    for a in itertools.repeat(row, 2):
        a.append(double(3))
    for a, b in itertools.zip_longest([], [1, 2], fillvalue=row):
        a.append(double(b))
    for a, b in itertools.pairwise([row, row]):
        a.append(double(len(b)))
    return out, row
