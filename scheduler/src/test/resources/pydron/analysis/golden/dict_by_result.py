"""A key that is a result."""

import pydron
from tasks import f, g


@pydron.schedule
def pipeline(xs):
    groups = {}
    for x in xs:
        groups.setdefault(g(x), []).append(f(x))
    return groups
