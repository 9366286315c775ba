"""A call inside the condition of a loop runs before each test."""

import pydron
from tasks import f, good


@pydron.schedule
def pipeline(x):
    steps = 0
    while good(x):
        x = f(x)
        steps += 1
    return x, steps
