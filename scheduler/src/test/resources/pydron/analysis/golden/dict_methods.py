"""`d[k] = v`, update, setdefault, get."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    out = {}
    for x in xs:
        out[x] = f(x)
        out.setdefault(x, f(0))
    out.update({0: 1})
    return out.get(1)
