"""Imports and classes run as they are."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(x):
    y = f(x)
    import math

    class Box:
        size = 1

    return f(math.pi), Box, y
