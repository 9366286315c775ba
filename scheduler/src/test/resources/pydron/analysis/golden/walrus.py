"""An assignment inside an expression."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    out = []
    for x in xs:
        if (y := f(x)) is not None:
            out.append(y)
    return out
