"""Attributes of results: read when they are there, written in order."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(x, box):
    y = f(x)
    a = y.size
    box.value = f(2)
    return f(a)
