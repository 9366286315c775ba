"""`raise` on a condition."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(x):
    y = f(x)
    if y < 0:
        raise ValueError("negative")
    return f(y)
