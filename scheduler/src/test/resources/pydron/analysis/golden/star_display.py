"""Results unpacked into a display."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(x):
    xs = [f(x), f(2)]
    more = [0, *xs]
    return f(more), (*xs, 1)
