"""Output behind a condition on a result."""

import pydron
from tasks import f, good


@pydron.schedule
def pipeline(xs):
    for x in xs:
        if good(x):
            print("good", x)
        f(x)
