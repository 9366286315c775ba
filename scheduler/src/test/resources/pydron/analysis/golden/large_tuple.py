"""A tuple of results inside a list."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    out = []
    for x in xs:
        out.append((x, f(x)))
    return out
