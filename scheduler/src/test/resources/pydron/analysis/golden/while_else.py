"""`else` of a loop, and `break` in it."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(n):
    i = 0
    while i < n:
        i += 1
        y = f(i)
        if y > 3:
            break
    else:
        y = f(0)
    return y
