"""`break` out of a `try`."""

import pydron
from tasks import f, good


@pydron.schedule
def pipeline(xs):
    for x in xs:
        try:
            y = f(x)
            if good(y):
                break
        except ValueError:
            y = None
    return y
