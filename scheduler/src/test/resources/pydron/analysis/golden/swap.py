"""`a, b = b, a` passes values on."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(n):
    a, b = f(0), f(1)
    for _ in range(n):
        a, b = b, f(a)
    return a
