"""Assigning to a variable of the enclosing function."""

import pydron
from tasks import f


def make():
    count = 0

    @pydron.schedule
    def pipeline(x):
        nonlocal count
        y = f(x)
        count += 1
        return y + count

    return pipeline


pipeline = make()
