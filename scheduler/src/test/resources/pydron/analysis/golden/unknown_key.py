"""A key function that nothing is known about."""

import pydron
from tasks import f, key


@pydron.schedule
def pipeline(xs):
    ys = [f(x) for x in xs]
    return max(ys, key=key)
