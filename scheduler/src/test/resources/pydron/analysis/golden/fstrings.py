"""f-strings look at what they show."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(x):
    y = f(x)
    name = f"{y!r:>10}"
    return f(name)
