"""An assertion about a result."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    out = []
    for x in xs:
        y = f(x)
        assert y > 0, "negative"
        out.append(f(y))
    return out
