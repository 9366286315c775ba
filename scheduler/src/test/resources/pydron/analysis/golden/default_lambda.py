"""A default of a lambda is evaluated where the lambda is."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    y = f(1)
    return sorted(xs, key=lambda x, y=y: x * y)
