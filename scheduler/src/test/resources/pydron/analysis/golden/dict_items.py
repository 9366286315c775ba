"""Keys and values of a dict of results."""

import pydron
from tasks import f, g


@pydron.schedule
def pipeline(xs):
    table = {x: f(x) for x in xs}
    out = {}
    for name, y in table.items():
        out[name] = g(y)
    return out
