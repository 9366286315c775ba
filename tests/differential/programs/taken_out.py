"""Results that are taken out of a container in the middle of an expression."""

from collections import defaultdict, deque
from dataclasses import dataclass

import pydron
from case import case


@pydron.functional
def f(x):
    return x * 2 + 1


@dataclass
class Rec:
    value: int


@case([1, 2, 3])
@pydron.schedule
def pop_of_a_list(items):
    xs = [f(x) for x in items]
    return 1 + xs.pop(), -xs.pop(0), [xs.pop(), xs]


@case(4)
@pydron.schedule
def pop_of_a_display(x):
    n = 1
    n += [f(x)].pop()
    star = Rec(1)
    star.value += [f(n)].pop()
    row = [1]
    row[0] += [f(x), f(n)].pop(0)
    return n, star, row, 1 + {"a": f(x)}.pop("a"), not [f(x)].pop()


@case(4)
@pydron.schedule
def out_of_dictionaries(x):
    d = {"a": f(x), "b": f(x + 1)}
    first = d.setdefault("a", 0) + 1
    second = d.setdefault("c", f(x)) * 2
    third = d.pop("b") - d.pop("none", 1)
    last = d.popitem()[1] + 1
    return first, second, third, last, d


@case(4)
@pydron.schedule
def out_of_others(x):
    q = deque([f(x), f(x + 1), f(x + 2)])
    d = defaultdict(list)
    d["a"].append(f(x))
    d["a"].append(f(x + 1))
    return q.popleft() + 1, q.pop() * 2, q, d["a"].pop() + 1, d


@case([3, 1, 2])
@pydron.schedule
def as_a_condition(items):
    xs = [f(x) for x in items]
    found = []
    while xs and xs.pop() > 3:
        found.append(len(xs))
    if [f(x) for x in items].pop() == 5:
        found.append("five")
    return found, xs, f"{[f(1)].pop()}", [i for i in range([f(1)].pop())]


@case([3, 1, 2])
@pydron.schedule
def as_an_argument(items):
    xs = [f(x) for x in items]
    a = f(xs.pop())
    b = f(f(xs.pop()) + xs.pop())
    return a, b, max([f(1)].pop(), 2), (lambda x: x)([f(1)].pop())


@case([1, 2, 3, 4, 5, 6], parallel=4)
@pydron.schedule
def groups_stay_parallel(items):
    groups = {}
    for x in items:
        groups.setdefault(x % 2, []).append(f(x))
    return groups
