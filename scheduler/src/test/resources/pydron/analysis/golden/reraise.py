"""A handler that raises again."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(x):
    try:
        y = f(x)
    except ValueError as error:
        raise RuntimeError("no") from error
    return y
