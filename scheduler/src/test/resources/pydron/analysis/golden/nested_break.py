"""`break` of the inner loop only."""

import pydron
from tasks import f, good


@pydron.schedule
def pipeline(rows):
    out = []
    for row in rows:
        for x in row:
            y = f(x)
            if good(y):
                out.append(y)
                break
    return out
