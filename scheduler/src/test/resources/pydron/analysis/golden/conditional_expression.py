"""Calls in the arms of a conditional expression."""

import pydron
from tasks import f, g


@pydron.schedule
def pipeline(x):
    y = f(x)
    z = f(y) if y > 0 else g(x)
    return z
