"""Operators on local sets."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    seen = set()
    for x in xs:
        if x not in seen:
            seen.add(x)
            f(x)
    return seen | {1}
