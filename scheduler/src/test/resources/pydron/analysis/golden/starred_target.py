"""A starred target takes the rest."""

import pydron
from tasks import f, g


@pydron.schedule
def pipeline(x):
    first, *rest = f(x)
    return f(first), [g(y) for y in rest]
