"""Pending arguments to unpack are set aside with the call, and still pending for the next one."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    return f(*xs), f(*xs, named=1)
