"""A loop over a result is set aside until it is there."""

import pydron
from tasks import f, g


@pydron.schedule
def pipeline(x):
    found = []
    for part in f(x):
        found.append(g(part))
    other = f(2)
    return found, other
