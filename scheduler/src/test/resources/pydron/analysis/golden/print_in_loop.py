"""Output keeps its order and holds up no call."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    total = 0
    for i, x in enumerate(xs):
        y = f(x)
        print(f"{i}: {y:.2f}")
        total += y
    print("total", total)
    return total
