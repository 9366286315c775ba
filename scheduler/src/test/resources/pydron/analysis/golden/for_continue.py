"""`continue` decides only about the rest of its own iteration."""

import pydron
from tasks import f, good


@pydron.schedule
def pipeline(xs):
    kept = []
    for x in xs:
        if not good(x):
            continue
        kept.append(f(x))
    return kept
