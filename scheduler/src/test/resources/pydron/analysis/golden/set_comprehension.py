"""A set looks at what it takes in: each element waits for its own result."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    return {f(x) for x in xs}
