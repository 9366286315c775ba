"""`sum` with a start, `min` and `max` of several."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(x):
    a, b = f(x), f(2)
    return min(a, b), max(a, b, 3), sum([a, b], 10), abs(a), round(b, 2)
