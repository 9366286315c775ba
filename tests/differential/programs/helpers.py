"""Functions without decorators, called by pipelines: some only compute a value, some do more."""

from dataclasses import dataclass, field

import pydron
from case import case

LOG = []
TABLE = {"a": 1, "b": 2}
FACTOR = 3


@pydron.functional
def double(x):
    return 2 * x


@pydron.functional
def values(n):
    return list(range(n))


def scaled(x, by=10):
    return x * by


def spread(xs):
    low = min(xs)
    high = low
    for x in xs:
        if x > high:
            high = x
    return high - low


def cleaned(xs):
    out = []
    for x in xs:
        if x >= 0:
            out.append(scaled(x))
    out.sort()
    return out


def checked(x):
    if x > 5:
        raise ValueError(f"{x} is too much")
    return x


def steps(n):
    return 0 if n <= 0 else 1 + steps(n - 2)


def first(xs):
    return xs[0]


def looked_up(x):
    return TABLE["a"] * FACTOR + x


def told(x):
    LOG.append(x)
    return x


def tells_by_another(x):
    return scaled(told(x))


def printed(x):
    print("seen", x)
    return x


def grown(xs):
    xs.append(len(xs))
    return xs


def grown_by_alias(xs):
    ys = xs
    for y in [ys]:
        y += [1]
    return len(xs)


def added(x, y):
    return x + y


def used_up(xs):
    return sum(xs)


def collected(x, into=[]):  # noqa: B006
    into.append(x)
    return list(into)


def counted():
    global COUNT
    COUNT += 1
    return COUNT


COUNT = 0


class Loud:
    def __init__(self, x):
        self.x = x

    def __add__(self, other):
        LOG.append(("add", self.x))
        return self.x + other

    def __mul__(self, other):
        LOG.append(("times", self.x))
        return self.x * other


@case([1, 2, 3, 4], parallel=4)
@case([])
@pydron.schedule
def before_and_after_calls(items):
    out = []
    total = 0
    for x in items:
        y = double(scaled(x))
        z = scaled(y, by=2)
        total += scaled(z)
        out.append(checked(steps(z % 7)))
    return out, total


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def of_lists(items):
    out = []
    for n in items:
        xs = values(n)
        out.append((spread(xs), cleaned(xs), looked_up(n)))
    return out, sorted(out, key=first), [scaled(double(n)) for n in items]


@case([1, 2, 3, 4])
@case([4, 2])
@pydron.schedule
def raises(items):
    out = []
    for x in items:
        y = double(x)
        out.append(checked(y))
        LOG.append(y)
    return out


@case([1, 2, 3])
@pydron.schedule
def effects_in_order(items):
    LOG.clear()
    out = []
    for x in items:
        y = double(x)
        out.append(told(y))
        LOG.append("next")
        out.append(tells_by_another(y))
        print(printed(y), counted())
    return out, LOG


@case([1, 2, 3])
@pydron.schedule
def changes_what_it_is_given(items):
    shared = []
    out = []
    for x in items:
        y = double(x)
        if y > 2:
            grown(shared)
        out.append(len(shared))
        out.append(grown_by_alias(shared))
    same = first([shared])
    same.append(double(1))
    return out, shared, collected(double(1)), collected(2)


@case([1, 2, 3])
@pydron.schedule
def returns_what_it_is_given(items):
    rows = [[double(x)] for x in items]
    row = first(rows)
    if double(1) > 1:
        row.append(5)
    inner = first(rows)
    inner.append(6)
    return rows, row is inner, first(row)


@case([1, 2, 3])
@pydron.schedule
def operators_that_say_so(items):
    LOG.clear()
    loud = Loud(3)
    out = []
    for x in items:
        y = double(x)
        out.append(added(loud, x))
        out.append(y)
        LOG.append(y)
        out.append(scaled(loud, 2))
    return out, LOG


@case(iter([1, 2, 3]), [1, 2])
@pydron.schedule
def uses_up_an_iterator(it, items):
    out = []
    if double(1) > 1:
        out.append(next(it))
    out.append(used_up(it))
    numbered = enumerate(items)
    pairs = []
    if double(2) > 1:
        for pair in numbered:
            pairs.append(pair)
            break
    return out, list(it), pairs, first(list(numbered))


@case(2)
@pydron.schedule
def defined_again(x):
    global scaled
    before = scaled(double(x))
    scaled = told
    try:
        return before, scaled(double(x))
    finally:
        scaled = KEPT


KEPT = scaled


@dataclass
class Tally:
    n: int = 0
    total: float = 0.0
    seen: list = field(default_factory=list)


def note_down(tally, x):
    tally.n += 1
    tally.total += x


def push(xs, x, *, front=False):
    if front:
        xs.insert(0, x)
    else:
        xs.append(x)
    return xs


def put(table, key, x):
    if key in table:
        raise KeyError(key)
    table[key] = [x]


def share(table):
    table["log"] = LOG


def touch_inside(rows):
    rows[0].append(1)


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def helpers_change_local_objects(items):
    tally = Tally()
    out = []
    table = {}
    for x in items:
        y = double(x)
        note_down(tally, y)
        push(out, y)
        push(xs=out, x=x, front=True)
        put(table, x, y)
    return tally, out, table


@case([1, 2, 3])
@case([1, 2, 1])
@pydron.schedule
def helpers_change_what_others_see(items):
    LOG.clear()
    table = {}
    for x in items:
        y = double(x)
        put(table, x, y)
        push(LOG, y)
        LOG.append("next")
    share(table)
    table["log"].append(double(2))
    return table, LOG


@case([[1], [2]], [3, 4])
@pydron.schedule
def helpers_change_arguments(rows, xs):
    same = push(xs, double(1))
    touch_inside(rows)
    if double(2) > 1:
        push(xs, 5)
    note = [double(x) for x in same]
    mine = [[double(3)], []]
    touch_inside(mine)
    first = mine[0]
    push(first, double(4))
    return rows, xs, same is xs, note, mine, first is mine[0]


@case([1, 2, 3])
@pydron.schedule
def helper_returns_what_it_changed(items):
    out = []
    for x in items:
        same = push(out, double(x))
        if double(1) > 1:
            same.append(x)
        out.append(len(same))
    return out, same is out
