"""The second iteration's work does not wait for the first one's condition."""

import pydron
from tasks import f, g, good


@pydron.schedule
def pipeline(xs):
    kept = []
    for x in xs:
        y = f(x)
        if good(y):
            kept.append(g(y))
    return kept
