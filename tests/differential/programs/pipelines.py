"""Pipelines that call pipelines, and themselves; closures and nested functions."""

import functools

import pydron
from case import case

LOG = []


@pydron.functional
def leaf(x):
    return x * 2


@pydron.functional
def merge(a, b):
    return a + b


@pydron.functional
def fail(x):
    raise KeyError(x)


@pydron.schedule
def inner(x):
    return merge(leaf(x), leaf(x + 1))


@pydron.schedule
def inner_list(n):
    out = []
    for i in range(n):
        out.append(leaf(i))
    return out


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def pipeline_calls_pipeline(items):
    out = []
    for x in items:
        out.append(inner(x))
    return out


@case(3)
@pydron.schedule
def pipeline_results_are_looked_at(n):
    values = inner_list(n)
    if len(values) > 2:
        values.append(inner(values[0]))
    return sum(values), values


@case([1, 2, 3, 4, 5, 6, 7], parallel=4)
@case([1])
@pydron.schedule
def tree_reduction(items):
    if len(items) == 1:
        return leaf(items[0])
    middle = len(items) // 2
    return merge(tree_reduction(items[:middle]), tree_reduction(items[middle:]))


@case(5, parallel=2)
@pydron.schedule
def fibonacci(n):
    if n < 2:
        return leaf(n)
    return fibonacci(n - 1) + fibonacci(n - 2)


@case(6)
@pydron.schedule
def even_then_odd(n):
    if n == 0:
        return ["end"]
    return [leaf(n)] + odd_then_even(n - 1)


@pydron.schedule
def odd_then_even(n):
    if n == 0:
        return ["odd end"]
    rest = even_then_odd(n - 1)
    rest.append(leaf(-n))
    return rest


@case(4)
@pydron.schedule
def counts_down(n):
    LOG.append(n)
    return 0 if n == 0 else merge(1, counts_down(n - 1))


@case([3, 1, 2], parallel=3)
@pydron.schedule
def closure_over_results(items):
    base = leaf(100)

    def shifted(x):
        return leaf(x) + base

    out = []
    for x in items:
        out.append(shifted(x))
    return out


@case([3, 1, 2])
@pydron.schedule
def nested_function_changes_enclosing(items):
    total = 0

    def count(x):
        nonlocal total
        total += leaf(x)
        return total

    return [count(x) for x in items], total


@case([3, 1, 2])
@pydron.schedule
def closure_sees_later_value(items):
    def get():
        return late

    late = leaf(1)
    first = get()
    late = leaf(2)
    return first, get(), [leaf(x) for x in items]


@case([3, 1, 2])
@pydron.schedule
def lambdas(items):
    f = lambda x, k=leaf(3): leaf(x) + k
    late = [lambda: leaf(x) for x in items]
    return [f(x) for x in items], [g() for g in late], (lambda: leaf(items[0]))()


@case([3, 1], parallel=2)
@pydron.schedule
def functional_defined_inside(items):
    k = leaf(5)

    @pydron.functional
    def plus(x):
        return x + k

    out = []
    for x in items:
        out.append(plus(x))
    return out


@case([3, 1])
@pydron.schedule
def pipeline_defined_inside(items):
    @pydron.schedule
    def part(xs):
        return [leaf(x) for x in xs]

    return part(items), part(part(items))


def make_pipeline(step):
    @pydron.schedule
    def made(items):
        out = []
        for x in items:
            out.append(leaf(x) + step)
        return out

    return made


@case(parallel=3)
def pipelines_from_a_factory():
    one, two = make_pipeline(1), make_pipeline(2)
    return one([1, 2, 3]), two([1, 2]), one([])


@case([1, 2])
@pydron.schedule
def error_in_nested_pipeline(items):
    LOG.append("start")
    out = [inner(x) for x in items]
    out.append(calls_fail(out[0]))
    LOG.append("never")
    return out


@pydron.schedule
def calls_fail(x):
    y = leaf(x)
    return fail(y)


@case([1, 2])
@pydron.schedule
def error_caught_around_pipeline(items):
    try:
        calls_fail(items[0])
        LOG.append("never")
    except KeyError as e:
        LOG.append(e.args)
    return inner(items[1])


@case([1, 2, 3])
@pydron.schedule
def pipeline_changes_its_argument(items):
    appends(items, 9)
    n = len(items)
    appends(items, n)
    return items


@pydron.schedule
def appends(target, x):
    target.append(leaf(x))


@case([1, 2, 3])
@pydron.schedule
def pipeline_result_shared(items):
    a = passes_through(items)
    a.append(leaf(1))
    return a is items, len(items)


@pydron.schedule
def passes_through(x):
    return x


@case(3)
@pydron.schedule
def pipeline_without_return(n):
    r = stores(n)
    return r, LOG[-1]


@pydron.schedule
def stores(n):
    LOG.append(leaf(n))


@case(12)
@pydron.schedule
def recursion_with_accumulator(n, acc=()):
    if n <= 0:
        return acc
    return recursion_with_accumulator(n - 4, acc + (leaf(n),))


@case()
def called_twice_and_from_plain_code():
    return inner(1), [inner(x) for x in range(2)], leaf(3), inner(leaf(1))


@case([1, 2])
@functools.lru_cache if False else lambda f: f
@pydron.schedule
def decorated_further(items):
    return [leaf(x) for x in items]
