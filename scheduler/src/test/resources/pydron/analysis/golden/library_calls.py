"""Library functions that the purity catalogue knows."""

import math

import pydron
from tasks import f


@pydron.schedule
def pipeline(x):
    a = math.sqrt(f(x))
    b = int(f(2)) + len(f(3))
    return f(a + b)
