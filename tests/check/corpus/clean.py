"""Functions as scientists write them that keep their contract: nothing may be found but what is said to be possible."""

import collections
import copy
import functools
import io
import itertools
import json
import math
import os.path
import random
import re
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pydron
from numpy import fft
from pydron import functional
from scipy import ndimage

GAIN = 2.5
NAMES = ("a", "b")
LIMITS = {"low": 0.1, "high": 0.9}
KERNEL = np.ones((3, 3)) / 9
NUMBER = re.compile(r"\d+")


@dataclass
class Star:
    x: float
    y: float
    flux: float = 0.0
    tags: list = field(default_factory=list)

    def tagged(self, tag):
        other = copy.deepcopy(self)
        other.tags.append(tag)
        return other

    @property
    def magnitude(self):
        return -2.5 * math.log10(self.flux)


class Grid:
    def __init__(self, n):
        self.cells = [[0] * n for _ in range(n)]
        self.n = n
        self._fill()

    def _fill(self):
        for row in self.cells:
            for i in range(self.n):
                row[i] = i

    def put(self, i, value):
        self.cells[i][i] = value
        return self


@functional
def calibrate(image, dark, flat):
    image = image.astype(float)
    image -= dark
    image /= flat
    image[image < 0] = 0
    return image


@functional
def copied(image):
    image = image.copy()
    image[0] = 1
    image += 1
    image.sort()
    np.add(image, 1, out=image)
    return image


@functional
def derived(image):
    root = np.sqrt(image)
    root[0] = 0
    root += 1
    smooth = ndimage.median_filter(image, 3)
    smooth[3:5] *= 2
    spectrum = np.abs(fft.fft(image)) ** 2
    spectrum[0] = 0
    mask = image > 3
    mask[0] = False
    scaled = image * GAIN
    scaled[1] -= 1
    part = image[:10] + 1
    part[0] = 2
    return root, smooth, spectrum, mask, scaled, part


@functional
def made_here(n):
    image = np.zeros((n, n))
    image[1:3, 1:3] = 5
    row = image[0]
    row[:] = 1
    view = image.ravel()
    view[0] = 2
    np.fill_diagonal(image, 0)
    stack = np.empty((3, n))
    for i in range(3):
        stack[i] = i
        stack[i] += image[0]
    return image, stack


@functional
def containers(rows):
    found = []
    groups = {}
    seen = set()
    counts = defaultdict(int)
    for row in rows:
        found.append(row)
        groups.setdefault(row[0], []).append(row)
        seen.add(row[0])
        counts[row[0]] += 1
    found.sort(key=lambda r: r[1])
    found.extend([1, 2])
    del found[0]
    total = Counter(r[0] for r in rows)
    total.update("abc")
    queue = collections.deque([1])
    queue.append(2)
    queue.popleft()
    return found, groups, sorted(seen), dict(counts), total.most_common(3)


@functional
def copies_of_lists(xs: list, table: dict):
    ys = list(xs)
    ys.append(1)
    zs = xs[:]
    zs.reverse()
    us = sorted(xs)
    us.pop()
    table = dict(table)
    table["x"] = 1
    merged = {**table, "y": 2}
    merged["z"] = 3
    return ys, zs, us, merged


@functional
def deep_copy(config):
    config = copy.deepcopy(config)
    config["a"]["b"] = 1
    return config


@functional
def numbers(n: int, scale: float = 1.0, name="x", steps=10):
    n += 1
    scale *= 2
    name += "y"
    steps -= 1
    total = 0
    for i in range(n):
        total += i * scale
    return total, name, steps


@functional
def text(lines):
    out = ""
    for line in lines:
        out += line.strip().upper()
    words = out.split()
    words.append("end")
    return " ".join(words), NUMBER.findall(out), out.replace("a", "b")


@functional
def seeded(seed, n):
    rng = np.random.default_rng(seed)
    other = random.Random(seed)
    state = np.random.RandomState(seed)
    xs = rng.normal(size=n)
    xs[0] = other.random()
    rng.shuffle(xs)
    return xs.sum() + state.rand()


@functional
def monte_carlo(seed, n):
    rng = random.Random(seed)
    inside = 0
    for _ in range(n):
        if rng.random() ** 2 + rng.uniform(0, 1) ** 2 < 1:
            inside += 1
    return 4 * inside / n


@functional
def reads_files(path):
    with open(path) as file:
        text = file.read()
    with open(path, "rb") as file:
        head = file.read(10)
    data = json.loads(Path(path).read_text())
    return text, head, data, os.path.basename(path)


@functional
def memory_file(rows):
    buffer = io.StringIO()
    print("header", file=buffer)
    for row in rows:
        buffer.write(str(row))
    return buffer.getvalue()


@functional
def constants(x):
    if x < LIMITS["low"] or x > LIMITS["high"]:
        return math.nan
    return ndimage.convolve(np.full((9, 9), x), KERNEL).sum() * len(NAMES)


@functional
def objects(rows):
    stars = [Star(x, y) for x, y in rows]
    for star in stars:
        star.flux = star.x * star.y
        star.tags.append("seen")
    grid = Grid(3).put(1, 5)
    grid.cells[0][0] = 1
    best = max(stars, key=lambda s: s.flux)
    return replace(best, x=0.0), best.tagged("best").magnitude, grid


@functional
def nested(xs):
    total = 0
    found = []

    def add(x):
        nonlocal total
        total += x
        found.append(x)

    for x in xs:
        add(x)
    return total, found


@functional
def recursive(n):
    if n < 2:
        return [1]
    below = recursive(n - 1)
    below.append(n)
    return below


@functional
def generators(n):
    def squares(m):
        for i in range(m):
            yield i * i

    return sum(squares(n)), list(itertools.accumulate(range(n)))


@functools.lru_cache(maxsize=None)
def cached(n):
    return n * n


@functional
def uses_cache(n):
    return cached(n)


@functional
def waits(x):
    time.sleep(0.01)
    return x


@functional
def raises(x):
    if x < 0:
        raise ValueError(f"negative: {x}")
    try:
        return 1 / x
    except ZeroDivisionError as error:
        raise ArithmeticError("zero") from error


@functional
def simulate(state, steps):
    position, velocity = np.array(state)
    path = np.empty(steps)
    for i in range(steps):
        velocity = velocity - 0.1 * position
        position = position + 0.1 * velocity
        path[i] = position
    return path


@functional
def bootstrap(data, seed):
    rng = np.random.default_rng([seed, 1])
    indices = rng.integers(0, len(data), size=len(data))
    sample = data[indices]
    return sample.mean(), np.percentile(sample, [5, 95])


@functional
def gauss_seidel(a, b):
    x = np.zeros_like(b)
    for _ in range(10):
        for i in range(len(b)):
            x[i] = (b[i] - a[i, :i] @ x[:i] - a[i, i + 1 :] @ x[i + 1 :]) / a[i, i]
    return x


@functional
def comprehension(rows):
    table = {row: [] for row in rows}
    for row in rows:
        table[row].append(1)
    matrix = [[0] * 3 for _ in rows]
    matrix[0][1] = 2
    return table, matrix


def build(n):
    made = {"n": n, "rows": []}
    return made


def fill(table, row):
    table["rows"].append(row)  # finds: argument possible argument possible
    return table


@functional
def helpers(n):
    table = build(n)
    fill(table, 1)
    table["m"] = 2
    return fill(build(n), n)


@pydron.schedule
def pipeline(paths):
    results = []
    for path in paths:
        results.append(reads_files(path))
    print(len(results))
    return results
