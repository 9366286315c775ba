"""A bar around what a loop goes over follows in program order, and holds no call back."""

from tasks import f
from tqdm import tqdm

import pydron


@pydron.schedule
def around(xs):
    out = []
    for x in tqdm(xs, desc="all"):
        out.append(f(x))
    return [f(y) for y in tqdm(out)]


@pydron.schedule
def by_hand(xs):
    bar = tqdm(total=len(xs))
    out = []
    for x in xs:
        out.append(f(x))
        bar.update()
    return out
