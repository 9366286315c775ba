"""Entering and leaving a context may do anything; the calls in its body overlap."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs, lock):
    with lock as held:
        ys = [f(x) for x in xs]
    return ys
