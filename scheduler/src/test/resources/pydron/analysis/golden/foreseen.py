"""Calls that the driver may foresee while something nothing is known about runs."""

import pydron

db = {}


@pydron.functional
def process(x, y=0):
    return x + y


def unknown(*values):
    return db.update({value: value for value in values}) or len(db) > 3


class Store:
    def __init__(self):
        self.results = []
        self.config = 3

    @pydron.schedule
    def collect(self, items):
        for item in items:
            self.results.append(process(item, self.config))


@pydron.schedule
def saved(files, folder):
    for number, name in enumerate(files):
        path = folder + "/" + name
        cost = number * number
        result = process(path, y=number)
        unknown(result, cost)


@pydron.schedule
def written(path, items):
    with open(path, "w") as out:
        for item in items:
            out.write(str(process(item)))


@pydron.schedule
def skipped(items):
    for item in items:
        if unknown(item):
            continue
        unknown(process(item))


@pydron.schedule
def first(items):
    for item in items:
        result = process(item)
        if result > 3:
            return result


@pydron.schedule
def one_after_the_other():
    a = process(1)
    unknown(a)
    b = process(2)
    unknown(b)
    c = process(b)
    unknown(c)


@pydron.schedule
def grid(rows, columns):
    for row in rows:
        for column in columns:
            unknown(process(row, column))
        unknown(row)


@pydron.schedule
def counted(limit):
    number = 0
    while number < limit:
        unknown(process(number))
        number += 1


@pydron.schedule
def not_foreseen(items):
    state = 0
    for item in items:
        state = unknown(process(state))
    for item in items:
        unknown(item)
