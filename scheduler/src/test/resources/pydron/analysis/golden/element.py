"""An element of a list of results: only its own task is waited for."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    ys = [f(x) for x in xs]
    first = ys[0]
    last = f(ys[-1])
    return first + 1, last
