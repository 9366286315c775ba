"""A lambda that is used up at once, and looks at a local."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    middle = f(0)
    ys = [f(x) for x in xs]
    return sorted(ys, key=lambda y: abs(y - middle))
