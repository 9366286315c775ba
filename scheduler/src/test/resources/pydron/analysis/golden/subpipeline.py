"""A pipeline calls a pipeline: nothing waits."""

import pydron
from tasks import f


@pydron.schedule
def inner(x):
    a = f(x)
    return a + 1


@pydron.schedule
def pipeline(xs):
    total = 0
    for x in xs:
        total += inner(x)
    return total
