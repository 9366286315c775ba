"""A condition on a plain number decides at once."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(n: int):
    a = 0
    if len("abc") > 2:
        a = f(n)
    return a
