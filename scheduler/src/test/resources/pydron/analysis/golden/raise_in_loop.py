"""A condition that may raise, in a loop."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    out = []
    for x in xs:
        y = f(x)
        if y < 0:
            raise ValueError("negative")
        out.append(f(y))
    return out
