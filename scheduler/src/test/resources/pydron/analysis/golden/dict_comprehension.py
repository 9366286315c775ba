"""Keys are needed when they are stored, values are not."""

import pydron
from tasks import f, g


@pydron.schedule
def pipeline(xs):
    a = {x: f(x) for x in xs}
    b = {g(x): f(x) for x in xs}
    return a, b
