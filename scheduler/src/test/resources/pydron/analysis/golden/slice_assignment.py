"""Changing a slice of a local list."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    ys = [f(x) for x in xs]
    ys[1:2] = [0, 1]
    ys[0] += f(5)
    del ys[-1]
    return ys
