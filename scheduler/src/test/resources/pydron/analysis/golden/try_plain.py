"""Nothing in the body can be pending: Python's own `try`."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(text):
    try:
        n = 1
        m = n
    except ValueError:
        n = 0
    return f(n)
