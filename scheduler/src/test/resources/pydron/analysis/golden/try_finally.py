"""Only `finally`: it runs when everything before it is complete."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(x):
    out = []
    try:
        out.append(f(x))
    finally:
        print("done")
    return out
