"""A file of one's own is an object that others can see."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(x, log):
    y = f(x)
    print(y, file=log)
    return f(2)
