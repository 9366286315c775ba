"""What a region waited for is still pending where it was set aside."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(x):
    y = f(x)
    if y > 0:
        z = f(1)
    else:
        z = f(2)
    return y + 1, z
