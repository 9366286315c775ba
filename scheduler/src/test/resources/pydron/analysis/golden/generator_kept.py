"""A generator that is kept runs when somebody asks it."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    lazy = (f(x) for x in xs)
    return list(lazy)
