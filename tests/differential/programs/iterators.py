"""Iterators are used up, and look at what is behind them only then."""

import io
from collections import defaultdict

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


@case([1, 2, 3, 4, 5])
@pydron.schedule
def used_by_a_region_and_then_behind_it(xs):
    it = iter(xs)
    total = 0
    for i in range(3):
        if double(i) >= 0:
            for x in it:
                total += x
                break
    return total, list(it)


@case([1, 2, 3, 4, 5])
@pydron.schedule
def used_by_two_regions(xs):
    it = enumerate(xs)
    total = 0
    if double(1) > 0:
        for i, x in it:
            total += i + x
            break
    rest = []
    if double(2) > 0:
        for pair in it:
            rest.append(pair)
    return total, rest, list(it)


@case(enumerate("abc"))
@case(zip("abc", "def"))
@case(iter([(1, 2), (3, 4), (5, 6)]))
@pydron.schedule
def from_outside(it):
    found = []
    if double(1) > 0:
        for a, b in it:
            found.append((a, b))
            break
    a, b = next(it)
    return found, a, b, [pair for pair in it], sum(1 for _ in it)


@case(iter([1, 2, 3]), 2)
@case(map(abs, [-1, -2, -3]), 2)
@case(reversed([1, 2, 3]), 5)
@pydron.schedule
def used_up_by_functions(it, x):
    first = sum(it, double(x))
    return first, sum(it), list(it)


@case(iter([1, 2, 3]))
@pydron.schedule
def used_up_by_a_comprehension(it):
    y = double(1)
    return [x + y for x in it], [x for x in it]


@case([1, 2])
@pydron.schedule
def list_behind_an_iterator_changes(xs):
    numbered = enumerate(xs)
    if double(1) == 2:
        xs.append(5)
    out = []
    for i, x in numbered:
        out.append((i, x))
    return out, list(numbered)


@case(1)
@pydron.schedule
def local_list_behind_an_iterator_changes(x):
    xs = [x]
    numbered = enumerate(xs)
    both = zip(xs, [7, 8, 9])
    back = reversed(xs)
    if double(1) == 2:
        xs.append(5)
    out = []
    for i, x in numbered:
        out.append((i, x))
    return out, list(both), list(back)


@case(1)
@pydron.schedule
def dictionary_behind_a_view_changes(x):
    table = {x: x}
    items = table.items()
    keys = table.keys()
    if double(1) == 2:
        table[2] = 3
    out = []
    for key, value in items:
        out.append(key + value)
    return out, list(keys), 2 in keys


@case([1, 2, 3])
@pydron.schedule
def list_grows_behind_enumerate(xs):
    out = list(xs)
    for i, x in enumerate(out):
        y = double(x)
        if i < 3:
            out.append(y)
    return out


@case(3)
@pydron.schedule
def generator_behind_zip(n):
    LOG.clear()
    pairs = zip(talking(n), range(10))
    for a, b in pairs:
        y = double(a)
        LOG.append((y, b))
    for i, a in enumerate(talking(n)):
        y = double(a)
        LOG.append((i, y))
    return LOG


@case(3)
@pydron.schedule
def map_of_a_talking_function(n):
    LOG.clear()
    for y in map(LOG.append, range(n)):
        z = double(1)
        LOG.append((y, z))
    return LOG


@case([1, 2, 3], parallel=3)
@pydron.schedule
def iterators_that_stay_parallel(xs):
    pairs = zip(xs, reversed(xs))
    out = []
    for a, b in pairs:
        out.append(double(a + b))
    for i, (a, b) in enumerate(zip(xs, xs)):
        out.append(double(i + a + b))
    for x in map(abs, xs):
        out.append(double(x))
    return out


@case("a\nb\nc\n", parallel=3)
@pydron.schedule
def lines_of_a_file(text):
    lines = io.StringIO(text)
    out = []
    for line in lines:
        out.append(double(line.strip()))
    return out, lines.read()


@case("a\nb\nc\n")
@pydron.schedule
def file_read_by_a_region(text):
    lines = io.StringIO(text)
    out = []
    if double(1) > 0:
        for line in lines:
            out.append(line)
            break
    for line in lines:
        out.append(double(line))
        break
    if double(2) > 0:
        out.extend(lines)
    return out, list(lines)


@case([1, 2, 3])
@pydron.schedule
def iterator_kept_in_a_container(xs):
    table = {"a": iter(xs), "b": enumerate(xs)}
    groups = defaultdict(list)
    if double(1) > 0:
        for x in table["a"]:
            groups["a"].append(x)
            break
        for x in table["b"]:
            groups["b"].append(x)
            break
    return list(table["a"]), list(table["b"]), dict(groups)


@pydron.functional
def iterator_over(n):
    return iter(list(range(n)))


@case(3)
@pydron.schedule
def iterator_as_a_result(n):
    it = iterator_over(n)
    out = []
    if double(1) > 0:
        for x in it:
            out.append(x)
            break
    return out, list(it), list(it)


@case([1, 2, 3])
@pydron.schedule
def tested_for_membership(xs):
    it = iter(xs)
    found = double(1) in it
    return found, list(it)
