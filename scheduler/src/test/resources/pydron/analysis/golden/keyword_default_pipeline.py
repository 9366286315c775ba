"""Arguments of a pipeline: defaults and keywords travel as they are."""

import pydron
from tasks import f, g


@pydron.schedule
def inner(x, y=2, *, z=3):
    return f(x), g(y, y=z)


@pydron.schedule
def pipeline(x):
    return inner(f(x), z=f(3))
