"""An endless loop, left in the middle."""

import pydron
from tasks import f, good


@pydron.schedule
def pipeline(x):
    while True:
        x = f(x)
        if good(x):
            break
    return x
