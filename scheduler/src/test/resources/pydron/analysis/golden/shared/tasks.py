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


def save(x):
    pass


def key(x):
    return x
