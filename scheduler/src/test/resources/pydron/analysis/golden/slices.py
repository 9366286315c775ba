"""Slices of lists of results."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    ys = [f(x) for x in xs]
    even = ys[::2]
    return f(even), f(ys[1:3])
