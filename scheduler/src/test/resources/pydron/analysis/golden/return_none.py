"""A pipeline without a result."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(x):
    f(x)
