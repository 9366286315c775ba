"""The original demo: a sum in a loop."""

import pydron
from tasks import f


@pydron.schedule
def loop_demo():
    total = 0
    for i in range(4):
        total = total + f(i)
    return total
