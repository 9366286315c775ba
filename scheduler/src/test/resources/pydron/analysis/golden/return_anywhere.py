"""An early `return`."""

import pydron
from tasks import f, good


@pydron.schedule
def pipeline(x):
    a = f(x)
    if x is None:
        return a
    if good(a):
        return f(a)
    return f(2)
