"""reversed and sorted."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    ys = [f(x) for x in xs]
    back = [f(y) for y in reversed(ys)]
    for x in sorted(xs, reverse=True):
        back.append(f(x))
    return back
