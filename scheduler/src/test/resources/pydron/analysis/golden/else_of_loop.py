"""`else` of a loop without `break`."""

import pydron
from tasks import f, g


@pydron.schedule
def pipeline(xs):
    total = 0
    for x in xs:
        total += f(x)
    else:
        total += g(0)
    return total
