"""Items of what is iterated over may be one and the same object, which code that was set aside has yet to change."""

import time

import numpy as np

import pydron
from case import case


@pydron.functional
def late(x):
    time.sleep(0.05 / x)
    return x


class Star:
    def __init__(self, v):
        self.v = v
        self.w = 0


@case()
@pydron.schedule
def arrays():
    row = np.zeros(1)
    n = 0
    for a in [row, row, row]:
        n += 1
        a[0] = a[0] * 10 + late(n)
    return row
@case()
@pydron.schedule
def arrays_in_variable():
    row = np.zeros(1)
    n = 0
    rows = [row, row, row]
    for a in rows:
        n += 1
        a[0] = a[0] * 10 + late(n)
    return row
@case()
@pydron.schedule
def objects():
    s = Star(0)
    n = 0
    stars = [s, s, s]
    for a in stars:
        n += 1
        a.w = a.w * 10 + late(n)
    return s.w
@case()
@pydron.schedule
def lists():
    s = [0]
    n = 0
    stars = [s, s, s]
    for a in stars:
        n += 1
        if late(n) > 0:
            a[0] = a[0] * 10 + n
    return s
@case()
@pydron.schedule
def dicts():
    s = {"a": 0}
    stars = {1: s, 2: s, 3: s}
    for k, a in stars.items():
        a["a"] = a["a"] * 10 + late(k)
    return s
@case()
@pydron.schedule
def indexed():
    s = [0]
    stars = [s, s, s]
    for n in range(3):
        if late(n + 1) > 0:
            stars[n][0] = stars[n][0] * 10 + n
    return s
