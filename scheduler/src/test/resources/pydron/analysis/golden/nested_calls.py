"""Calls inside calls: the inner ones first, in Python's order."""

import pydron
from tasks import f, g


@pydron.schedule
def pipeline(x):
    return f(g(x), g(x + 1), named=g(y=f(x), x=1))
