"""A variable that may have no value."""

import pydron
from tasks import f, good


@pydron.schedule
def pipeline(x):
    if good(x):
        y = f(x)
    z = f(2)
    return y, z
