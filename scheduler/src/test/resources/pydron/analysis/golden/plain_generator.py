"""A generator function runs as it is."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    for x in xs:
        yield f(x)
