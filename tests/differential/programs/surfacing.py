"""Which exception surfaces, where, and what has happened by then."""

import time

import pydron
from case import case

LOG = []
COUNT = 0


@pydron.functional
def fail(message, after=0.0):
    time.sleep(after)
    raise ValueError(message)


@pydron.functional
def helper_fails(x):
    def inner(y):
        return [][y]

    return inner(x)


@pydron.functional
def ok(x):
    return x


@pydron.functional
def chained(x):
    try:
        {}[x]
    except KeyError as e:
        raise RuntimeError("no such thing") from e


@pydron.functional
def noted(x):
    error = LookupError("with attributes")
    error.where = [x]
    raise error


@pydron.functional
def os_error(path):
    return open(path)


@pydron.functional
def exits(x):
    raise SystemExit(x)


@pydron.functional
def stops(x):
    raise StopIteration(x)


@case()
@pydron.schedule
def slow_first_wins():
    a = fail("first", 0.05)
    b = fail("second")
    return a, b


@case()
@pydron.schedule
def effects_before_and_after():
    global COUNT
    LOG.append("one")
    COUNT += 1
    a = fail("stop", 0.02)
    LOG.append("two")
    COUNT += 1
    return a


@case()
@pydron.schedule
def error_then_output():
    print("before")
    a = fail("stop", 0.02)
    print("after", ok(1))
    return a


@case()
@pydron.schedule
def result_never_used():
    fail("still raised")
    return ok(1)


@case([1, 2, 3])
@pydron.schedule
def error_in_one_of_many(items):
    out = []
    for x in items:
        if ok(x) == 2:
            out.append(fail(f"item {x}"))
        out.append(ok(x))
        LOG.append(x)
    return out


@case()
@pydron.schedule
def deep_traceback():
    x = ok(5)
    return helper_fails(
        x
    )


@case()
@pydron.schedule
def cause_from_task():
    return chained("key")


@case()
@pydron.schedule
def attributes_from_task():
    return noted(3)


@case()
@pydron.schedule
def os_error_from_task():
    return os_error("/nonexistent/file")


@case()
@pydron.schedule
def system_exit_from_task():
    return exits(4)


@case()
@pydron.schedule
def stop_iteration_from_task():
    return stops(4)


@case()
@pydron.schedule
def type_error_in_operator():
    a = ok("x")
    b = ok(1)
    LOG.append("before")
    c = a + b
    LOG.append("never")
    return c


@case()
@pydron.schedule
def zero_division_in_operator():
    a = ok(0)
    total = 0
    for i in range(3):
        total += 1 / ok(2 - i)
        total += 1 / (ok(i) - 1)
    return a, total


@case()
@pydron.schedule
def key_error_in_subscript():
    table = {"a": ok(1)}
    out = []
    for k in "ab":
        out.append(table[k])
        LOG.append(k)
    return out


@case()
@pydron.schedule
def index_error_in_parked_list():
    out = []
    for i in range(3):
        out.append(ok(i))
    out[7] = 1
    return out


@case()
@pydron.schedule
def attribute_error_of_result():
    a = ok(3)
    return a.nonsense


@case()
@pydron.schedule
def result_is_not_callable():
    f = ok(3)
    return f(1)


@case()
@pydron.schedule
def operator_error_before_task_error():
    a = ok("x")
    b = a - 1
    c = fail("later in the program")
    return b, c


@case()
@pydron.schedule
def task_error_before_operator_error():
    c = fail("earlier in the program", 0.03)
    b = ok("x") - 1
    return b, c


@case()
@pydron.schedule
def error_in_condition():
    LOG.append("a")
    if ok(None) > 3:
        LOG.append("b")
    LOG.append("c")


@case()
@pydron.schedule
def error_in_loop_iterable():
    for x in ok(None):
        LOG.append(x)


@case()
@pydron.schedule
def unhashable_result_as_key():
    d = {}
    d[ok("k")] = 1
    d[ok([1])] = 2
    return d


@case()
@pydron.schedule
def raising_non_exception():
    raise ok(3)


@case()
@pydron.schedule
def error_with_open_calls_behind():
    first = fail("quick")
    rest = []
    for i in range(20):
        rest.append(ok(i))
    return first, rest


@case()
def run_after_a_failed_run():
    out = []
    for p in (slow_first_wins, deep_traceback):
        try:
            p()
        except Exception as e:
            out.append((type(e).__name__, str(e)))
    return out, result_ok([1, 2])


@pydron.schedule
def result_ok(items):
    return [ok(x) for x in items]


@case()
@pydron.schedule
def multi_line_expression():
    values = [
        ok(1),
        ok(2)
        + fail("on this line"),
    ]
    return values


@case()
@pydron.schedule
def error_inside_lambda():
    f = lambda x: ok(x) / 0
    return f(1)
