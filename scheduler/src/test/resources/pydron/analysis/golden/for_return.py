"""`return` on a result inside a loop: the pipeline cannot go on before."""

import pydron
from tasks import f, good


@pydron.schedule
def pipeline(xs):
    for x in xs:
        if good(x):
            return f(x)
    return None
