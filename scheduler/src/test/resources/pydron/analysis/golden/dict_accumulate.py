"""`d[k] += v`: a load, an update of the element, a store."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(pairs):
    sums = {}
    for name, x in pairs:
        if name not in sums:
            sums[name] = 0
        sums[name] += f(x)
    return sums
