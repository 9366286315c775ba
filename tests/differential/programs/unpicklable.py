"""Arguments and results that cannot travel: the call runs in the driver, in order."""

import io
import sys
import threading

import pydron
from case import case

LOG = []
LOCK = threading.Lock()


@pydron.functional
def f(x):
    return x + 1


@pydron.functional
def with_lock(lock, x):
    return lock.locked(), x


@pydron.functional
def makes_lock(x):
    return threading.Lock()


@pydron.functional
def makes_generator(n):
    return (i * i for i in range(n))


@pydron.functional
def mode_of(handle):
    return handle.mode, handle.closed


@pydron.functional
def apply(function, x):
    return function(x)


@pydron.functional
def uses_global_lock(x):
    with LOCK:
        return x * 2


@pydron.functional
def consume(g):
    return list(g)


class Stubborn:
    def __init__(self, x):
        self.x = x

    def __reduce__(self):
        raise TypeError("I stay here")


class LocalError(Exception):
    def __init__(self, a, b):
        super().__init__(f"{a} and {b}")
        self.a, self.b = a, b


@pydron.functional
def stubborn(x):
    return Stubborn(x)


@pydron.functional
def raises_local(x):
    raise LocalError(x, x + 1)


@pydron.functional
def raises_unpicklable(x):
    e = ValueError("holds a lock")
    e.lock = threading.Lock()
    raise e


@case([1, 2])
@pydron.schedule
def lock_as_argument(items):
    lock = threading.Lock()
    out = []
    for x in items:
        out.append(with_lock(lock, x))
        out.append(f(x))
    return out


@case([1, 2])
@pydron.schedule
def lock_as_result(items):
    locks = [makes_lock(x) for x in items]
    return [lock.locked() for lock in locks], f(1)


@case(3)
@pydron.schedule
def generator_as_result(n):
    g = makes_generator(n)
    return next(g), list(g)


@case(3)
@pydron.schedule
def generator_as_argument(n):
    g = (i for i in range(n))
    a = consume(g)
    b = consume(g)
    return a, b


@case(3)
@pydron.schedule
def file_as_argument(n):
    import os

    with open(os.__file__, "rb") as handle:
        a = mode_of(handle)
        first = handle.readline()
        b = mode_of(handle)
        return a, b, len(first)


@case(3)
@pydron.schedule
def lambda_as_argument(n):
    k = f(10)
    return apply(lambda x: x + k, n), apply(f, n), apply(str, n), apply([1, 2, 3].index, n)


@case([1, 2])
@pydron.schedule
def global_lock_in_function(items):
    return [uses_global_lock(x) for x in items]


@case(1)
@pydron.schedule
def object_that_refuses(x):
    s = stubborn(x)
    return s.x, with_lock(LOCK, s.x), f(s.x)


@case(1)
@pydron.schedule
def own_exception_with_two_arguments(x):
    try:
        raises_local(x)
    except LocalError as e:
        return e.a, e.b, str(e), type(e) is LocalError


@case(1)
@pydron.schedule
def own_exception_surfaces(x):
    return raises_local(x)


@case(1)
@pydron.schedule
def unpicklable_exception(x):
    try:
        raises_unpicklable(x)
    except ValueError as e:
        return str(e), type(e).__name__


@case(1)
@pydron.schedule
def string_io_is_changed(x):
    buffer = io.StringIO()
    buffer.write(str(f(x)))
    print(f(x), file=buffer)
    return buffer.getvalue()


@case(1)
@pydron.schedule
def unpicklable_among_results(x):
    out = []
    for i in range(4):
        if i == 2:
            out.append(makes_generator(i))
        out.append(f(i))
    return out[:2], list(out[2]), out[3:]


@case(1)
@pydron.schedule
def error_in_call_that_stays_here(x):
    LOG.append("before")
    a = with_lock(None, x)
    LOG.append("never")
    return a


@case(1)
@pydron.schedule
def pending_beside_a_lock(x):
    lock = threading.Lock()
    y = f(x)
    return with_lock(lock, y), with_lock(lock, [f(y)])


@case(1)
@pydron.schedule
def modules_travel(x):
    return apply(lambda n: sys.maxsize > n, x)
