"""Comprehensions, and generator expressions that a builtin consumes."""

import pydron
from case import case

LOG = []


@pydron.functional
def cube(x):
    return x ** 3


@pydron.functional
def good(x):
    return x % 3 != 0


@pydron.functional
def name(x):
    return f"n{x}"


@pydron.functional
def broken(x):
    return 1 / (x - 2)


@case([1, 2, 3, 4], parallel=4)
@case([])
@pydron.schedule
def list_comprehension(items):
    return [cube(x) for x in items]


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def dict_comprehension(items):
    return {x: cube(x) for x in items}


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def dict_comprehension_with_result_keys(items):
    return {name(x): cube(x) for x in items}


@case([1, -1, 2, 1], parallel=4)
@pydron.schedule
def set_comprehension(items):
    return {cube(x) for x in items}


@case([1, 2, 3, 4, 5, 6], parallel=4)
@pydron.schedule
def filtered_by_result(items):
    return [cube(x) for x in items if good(x)]


@case([1, 2, 3, 4, 5, 6])
@pydron.schedule
def filtered_before_call(items):
    return [cube(x) for x in items if x % 2 if x > 1]


@case([1, 2, 3], [4, 5], parallel=4)
@pydron.schedule
def two_loops(a, b):
    return [cube(x) + y for x in a for y in b]


@case([[1, 2], [3], []], parallel=3)
@pydron.schedule
def nested_comprehension(rows):
    return [[cube(x) for x in row] for row in rows]


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def sum_of_generator(items):
    return sum(cube(x) for x in items)


@case([1, 2, 3, 4])
@pydron.schedule
def consumed_by_builtins(items):
    return (
        max(cube(x) for x in items),
        min(cube(-x) for x in items),
        list(cube(x) for x in items),
        tuple(cube(x) for x in items),
        set(cube(x) for x in items),
        frozenset(cube(x) for x in items),
        sorted((cube(x) for x in items), reverse=True),
        dict((x, cube(x)) for x in items),
        sum((cube(x) for x in items), 100),
        ", ".join(name(x) for x in items),
        "".join([name(x) for x in items]),
        len([cube(x) for x in items]),
    )


@case([3, 6, 7, 9])
@pydron.schedule
def any_and_all(items):
    return any(good(x) for x in items), all(good(x) for x in items), any(good(x) for x in []), all(good(x) for x in [])


@case([1, 3, 2, 5])
@pydron.schedule
def any_stops_before_the_error(items):
    return any(broken(x) > 0.9 for x in [3, 2]), all(broken(x) > 0 for x in [1, 2])


@case([3, 4, 2, 5])
@pydron.schedule
def error_in_comprehension(items):
    LOG.append("before")
    return [broken(x) for x in items]


@case([3, 4, 2, 5])
@pydron.schedule
def error_in_generator(items):
    return sum(broken(x) for x in items)


@case([1, 2, 3])
@pydron.schedule
def variable_does_not_leak(items):
    x = "outer"
    y = [cube(x) for x in items]
    return x, y


@case([1, 2, 3])
@pydron.schedule
def comprehension_over_results(items):
    a = [cube(x) for x in items]
    b = [cube(x) for x in a]
    return [x + y for x, y in zip(a, b)], {x: y for x, y in zip(items, b)}


@case([1, 2, 3])
@pydron.schedule
def first_of_generator(items):
    return next(cube(x) for x in items), next((x for x in items if cube(x) > 100), "none")


@case([1, 2, 3])
@pydron.schedule
def generator_passed_on(items):
    g = (cube(x) for x in items)
    first = next(g)
    LOG.append(first)
    return first, list(g), list(g)


@case([1, 2, 3])
@pydron.schedule
def closure_in_comprehension(items):
    factor = cube(2)
    return [cube(x) * factor for x in items], [f() for f in [lambda x=x: cube(x) + factor for x in items]]


@case([1, 2, 3])
@pydron.schedule
def effects_in_comprehension(items):
    return [(LOG.append(x), cube(x))[1] for x in items]


@case([2, 3, 4])
@pydron.schedule
def walrus_in_comprehension(items):
    kept = [y for x in items if (y := cube(x)) > 10]
    return kept, y


@case([2, 3, 4])
@pydron.schedule
def sum_of_lists(items):
    return sum([[x, cube(x)] for x in items], [])
