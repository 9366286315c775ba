"""What is changed in place in a region may be known elsewhere, unless it is immutable."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(total, xs):
    for x in [1, 2]:
        total += f(x)
    if f(3):
        for row in xs:
            row += [f(4)]
    return total, xs[f(0)]
