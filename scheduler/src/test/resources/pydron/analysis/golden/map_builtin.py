"""`map` of a functional, used up."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    return sum(map(f, xs))
