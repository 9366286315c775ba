"""`del` of a variable and of an element."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(x):
    table = {1: f(x), 2: 3}
    del table[2]
    y = f(table)
    del x
    return y
