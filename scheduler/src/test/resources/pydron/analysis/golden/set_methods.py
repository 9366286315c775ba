"""add and update look at what they take in."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    out = set()
    for x in xs:
        out.add(f(x))
        out.update([x])
    return out
