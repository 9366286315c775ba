"""Results in containers, not fetched on the way."""

import pydron
from tasks import f, g


@pydron.schedule
def pipeline(x):
    pair = (f(x), g(x))
    table = {"a": f(1), "b": [f(2), x]}
    return g(pair), g(table)
