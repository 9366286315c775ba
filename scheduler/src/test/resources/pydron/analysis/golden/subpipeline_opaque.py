"""A pipeline that does something in order blocks whoever calls it."""

import pydron
from tasks import f, save


@pydron.schedule
def inner(x):
    save(x)
    return f(x)


@pydron.schedule
def pipeline(xs):
    a = f(1)
    b = inner(a)
    return b
