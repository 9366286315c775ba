"""Generator expressions that a builtin uses up."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    a = sum(f(x) for x in xs)
    b = max((f(x) for x in xs), default=0)
    c = ",".join(str(f(x)) for x in xs)
    return a, b, c
