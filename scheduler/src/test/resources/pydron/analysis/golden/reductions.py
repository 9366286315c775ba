"""sum, max with a key, sorted over results."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    ys = [f(x) for x in xs]
    best = max(ys, key=lambda y: y[0])
    return sum(ys), best, sorted(ys), len(ys)
