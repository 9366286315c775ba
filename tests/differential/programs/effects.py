"""Calls that nothing is known about, mixed with functional ones: in order, exactly once."""

import os
import random
import time

import pydron
from case import case

LOG = []
STATE = {"n": 0}
COUNTER = 0


def note(x):
    LOG.append(x)
    return x


def bump():
    STATE["n"] += 1
    return STATE["n"]


def noted_error(x):
    LOG.append(x)
    raise RuntimeError(f"after {x}")


class Account:
    def __init__(self):
        self.balance = 0

    def deposit(self, x):
        LOG.append(f"deposit {x}")
        self.balance += x
        return self.balance


@pydron.functional
def f(x):
    return x * 2


@pydron.functional
def reads_global(x):
    return x, STATE["n"], COUNTER


@case([1, 2, 3])
@pydron.schedule
def notes_between_calls(items):
    out = []
    for x in items:
        note(f"start {x}")
        y = f(x)
        note(f"called {x}")
        out.append(note(y))
    return out


@case([1, 2, 3])
@pydron.schedule
def opaque_results_feed_calls(items):
    out = []
    for x in items:
        out.append(f(bump() + x))
    return out, bump()


@case()
@pydron.schedule
def effect_after_failed_call():
    note("one")
    x = f(None)
    note("two")
    return x


@case()
@pydron.schedule
def error_in_opaque_call():
    a = f(1)
    noted_error("effect")
    note("never")
    return a


@case()
@pydron.schedule
def task_error_before_opaque_error():
    a = f(None)
    noted_error("never")
    return a


@case([1, 2, 3])
@pydron.schedule
def methods_with_effects(items):
    account = Account()
    out = []
    for x in items:
        out.append(account.deposit(f(x)))
    return out, account.balance


@case([1, 2, 3])
@pydron.schedule
def functional_reads_changed_global(items):
    global COUNTER
    out = []
    for x in items:
        out.append(reads_global(x))
        bump()
        COUNTER += 10
    return out


@case([1, 2])
@pydron.schedule
def seeded_random(items):
    random.seed(7)
    a = [f(random.random()) for _ in items]
    b = random.randint(0, 1000)
    return a, b, random.choice(items)


@case([1, 2])
@pydron.schedule
def environment(items):
    os.environ["DIFFERENTIAL_X"] = str(f(1))
    try:
        return os.environ["DIFFERENTIAL_X"], os.environ.get("DIFFERENTIAL_Y")
    finally:
        del os.environ["DIFFERENTIAL_X"]


@case([1, 2])
@pydron.schedule
def time_passes(items):
    start = time.perf_counter()
    x = f(1)
    time.sleep(0.001)
    return x, time.perf_counter() - start > 0


@case([1, 2, 3])
@pydron.schedule
def callbacks(items):
    def each(function):
        return [function(x) for x in items]

    return each(f), each(note), each(lambda x: note(f(x)))


@case([3, 1, 2])
@pydron.schedule
def key_function_with_effects(items):
    items.sort(key=note)
    return max(items, key=lambda x: note(f(x)))


@case([1, 2])
@pydron.schedule
def effects_in_conditions(items):
    out = []
    for x in items:
        if note(x) and f(x) > 2 and note("second"):
            out.append(x)
        elif note("else"):
            out.append(-x)
    return out


@case([1, 2])
@pydron.schedule
def effects_in_nested_pipelines(items):
    for x in items:
        note(part(x))
    return list(LOG)


@pydron.schedule
def part(x):
    note(f"in {x}")
    y = f(x)
    note(f"out {x}")
    return y


@case()
@pydron.schedule
def exec_and_eval():
    x = f(4)
    exec("LOG.append(x)")
    return eval("x + 1"), sorted(locals())


@case()
@pydron.schedule
def reads_locals():
    a = f(1)
    b = [f(2)]
    return dict(locals())


@case()
@pydron.schedule
def setattr_and_getattr():
    account = Account()
    setattr(account, "name", f("x"))
    return getattr(account, "name"), getattr(account, "none", f(1)), hasattr(account, "name"), vars(account)
