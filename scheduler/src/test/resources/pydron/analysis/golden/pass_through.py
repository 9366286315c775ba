"""A result that only travels."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(x):
    y = f(x)
    z = y
    w = [z]
    return w
