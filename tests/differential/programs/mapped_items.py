"""What functions make of items may be what the items hold."""

import operator
import time

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


def first(x):
    return x[0]


@case()
@pydron.schedule
def by_getter():
    a = [0]
    n = 0
    for y in map(operator.itemgetter(0), [[a], [a], [a]]):
        n += 1
        y.append(late(n))
    return a


@case()
@pydron.schedule
def by_getter_in_list():
    a = [0]
    n = 0
    for y in list(map(operator.itemgetter(0), [[a], [a], [a]])):
        n += 1
        if late(n) > 0:
            y.append(n)
    return a


@case()
@pydron.schedule
def by_function():
    a = [0]
    n = 0
    for y in map(first, [[a], [a], [a]]):
        n += 1
        if late(n) > 0:
            y.append(n)
    return a


@case()
@pydron.schedule
def by_lambda():
    a = [0]
    n = 0
    for y in list(map(lambda x: x[0], [[a], [a], [a]])):
        n += 1
        if late(n) > 0:
            y.append(n)
    return a


@case()
@pydron.schedule
def sorted_by_what_they_hold():
    a = [0]
    n = 0
    for y in sorted([[a], [a], [a]], key=lambda x: x[0]):
        n += 1
        if late(n) > 0:
            y[0].append(n)
    return a


@case()
@pydron.schedule
def largest():
    a = Star(3)
    n = 0
    for y in [max([a, Star(1)], key=operator.attrgetter("v")), a, a]:
        n += 1
        y.w = y.w * 10 + late(n)
    return a.w


@case()
@pydron.schedule
def zipped():
    a = [0]
    n = 0
    for y, z in zip([a, a, a], sorted([[a], [a], [a]], key=len)):
        n += 1
        if late(n) > 0:
            y.append(n)
            z[0].append(-n)
    return a
