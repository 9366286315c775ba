"""A list comprehension becomes a loop."""

import pydron
from tasks import f, good


@pydron.schedule
def pipeline(xs):
    ys = [f(x) for x in xs]
    zs = [f(y) for y in ys if good(y)]
    return zs
