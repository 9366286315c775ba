"""Functions that break their contract. `# finds:` says what is to be found at the line, in the order of the check."""

import datetime
import heapq
import json
import logging
import os
import random
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time as clock
import urllib.request
import uuid
import warnings
from datetime import datetime as moment
from multiprocessing import Pool
from pathlib import Path
from random import shuffle

import nobody
import numpy as np
import pandas as pd
import pydron
import requests
from astropy.io import fits
from numpy import random as nprandom
from pydron import functional, functional as pure_function

log = logging.getLogger(__name__)
counter = 0
seen = []
settings = {"level": 1}
rng = np.random.default_rng(1)


class Star:
    count = 0

    def __init__(self, flux):
        self.flux = flux

    def scale(self, factor):
        self.flux = self.flux * factor  # finds: argument certain

    def scaled(self, factor):
        return Star(self.flux * factor)

    @functional
    def normalise(self, total):
        self.flux /= total  # finds: argument certain
        return self


# --- globals


@functional
def counts(x):
    global counter
    counter += 1  # finds: global certain
    return x


@functional
def collects(x):
    seen.append(x)  # finds: global certain
    return x


@pydron.functional(memory="1GB", retries=2)
def fills(x):
    settings["level"] = x  # finds: global certain
    return x


@pure_function
def deletes(key):
    del settings[key]  # finds: global certain


@functional
def assigns_class_attribute(x):
    Star.count += 1  # finds: global certain
    return x


@functional
def assigns_module_attribute(x):
    json.loads_count = x  # finds: global certain
    return x


@functional
def reads(x):
    return x * settings["level"]  # finds: reads-global likely


def outer():
    total = 0

    @functional
    def inner(x):
        nonlocal total
        total += x  # finds: global certain
        return total

    return inner


# --- arguments


@functional
def item_assigned(xs):
    xs[0] = 1  # finds: argument certain
    return xs


@functional
def item_deleted(xs):
    del xs[0]  # finds: argument certain


@functional
def attribute_assigned(star):
    star.flux = 0  # finds: argument certain


@functional
def appended(xs):
    xs.append(1)  # finds: argument likely
    return xs


@functional
def appended_to_list(xs: list):
    xs.append(1)  # finds: argument certain


@functional
def sorted_in_place(xs: "list[float]"):
    xs.sort()  # finds: argument certain
    return xs[0]


@functional
def alias(xs):
    ys = xs
    ys[0] = 1  # finds: argument certain


@functional
def alias_by_branch(xs, flag):
    if flag:
        ys = xs
    else:
        ys = list(xs)
    ys[0] = 1  # finds: argument certain


@functional
def alias_by_unpacking(pair):
    a, b = pair
    a["x"] = 1  # finds: argument certain
    return b


@functional
def alias_by_iteration(rows):
    for row in rows:
        row["seen"] = True  # finds: argument certain


@functional
def alias_by_loop(xs):
    previous = None
    for _ in range(3):
        if previous is not None:
            previous[0] = 1  # finds: argument certain
        previous = xs


@functional
def alias_through_container(xs):
    box = [xs]
    box[0].clear()  # finds: argument likely
    return box


@functional
def alias_through_comprehension(rows):
    first = [row for row in rows][0]
    first.flux = 1  # finds: argument certain


@functional
def alias_by_walrus(xs):
    if (ys := xs) is not None:
        ys[0] = 1  # finds: argument certain


@functional
def alias_by_view(image):
    flat = image.ravel()
    flat[0] = 1  # finds: argument likely
    return image.sum()


@functional
def alias_by_slice(image):
    row = image[0, :]
    row += 1  # finds: argument likely
    return row.mean()


@functional
def alias_by_asarray(data):
    data = np.asarray(data, dtype=float)
    data[data < 0] = 0  # finds: argument likely
    return data.sum()


@functional
def shallow_copy(rows):
    copied = list(rows)
    copied[0]["x"] = 1  # finds: argument certain
    return copied


@functional
def augmented(image: np.ndarray, dark):
    image -= dark  # finds: argument certain
    return image


@functional
def augmented_array_use(image, dark):
    image -= dark  # finds: argument likely
    return image.shape


@functional
def augmented_list(xs: list):
    xs += [1]  # finds: argument certain
    return xs


@functional
def augmented_literal(xs):
    xs += [1]  # finds: argument likely
    return xs


@functional
def augmented_item(xs, i):
    xs[i] += 1  # finds: argument certain


@functional
def augmented_unknown(x, y):
    x += y  # finds: argument possible
    return x


@functional
def out_argument(a, b):
    np.add(a, b, out=a)  # finds: argument certain
    return a


@functional
def out_of_method(a, b):
    a.dot(b, out=b)  # finds: argument certain
    return b


@functional
def numpy_put(a):
    np.fill_diagonal(a, 0)  # finds: argument certain
    return a


@functional
def heap(h):
    heapq.heappush(h, 3)  # finds: argument certain
    return h


@functional
def inplace(frame: pd.DataFrame):
    frame.dropna(inplace=True)  # finds: argument certain
    return frame


@functional
def set_attribute(thing):
    setattr(thing, "x", 1)  # finds: argument certain


@functional
def default_argument(x, found=[]):
    found.append(x)  # finds: argument likely
    return found


@functional
def keyword_only(*, table):
    table["x"] = 1  # finds: argument certain


@functional
def rest(*rows):
    rows[0].append(1)  # finds: argument likely


@functional
def draws(rng, n):
    return rng.normal(size=n)  # finds: argument likely


@functional
def draws_annotated(source: random.Random):
    return source.random()  # finds: argument certain


# --- through calls


def zero(array):
    array[:] = 0  # finds: argument certain argument certain


def zero_first(arrays):
    zero(arrays[0])


@functional
def through_helper(image):
    zero(image)
    return image


@functional
def through_two(images):
    zero_first(images)
    return images


@functional
def through_method(star: Star):
    star.scale(2)
    return star


def same(x):
    return x


@functional
def through_result(xs):
    ys = same(xs)
    ys[0] = 1  # finds: argument certain
    return ys


@functional
def through_nested(xs):
    def put(i):
        xs[i] = 0  # finds: argument certain

    put(1)
    return xs


@functional
def through_lambda(xs):
    put = lambda i: xs.append(i)  # finds: argument likely
    put(1)
    return xs


def noisy(x):
    print(x)  # finds: output likely
    return x


@functional
def through_map(xs):
    return list(map(noisy, xs))


@functional
def through_callback(xs):
    return sorted(xs, key=lambda x: random.random())  # finds: random likely
