"""A condition on a result parks the branches, not the program behind them."""

import pydron
from tasks import f, g, good


@pydron.schedule
def pipeline(x):
    if good(x):
        a = f(x)
    elif x > 3:
        a = g(x)
    else:
        a = None
    b = f(2)
    return a, b
