"""What reads a list that is changed later reads it as it was."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(x):
    a = [1, 2]
    y = f(x)
    z = y + a[0]
    a[0] = 5
    return z, a
