"""A condition on something that is no result decides at once."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(n):
    out = []
    for i in range(10):
        if i % 2:
            out.append(f(i))
    return out
