"""A lambda that is kept shares its variables."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(x):
    scale = f(x)
    fn = lambda y: y * scale
    return fn
