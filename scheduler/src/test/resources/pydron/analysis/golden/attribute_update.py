"""`+=` on an attribute happens in order."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(box, xs):
    for x in xs:
        box.total += f(x)
    return box
