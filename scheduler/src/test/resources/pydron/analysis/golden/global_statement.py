"""Assigning to the module."""

import pydron
from tasks import f


count = 0


@pydron.schedule
def pipeline(x):
    global count
    y = f(x)
    count = count + 1
    z = y + count
    return z
