"""`any` stops early: it is a loop that an element may end, and calls behind that are only foreseen."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    return any(f(x) for x in xs)
