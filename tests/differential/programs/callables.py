"""Functional functions as values: arguments, partials, methods."""

import functools
import operator
from dataclasses import dataclass

import pydron
from case import case


@pydron.functional
def scale(x, k=2):
    return x * k


@pydron.functional
def apply(function, *args):
    return function(*args)


@pydron.functional
def calls_another(x):
    return scale(x) + scale(x, 5)


@pydron.functional
def calls_pipeline(x):
    return total([x, x + 1])


@pydron.schedule
def total(items):
    t = 0
    for x in items:
        t += scale(x)
    return t


@pydron.schedule
def apply_all(function, items):
    out = []
    for x in items:
        out.append(function(x))
    return out


@dataclass
class Model:
    k: int

    @pydron.functional
    def fit(self, x):
        return self.k * x

    def plain(self, x):
        return self.k + x


@case([1, 2, 3, 4], parallel=4)
def functional_as_argument(items):
    return apply_all(scale, items)


@case([1, 2])
def other_callables_as_argument(items):
    return apply_all(str, items), apply_all(lambda x: -x, items), apply_all(Model(3).plain, items), apply_all(total, [[1], [2, 3]])


@case([1, 2, 3, 4])
@pydron.schedule
def partials(items):
    thrice = functools.partial(scale, k=3)
    return [thrice(x) for x in items], list(map(thrice, items)), apply(thrice, 5)


@case([1, 2, 3])
@pydron.schedule
def functional_method_of_dataclass(items):
    m = Model(7)
    out = []
    for x in items:
        out.append(m.fit(x))
    m.k = 8
    out.append(m.fit(1))
    return out


@case([1, 2, 3])
@pydron.schedule
def functional_calls_functional(items):
    return [calls_another(x) for x in items], apply(scale, 3), apply(calls_another, 1)


@case([1, 2])
@pydron.schedule
def functional_calls_pipeline(items):
    return [calls_pipeline(x) for x in items]


@case([1, 2])
@pydron.schedule
def functions_in_containers(items):
    steps = [scale, calls_another, str, operator.neg]
    table = {s.__name__: s for s in steps}
    out = []
    for s in steps:
        out.append(s(items[1]))
    return out, {name: s(1) for name, s in table.items()}


@case([1, 2])
@pydron.schedule
def operator_module(items):
    a, b = scale(items[0]), scale(items[1])
    return operator.add(a, b), operator.itemgetter(1)([a, b]), operator.attrgetter("real")(a), operator.mul(a, b)


@case([1, 2, 3])
@pydron.schedule
def composed(items):
    def compose(*fs):
        def run(x):
            for fn in fs:
                x = fn(x)
            return x

        return run

    return [compose(scale, str, len)(x) for x in items]


@case([1, 2, 3])
@pydron.schedule
def functional_with_wrapper(items):
    def logged(function):
        @functools.wraps(function)
        def wrapper(*args):
            calls.append(args)
            return function(*args)

        return wrapper

    calls = []
    wrapped = logged(scale)
    return [wrapped(x) for x in items], calls
