"""Items of what is iterated over may be one and the same object, which code that was set aside has yet to change."""

import time

import numpy as np

import pydron
from case import case


@pydron.functional
def late(x):
    time.sleep(0.05 / x)
    return x


@pydron.functional
def slow(x):
    time.sleep(0.05)
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


@case(parallel=4)
@pydron.schedule
def dicts_apart():
    stars = [{"v": n} for n in range(1, 9)]
    for s in stars:
        s["w"] = slow(s["v"])
    return stars


@case(parallel=4)
@pydron.schedule
def lists_apart():
    rows = [[n] for n in range(1, 9)]
    for row in rows:
        row.append(slow(row[0]))
        row.append(-row[1])
    return rows


@case(parallel=4)
@pydron.schedule
def best_first():
    stars = [Star(n) for n in range(16)]
    turns = 0
    while len(stars) > 1:
        turns += 1
        kept = []
        for s in stars:
            try:
                kept.append((slow(1 + s.v % 5), s))
            except ValueError as reason:
                print(reason)
                continue
        kept = sorted(kept, key=lambda pair: pair[0])
        stars = [s for _, s in kept[: len(kept) // 2]]
    return stars[0].v, turns
