"""The caller can see its own list: changing it happens in order."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(out, xs):
    for x in xs:
        out.append(f(x))
