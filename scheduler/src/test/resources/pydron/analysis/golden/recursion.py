"""A pipeline calls itself."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(x, depth):
    if depth == 0:
        return f(x)
    left = pipeline(x, depth - 1)
    right = pipeline(x + 1, depth - 1)
    return g_sum(left, right)


@pydron.functional
def g_sum(a, b):
    return a + b
