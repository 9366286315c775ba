"""A variable of the enclosing function."""

import pydron
from tasks import f


def make(scale):
    @pydron.schedule
    def pipeline(xs):
        return [f(x) * scale for x in xs]

    return pipeline


pipeline = make(3)
