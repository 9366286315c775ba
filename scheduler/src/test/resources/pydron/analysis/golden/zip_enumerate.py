"""zip and enumerate over lists of results."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    ys = [f(x) for x in xs]
    out = []
    for i, (x, y) in enumerate(zip(xs, ys)):
        out.append(f(i, x, y))
    for x, y in zip(xs, ys):
        out.append(f(x, y))
    return out
