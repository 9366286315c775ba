"""Known methods of results wait for these; unknown ones wait for everything."""

import pydron
from tasks import f, split


@pydron.schedule
def pipeline(x):
    words = f(x).split()
    y = f(2)
    z = y.refresh()
    return f(words), z
