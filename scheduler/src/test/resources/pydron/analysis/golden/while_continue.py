"""`continue` in a `while`."""

import pydron
from tasks import f, g


@pydron.schedule
def pipeline(n):
    i = 0
    out = []
    while i < n:
        i += 1
        y = f(i)
        if y is None:
            continue
        out.append(g(y))
    return out
