"""Two contexts."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(x, a, b):
    with a as one, b as two:
        y = f(one, two)
    return f(y)
