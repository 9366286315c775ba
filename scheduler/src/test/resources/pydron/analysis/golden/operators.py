"""Arithmetic on results is set aside until they are there."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(x):
    total = f(x) + f(2) * 2
    return -total
