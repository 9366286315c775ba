"""`any`, `all` and `next` of generator expressions: nothing behind the element that decides has happened."""

import pydron
from case import case

LOG = []


@pydron.functional
def double(x):
    return 2 * x


@pydron.functional
def add(x, y):
    return x + y


@pydron.functional
def inverse(x):
    return 1 / x


class Truth:
    def __init__(self, value):
        self.value = value

    def __bool__(self):
        LOG.append(("truth", self.value))
        return self.value > 2


@pydron.functional
def truth(x):
    return Truth(x)


def tell(x):
    LOG.append(x)
    return x


@case([1, 2, 3])
@case([])
@case([0])
@pydron.schedule
def one_of_each(xs):
    a = any(double(x) > 2 for x in xs)
    b = all(double(x) > 2 for x in xs)
    c = next((x for x in xs if double(x) > 2), None)
    d = next((double(x) for x in xs), "none")
    return a, b, c, d


@case([4, 1, 0])
@case([1, 0])
@case([0.25, 0])
@pydron.schedule
def failures_behind_it_have_never_happened(xs):
    return any(inverse(x) > 2 for x in xs)


@case([1, 2, 0])
@case([2, 1, 0])
@pydron.schedule
def failures_before_it_have(xs):
    LOG.append("before")
    try:
        return all(inverse(x) < 1 for x in xs), next((x for x in xs if inverse(x) == 4), -1)
    except ZeroDivisionError as error:
        return str(error)
    finally:
        LOG.append("after")


@case([1, 2, 3, 4])
@pydron.schedule
def what_is_left_of_an_iterator(xs):
    it = iter(xs)
    a = any(double(x) == 4 for x in it)
    rest = list(it)
    other = iter(xs)
    b = next((double(x) for x in other if add(x, 1) > 2), 0)
    return a, rest, b, list(other)


@case([1, 2, 3])
@pydron.schedule
def effects_up_to_it(xs):
    a = any(double(tell(x)) == 4 for x in xs)
    b = all(double(x) < 4 for x in xs if tell(-x))
    c = next((tell(double(x)) for x in xs if double(x) > 2), tell("fall back"))
    return a, b, c


@case([1, 2, 3])
@pydron.schedule
def the_order_of_arguments(xs):
    def items():
        LOG.append("items")
        return xs

    return next((x for x in items() if double(x) > 10), tell(double(7)))


@case([1, 2])
@pydron.schedule
def nothing_to_fall_back_on(xs):
    first = next(double(x) for x in xs)
    try:
        return first, next(x for x in xs if double(x) > 10)
    except StopIteration as error:
        return first, error.args


@case([1, 2, 3], [2, 1, 0])
@pydron.schedule
def two_clauses(xs, ys):
    a = any(add(x, y) == 3 and tell((x, y)) for x in xs for y in ys)
    b = all(add(x, y) < 5 for x in xs if tell(x) for y in ys if y)
    c = next(((x, y) for x in xs for y in ys if add(x, y) == 4), (0, 0))
    d = next((add(x, y) for x in xs for y in range(x) if y), tell(None))
    return a, b, c, d


@case([1, 2, 3])
@pydron.schedule
def a_witness(xs):
    found = None
    if any((found := double(x)) > 3 for x in xs):
        return found
    return -1


@case([1, 2, 3, 4])
@pydron.schedule
def objects_with_a_truth_of_their_own(xs):
    a = any(truth(x) for x in xs)
    b = all(truth(5 - x) for x in xs)
    c = next((x for x in xs if truth(x)), None)
    return a, b, c


@case([1, 2, 3])
@pydron.schedule
def in_conditions(xs):
    kept = [x for x in xs if any(add(x, y) == 5 for y in xs)]
    count = 0
    while any(double(x) > 4 + count for x in xs):
        count += 1
    word = "some" if any(double(x) > 100 for x in xs) else "none"
    both = any(double(x) > 1 for x in xs) and all(double(x) > 1 for x in xs)
    neither = not (any(double(x) > 9 for x in xs) or tell(0))
    return kept, count, word, both, neither


@case([1, 2, 3])
@pydron.schedule
def names_of_its_own(xs):
    x = 100
    a = any(double(x) > 5 for x in xs)
    b = next((x for x in xs if double(x) > 2), x)
    keys = [next((x for x in [x] if double(x) > x), 0) for x in xs]
    functions = [next(((lambda: x) for x in xs if double(x) > 2), None)]
    return a, b, keys, x, functions[0]()


@case([1, 2, 3])
@pydron.schedule
def other_functions_of_that_name(xs):
    def any(items):
        return [tell(item) for item in items]

    return any(double(x) for x in xs)


@case([1, 2, 3])
@pydron.schedule
def the_end_of_an_iterator_within(xs):
    it = iter(xs)
    a = any(double(next(it)) > 100 for _ in range(2))
    try:
        return a, any(double(next(it)) > 100 for _ in range(5))
    except RuntimeError as error:
        return a, str(error)


@case({"a": 1, "b": 2})
@pydron.schedule
def changed_while_it_is_searched(d):
    def grow(x):
        d["c"] = x
        return False

    try:
        return any(grow(double(x)) for x in d.values())
    except RuntimeError as error:
        return str(error), d


@case(5, parallel=4)
@pydron.schedule
def all_at_a_time(n):
    return all(slow(i) < 100 for i in range(n))


@pydron.functional
def slow(i):
    import time

    time.sleep(0.15)
    return i


@case([3, 5, 8, 9])
@pydron.schedule
def primes(xs):
    out = []
    for x in xs:
        if all(add(x, 0) % k for k in range(2, x)):
            out.append(x)
    return out
