"""The last value of a loop, which may have had no turn."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    for x in xs:
        y = f(x)
    return y
