"""A call that nothing is known about waits for everything earlier."""

import pydron
from tasks import f, save


@pydron.schedule
def pipeline(x):
    y = f(x)
    save(y)
    return f(y)
