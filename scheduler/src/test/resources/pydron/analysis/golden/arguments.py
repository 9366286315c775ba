"""Defaults, keywords, * and **."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(x, *rest, flag=1, **named):
    a = f(x, *rest, **named)
    b = f(*[1, x], named=flag)
    more = split_up(x)
    c = f(*more)
    return a, b, c


@pydron.functional
def split_up(x):
    return [x]
