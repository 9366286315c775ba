"""A chained comparison evaluates its third part only if it must."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(x):
    return 0 < f(x) < 10, 0 < x < f(x)
