"""A nested function may do anything when it is called."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    scale = 3

    def scaled(x):
        return x * scale

    y = f(1)
    return scaled(y)
