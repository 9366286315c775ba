"""The items of a loop are results, and are taken apart."""

import pydron
from tasks import f, split


@pydron.schedule
def pipeline(xs):
    pairs = [split(x) for x in xs]
    out = []
    for a, b in pairs:
        out.append(f(b, a))
    return out
