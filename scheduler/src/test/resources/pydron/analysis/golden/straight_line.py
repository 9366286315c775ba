"""Calls that do not need one another overlap; one that does carries the result."""

import pydron
from tasks import f, g


@pydron.schedule
def pipeline(x):
    a = f(x)
    b = f(a)
    c = g(x)
    return b, c
