"""Names: unbound, deleted, global, nonlocal, shadowed."""

import pydron
from case import case

LOG = []
TOTAL = 0
NAME = "module"


@pydron.functional
def f(x):
    return x + 1


@pydron.functional
def truth(x):
    return bool(x)


@case(0)
@case(1)
@pydron.schedule
def maybe_unbound(x):
    if truth(x):
        y = f(x)
    LOG.append("between")
    return y


@case([])
@case([1])
@pydron.schedule
def unbound_after_loop(items):
    for x in items:
        y = f(x)
    return x, y


@case(1)
@pydron.schedule
def used_before_assignment(x):
    LOG.append("start")
    print(later)
    later = f(x)
    return later


@case(1)
@pydron.schedule
def augmented_before_assignment(x):
    f(x)
    n += f(x)
    return n


@case(1)
@pydron.schedule
def deleted(x):
    y = f(x)
    z = y
    del y
    LOG.append(z)
    return y


@case(1)
@pydron.schedule
def deleted_elements(x):
    d = {"a": f(x), "b": f(x + 1), "c": 3}
    l = [f(0), f(1), f(2)]
    del d["a"], l[1]
    del d["missing"]
    return d, l


@case(1)
@pydron.schedule
def deleted_then_bound(x):
    y = f(x)
    del y
    y = f(x + 10)
    return y


@case(1)
@pydron.schedule
def undefined_global(x):
    a = f(x)
    return a + no_such_name


@case([1, 2])
@pydron.schedule
def global_statement(items):
    global TOTAL, CREATED
    for x in items:
        TOTAL += f(x)
    CREATED = TOTAL
    return TOTAL


@case([1, 2])
@pydron.schedule
def global_assigned_before_error(items):
    global TOTAL
    TOTAL = f(1)
    TOTAL = f("x")


@case([1, 2])
@pydron.schedule
def nonlocal_statement(items):
    n = f(0)

    def step():
        nonlocal n
        n = f(n)
        return n

    a = step()
    n += 10
    return a, step(), n


@case([1, 2])
@pydron.schedule
def shadowed_builtin(items):
    list = f(1)
    sum = [f(x) for x in items]
    max = lambda x: "mine"
    return list, sum, max(items)


@case([1, 2])
@pydron.schedule
def shadowed_functional(items):
    a = g(1)
    f = lambda x: "local"
    return a, f(1)


@pydron.functional
def g(x):
    return x * 3


@case([1, 2])
@pydron.schedule
def functional_as_local_name(items):
    h = g
    table = {"f": f, "g": g}
    return [h(x) for x in items], table["f"](1), [fn(2) for fn in (f, g)], (f if items else g)(3)


@case()
def functional_is_rebound_between_runs():
    global f
    before = uses_f(1)
    original = f
    f = lambda x: "rebound"
    after = uses_f(1)
    f = original
    return before, after, uses_f(1)


@pydron.schedule
def uses_f(x):
    return f(x)


@case([1, 2])
@pydron.schedule
def loop_variable_in_closure(items):
    fs = []
    for x in items:
        fs.append(lambda: f(x))
    return [h() for h in fs], x


@case([1, 2])
@pydron.schedule
def unicode_names(items):
    größe = f(1)
    π = [f(x) for x in items]
    return größe, π


@case(1)
@pydron.schedule
def parameter_rebound(x):
    for x in range(x, 4):
        x = f(x)
    return x


@case(0)
@pydron.schedule
def unbound_in_except(x):
    try:
        y = 1 // f(x - 1)
    except ZeroDivisionError:
        LOG.append("except")
    return y


@case(1)
@pydron.schedule
def class_scope(x):
    y = f(x)

    class C:
        y = y if False else NAME
        z = [f(i) for i in range(2)]

    return C.y, C.z, y


@case(True)
@case(False)
@pydron.schedule
def shared_with_what_is_never_reached(early):
    x = f(1)
    if early:
        return f(7)
        k = 3

    def sets():
        nonlocal k
        k = 5
        return k

    return sets() + x


@case(True)
@case(False)
@pydron.schedule
def shared_and_bound_elsewhere_too(early):
    x = f(1)
    while True:
        if early:
            break
        return f(7)
        k = 3
    ks = [k for k in (x, 4)]

    def asks():
        nonlocal k
        return k

    try:
        return asks(), ks
    except NameError as error:
        return str(error), ks
