"""Unpacking a result waits for it, outside of the program."""

import pydron
from tasks import f, split


@pydron.schedule
def pipeline(x):
    a, b = split(x)
    c, (d, *e) = split(a), split(b)
    return f(b), c, d, e
