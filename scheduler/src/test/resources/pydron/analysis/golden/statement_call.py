"""A call whose result nobody wants still may fail."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    for x in xs:
        f(x)
    return 1
