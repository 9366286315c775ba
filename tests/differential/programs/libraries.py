# requires: pandas
"""Library objects built in a pipeline: arrays, frames and generators are changed there, and stay parallel."""

import bisect
import datetime
import heapq
import math
import operator
import pathlib
import re

import numpy as np
import pandas as pd
from scipy import ndimage, stats

import pydron
from case import case


@pydron.functional
def frame(seed):
    return np.arange(12.0).reshape(3, 4) * seed


@pydron.functional
def measure(x):
    return {"name": f"s{x}", "flux": 10.0 * x, "when": datetime.date(2020, 1, x)}


@pydron.functional
def score(x):
    return (x * 7) % 5


@case([1, 2, 3], parallel=3)
@pydron.schedule
def cube_of_frames(seeds):
    cube = np.zeros((len(seeds), 3, 4))
    for i, seed in enumerate(seeds):
        cube[i] = frame(seed)
    return np.median(cube, axis=0), cube.mean(), cube.shape


@case([1, 2, 3], parallel=3)
@pydron.schedule
def stacked_in_place(seeds):
    total = np.zeros((3, 4))
    weight = np.ones_like(total)
    for seed in seeds:
        image = frame(seed)
        image -= image.min()
        total += image * weight
    total /= len(seeds)
    return total, float(total.std())


@case([1, 2, 3], parallel=3)
@pydron.schedule
def out_of_place(seeds):
    buffer = np.empty((3, 4))
    sums = []
    for seed in seeds:
        np.multiply(frame(seed), 2.0, out=buffer)
        sums.append(buffer.sum())
    return sums, buffer


@case([1, 2, 3], parallel=3)
@pydron.schedule
def views_are_views(seeds):
    whole = np.zeros(12)
    table = whole.reshape(3, 4)
    for i, seed in enumerate(seeds):
        table[i] = frame(seed)[0]
    whole.sort()
    return table, whole


@case(np.zeros(3), [1, 2, 3])
@pydron.schedule
def array_of_somebody(array, seeds):
    for i, seed in enumerate(seeds):
        array[i] = score(seed)
    array.sort()
    return array


@case([1, 2, 3], parallel=3)
@pydron.schedule
def filtered(seeds):
    peaks = []
    for seed in seeds:
        smooth = ndimage.gaussian_filter(frame(seed), 1.0)
        peaks.append(smooth.max())
    return peaks, stats.linregress(seeds, peaks).slope


@case([3, 1, 2], parallel=3)
@pydron.schedule
def rows_to_frame(xs):
    rows = []
    for x in xs:
        rows.append(measure(x))
    table = pd.DataFrame(rows)
    table["magnitude"] = -2.5 * np.log10(table["flux"])
    table = table.sort_values("flux")
    return table.to_dict("list"), table["flux"].mean(), list(table.columns)


@case([3, 1, 2, 4], parallel=4)
@pydron.schedule
def grouped(xs):
    table = pd.DataFrame({"x": xs, "score": [score(x) for x in xs]})
    by = table.groupby("score")["x"].sum()
    return by.to_dict(), table.describe().loc["mean", "x"]


@case(pd.DataFrame({"x": [1, 2, 3]}), parallel=3)
@pydron.schedule
def frame_of_somebody(table):
    out = []
    for x in table["x"].tolist():
        out.append(score(x))
    return out, table["x"].max()


@case([1, 2, 3], parallel=3)
@pydron.schedule
def own_random_numbers(seeds):
    rng = np.random.default_rng(5)
    out = []
    for seed in seeds:
        noise = rng.normal(size=3)
        out.append(score(seed) + noise.sum())
    return out, rng.integers(10)


@case([3, 1, 2, 5], parallel=4)
@pydron.schedule
def heaps_and_bisection(xs):
    heap = []
    ordered = []
    for x in xs:
        y = score(x)
        heapq.heappush(heap, (y, x))
        bisect.insort(ordered, y)
    return heapq.heappop(heap), ordered, heapq.nsmallest(2, heap)


@case(["a-1", "b-22", "c"], parallel=3)
@pydron.schedule
def parsed(lines):
    pattern = re.compile(r"(\w)-(\d+)")
    out = {}
    for line in lines:
        found = pattern.match(line)
        value = score(len(line))
        if found is not None:
            out[found.group(1)] = int(found.group(2)) + value
    return out


@case("/data/night.fits", [1, 2], parallel=2)
@pydron.schedule
def paths_and_dates(name, xs):
    path = pathlib.PurePosixPath(name)
    day = datetime.date(2020, 2, 28)
    out = []
    for x in xs:
        day = day + datetime.timedelta(days=1)
        out.append((path.with_suffix(f".{score(x)}").name, day.isoformat(), math.sqrt(score(x))))
    return out


@case([1, 2, 3], parallel=3)
@pydron.schedule
def operators_as_functions(xs):
    total = [0]
    for x in xs:
        operator.setitem(total, 0, operator.add(total[0], score(x)))
    return total


class Reader:
    """Has methods with names of arrays, and says when it is called."""

    def mean(self):
        print("mean")
        return 1.0

    def copy(self):
        print("copy")
        return self


@case([1, 2], [np.ones(2), Reader()])
@pydron.schedule
def arrays_and_others(xs, things):
    out = []
    for x in xs:
        out.append(score(x))
        print("x", x)
        for thing in things:
            out.append(thing.mean())
            out.append(thing.copy() is thing)
    return out
