"""`and`, `or` with calls on the right."""

import pydron
from tasks import f, g, good


@pydron.schedule
def pipeline(x):
    a = good(x) and f(x)
    b = x or f(1) or g(2)
    if not good(a) and good(b):
        b = f(b)
    return a, b
