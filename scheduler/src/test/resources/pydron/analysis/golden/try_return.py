"""`return` out of a `try`."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(x):
    try:
        return f(x)
    except ValueError:
        return None
