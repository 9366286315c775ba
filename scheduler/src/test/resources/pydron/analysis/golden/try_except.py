"""A failure surfaces at the end of the body of its `try`."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    out = []
    for x in xs:
        try:
            y = f(x)
        except ValueError as error:
            y = str(error)
        out.append(y)
    return out
