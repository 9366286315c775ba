"""What the golden programs call. `f`, `g`, `good`, `split` become tasks; of `save` nothing is known."""

import pydron


@pydron.functional
def f(x, *more, **named):
    return x


@pydron.functional
def g(x, y=0):
    return x


@pydron.functional
def good(x):
    return True


@pydron.functional
def split(x):
    return x, x


SAVED = []


def save(x):
    SAVED.append(x)


def key(x):
    SAVED.append(x)
    return x


def scaled(x, by=2):
    return x * by


def total(xs):
    found = 0
    for x in xs:
        found += scaled(x)
    return found
