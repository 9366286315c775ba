"""Functions without decorators that only compute a value hold nothing back."""

import pydron
from tasks import f, scaled, total


@pydron.schedule
def pipeline(xs):
    out = []
    for x in xs:
        y = f(scaled(x))
        out.append(scaled(y, by=3))
    return total(out)
