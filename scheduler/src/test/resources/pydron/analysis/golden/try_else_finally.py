"""All four parts."""

import pydron
from tasks import f, g


@pydron.schedule
def pipeline(x):
    state = "new"
    try:
        y = f(x)
    except ValueError:
        y = None
    else:
        state = g(y)
    finally:
        z = f(2)
    return y, state, z
