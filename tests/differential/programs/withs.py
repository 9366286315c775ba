"""with: own context managers that record the order, and the standard library's."""

import contextlib

import pydron
from case import case

LOG = []


class Step:
    def __init__(self, name, swallow=False, fail_on=""):
        self.name, self.swallow, self.fail_on = name, swallow, fail_on

    def __enter__(self):
        LOG.append(f"enter {self.name}")
        if self.fail_on == "enter":
            raise ValueError("enter failed")
        return self

    def __exit__(self, kind, error, traceback):
        LOG.append(f"exit {self.name} {kind.__name__ if kind else None} {error}")
        if self.fail_on == "exit":
            raise ValueError("exit failed")
        return self.swallow


@contextlib.contextmanager
def section(name):
    LOG.append(f"begin {name}")
    try:
        yield name.upper()
    finally:
        LOG.append(f"end {name}")


@pydron.functional
def work(x):
    if x < 0:
        raise ValueError(f"negative {x}")
    return x + 1


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def calls_inside_with(items):
    out = []
    with Step("all") as s:
        for x in items:
            out.append(work(x))
    return out, s.name


@case([1, 2, 3])
@pydron.schedule
def with_inside_loop(items):
    out = []
    for x in items:
        with Step(str(x)):
            out.append(work(x))
            LOG.append("inside")
    return out


@case([1, -2, 3])
@pydron.schedule
def error_leaves_with(items):
    out = []
    with Step("outer"), Step("inner") as inner:
        for x in items:
            out.append(work(x))
            LOG.append(x)
    return out, inner


@case([1, -2, 3])
@pydron.schedule
def swallowed(items):
    out = []
    for x in items:
        with Step("s", swallow=True):
            out.append(work(x))
            LOG.append(x)
    return out


@case([1, -2, 3])
@pydron.schedule
def suppress(items):
    out = []
    for x in items:
        with contextlib.suppress(ValueError):
            out.append(work(x))
    return out


@case([1, -2])
@pydron.schedule
def contextmanager_function(items):
    out = []
    for x in items:
        with section(f"s{x}") as name:
            out.append((name, work(x)))
    return out


@case(1)
@pydron.schedule
def return_inside_with(x):
    with Step("r"):
        y = work(x)
        return y
    return "never"


@case([1, 2, 3])
@pydron.schedule
def break_inside_with(items):
    for x in items:
        with Step(str(x)):
            if work(x) == 3:
                break
    return x


@case(1)
@pydron.schedule
def enter_fails(x):
    a = work(x)
    with Step("ok"), Step("bad", fail_on="enter"):
        LOG.append("never")
    return a


@case(1)
@case(-1)
@pydron.schedule
def exit_fails(x):
    with Step("bad", fail_on="exit"):
        a = work(x)
        LOG.append("body")
    return a


@case("text")
@pydron.schedule
def files(text, ):
    import os
    import tempfile

    handle, path = tempfile.mkstemp()
    os.close(handle)
    with open(path, "w") as out:
        for i in range(3):
            out.write(f"{text} {work(i)}\n")
    with open(path) as back:
        lines = [line.strip() for line in back]
    os.remove(path)
    return lines


@case(2)
@pydron.schedule
def with_target_is_a_tuple(x):
    with contextlib.nullcontext((work(x), 5)) as (a, b):
        c = work(a)
    return a, b, c


@case(-2)
@pydron.schedule
def try_inside_with_inside_try(x):
    try:
        with Step("w"):
            try:
                work(x)
            finally:
                LOG.append("finally")
    except ValueError as e:
        LOG.append(str(e))
    return LOG[-1]


@case(2)
@pydron.schedule
def lock_and_stack(x):
    import threading

    lock = threading.Lock()
    out = []
    with contextlib.ExitStack() as stack:
        stack.enter_context(lock)
        stack.callback(LOG.append, "callback")
        out.append(work(x))
        LOG.append("in stack")
    return out, lock.locked()
