"""+= on numbers."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    total = 0
    count = 0
    for x in xs:
        total += f(x)
        count += 1
    return total / count
