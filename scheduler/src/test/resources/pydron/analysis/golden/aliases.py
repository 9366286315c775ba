"""Two names for one list."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(x):
    a = []
    b = a
    b.append(f(x))
    a.append(f(2))
    n = len(b)
    total = b[0] + a[1]
    return n, total
