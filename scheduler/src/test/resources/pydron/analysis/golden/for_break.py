"""`break` on a result: the loop waits, what is behind it does not."""

import pydron
from tasks import f, good


@pydron.schedule
def pipeline(xs):
    found = None
    for x in xs:
        y = f(x)
        if good(y):
            found = y
            break
    else:
        found = f(0)
    other = f(1)
    return found, other
