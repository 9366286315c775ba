"""zip, enumerate, range, reversed, sorted and slices over them."""

import itertools

import pydron
from case import case

LOG = []


@pydron.functional
def f(x):
    return x * x


@pydron.functional
def g(a, b):
    return a - b


@pydron.functional
def rows(n):
    return [(i, str(i)) for i in range(n)]


@case([1, 2, 3, 4], [5, 6, 7, 8], parallel=4)
@case([1, 2, 3], [9])
@pydron.schedule
def zip_of_two(a, b):
    out = []
    for x, y in zip(a, b):
        out.append(g(x, y))
    return out


@case(["a", "b", "c", "d"], parallel=4)
@pydron.schedule
def enumerate_with_start(items):
    out = {}
    for i, x in enumerate(items, start=10):
        out[i] = f(i), x
    for i, x in enumerate(items):
        out[x] = i
    return out


@case(2, 14, 3, parallel=4)
@case(5, 0, -2)
@pydron.schedule
def ranges(a, b, step):
    return [f(i) for i in range(a, b, step)], list(range(b)), len(range(a, b, step))


@case([3, 1, 2], parallel=3)
@pydron.schedule
def reversed_and_sorted(items):
    out = []
    for x in reversed(items):
        out.append(f(x))
    for x in sorted(items, reverse=True):
        out.append(f(-x))
    return out


@case([3, 1, 2, 9, 8])
@pydron.schedule
def sliced(items):
    out = []
    for x in items[1:4]:
        out.append(f(x))
    for a, b in zip(items[::2], items[1::2]):
        out.append(g(a, b))
    for x in sorted(items)[:2]:
        out.append(x)
    return out


@case([3, 1, 2])
@pydron.schedule
def zip_of_results(items):
    a = [f(x) for x in items]
    b = [f(x + 1) for x in items]
    out = []
    for i, (x, y) in enumerate(zip(a, b)):
        out.append((i, g(y, x)))
    return out, list(zip(a, b)), dict(zip(items, a)), list(zip(*[(1, 2), (3, 4)]))


@case(3)
@pydron.schedule
def loop_over_returned_rows(n):
    names = []
    for i, name in rows(n):
        names.append(name * f(i))
    for i, name in reversed(rows(n)):
        names.append((name, f(i)))
    return names


@case([4, 5])
@pydron.schedule
def range_over_result(items):
    out = []
    for i in range(f(2)):
        out.append(f(i))
    for i in range(len(out) - f(1)):
        out[i] += 1
    return out


@case([1, 2, 3])
@pydron.schedule
def itertools_functions(items):
    out = []
    for a, b in itertools.product(items, "xy"):
        out.append((f(a), b))
    for a, b in itertools.combinations(items, 2):
        out.append(g(a, b))
    for x in itertools.chain(items, [f(7)]):
        out.append(f(x))
    return out, list(itertools.accumulate(f(x) for x in items)), list(itertools.islice((f(x) for x in itertools.count()), 3))


@case([1, 2, 3])
@pydron.schedule
def endless_iterator(items):
    out = []
    for i in itertools.count(1):
        y = f(i)
        if y > 30:
            break
        out.append(y)
    return out


class Recorded:
    """An iterable that says when it is asked."""

    def __init__(self, n):
        self.n = n

    def __iter__(self):
        LOG.append("iter")
        for i in range(self.n):
            LOG.append(i)
            yield i
        LOG.append("end")


@case(3)
@pydron.schedule
def iterable_with_effects(n):
    out = []
    for i in Recorded(n):
        LOG.append("body")
        out.append(f(i))
    return out


def generated(n):
    for i in range(n):
        LOG.append(f"made {i}")
        yield i
        LOG.append(f"left {i}")


@case(4)
@pydron.schedule
def own_generator_with_break(n):
    out = []
    for i in generated(n):
        if i == 2:
            break
        out.append(f(i))
    LOG.append("after")
    return out


@case([1, 2, 3])
@pydron.schedule
def dict_views(items):
    d = {x: f(x) for x in items}
    return [k + v for k, v in d.items()], [f(k) for k in d], sorted(d.values()), list(d.keys()), [f(v) for v in d.values()]


@case([1, 2])
@pydron.schedule
def zip_unequal_strict_index(items):
    out = []
    for i in range(3):
        out.append(f(items[i]))
    return out
