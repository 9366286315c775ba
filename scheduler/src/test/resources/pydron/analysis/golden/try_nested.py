"""A `try` inside a `try`."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(x):
    try:
        a = f(x)
        try:
            b = f(a)
        except KeyError:
            b = 0
    except ValueError:
        return None
    return a, b
