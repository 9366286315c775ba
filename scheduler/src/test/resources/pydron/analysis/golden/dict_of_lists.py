"""A list for each key, kept in a dict."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    groups = {}
    for x in xs:
        if x not in groups:
            groups[x] = []
        groups[x].append(f(x))
    return {k: sum(v) for k, v in groups.items()}
