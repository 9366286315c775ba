"""append, extend, insert and += on a list of its own."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    out = []
    for x in xs:
        out.append(f(x))
        out.extend([f(x), x])
        out += [f(x)]
        out.insert(0, f(x))
    return out
