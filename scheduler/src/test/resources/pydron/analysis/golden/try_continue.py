"""A failed iteration is skipped."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    out = []
    for x in xs:
        try:
            y = f(x)
        except ValueError:
            continue
        out.append(f(y))
    return out
