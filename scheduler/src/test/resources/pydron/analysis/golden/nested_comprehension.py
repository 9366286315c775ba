"""Two clauses, and the scope of the loop variables is their own."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    x = 5
    ys = [f(x * y) for x in xs for y in range(x)]
    return x, ys
