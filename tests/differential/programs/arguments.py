"""Ways to pass arguments, to functional functions and to pipelines."""

import pydron
from case import case

LOG = []


@pydron.functional
def f(a, b=2, *args, c=3, **kwargs):
    return a, b, args, c, kwargs


@pydron.functional
def g(x, /, y, *, z):
    return x + 10 * y + 100 * z


@pydron.functional
def default_list(x, seen=[]):
    return [x, *seen]


@pydron.functional
def inc(x):
    return x + 1


@pydron.functional
def frozen(xs, table=None):
    return tuple(xs), sorted((table or {}).items())


def noisy(x):
    LOG.append(x)
    return x


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def keyword_arguments(items):
    out = []
    for x in items:
        out.append(f(x, c=x + 1, extra=inc(x)))
    return out


@case([1, 2, 3, 4])
@pydron.schedule
def star_arguments(items):
    rest = [inc(x) for x in items]
    return f(*items), f(*rest), f(0, *rest[:2], c=1), f(*items, *rest, **{"k": inc(1)}), f(**{"a": 1, "z": rest})


@case(1)
@pydron.schedule
def keyword_only(x):
    return g(x, inc(x), z=inc(inc(x))), g(x, y=1, z=2)


@case(1, 2, kwargs={"named": 5})
@pydron.schedule
def pipeline_parameters(a, b, *rest, c=4, named, **more):
    return inc(a), b, rest, c, inc(named), more


@case(1, 2, 3, 4, kwargs={"named": 5, "other": [6]})
@pydron.schedule
def pipeline_parameters_all(a, b, *rest, c=4, named, **more):
    total = 0
    for r in rest:
        total += inc(r)
    more["other"].append(inc(a))
    return total, more


@case(1)
@pydron.schedule
def missing_argument(x):
    a = inc(x)
    LOG.append("before")
    b = g(a)
    LOG.append("never")
    return b


@case(1)
@pydron.schedule
def unexpected_keyword(x):
    return inc(x, nonsense=1)


@case()
@case(1, 2)
@case(kwargs={"x": 1, "y": 2})
@pydron.schedule
def wrong_call_of_pipeline(x):
    return inc(x)


@case(1)
@pydron.schedule
def order_of_evaluation(x):
    return f(noisy("a"), noisy("b"), *noisy(["c"]), c=noisy("d"), **noisy({"e": inc(x)}))


@case(1)
@pydron.schedule
def arguments_with_default_list(x):
    return default_list(x), default_list(inc(x)), default_list(x, [inc(x)])


@case([1], {"k": 1})
@pydron.schedule
def arguments_are_a_snapshot(items, table):
    a = frozen(items, table)
    items.append(2)
    table["k"] = "changed"
    b = frozen(items, table)
    items.append(3)
    return a, b


@case([1])
@pydron.schedule
def pending_arguments_are_a_snapshot(items):
    out = [inc(1)]
    a = frozen(out)
    out.append(inc(2))
    b = frozen(out)
    out[0] = inc(100)
    return a, b, out


@pydron.schedule
def with_defaults(x, step=10, names=("a", "b")):
    return [inc(x + step) for _ in names]


@case(parallel=2)
def defaults_of_a_pipeline():
    return with_defaults(1), with_defaults(1, step=2), with_defaults(1, names=[])


@case(1)
@pydron.schedule
def duplicate_keyword(x):
    return f(x, **{"c": 1}, **{"d": 2}), f(x, c=2, **{"c": 1})
