"""Chains of calls that are computed before their turn: what one is expected to come to is an argument of the next."""

import time

import numpy as np

import pydron
from case import case

LOG = []


def save(x):
    LOG.append(x)


@pydron.functional
def load(n):
    time.sleep(0.01)
    return n * 10


@pydron.functional
def clean(x, by=1):
    time.sleep(0.01)
    return x + by


@pydron.functional
def fail_at(x, n):
    if x == n:
        raise ValueError(x)
    return x


@pydron.functional
def both(pair, k=()):
    return pair[0] * 100 + pair[1] + sum(k)


@pydron.functional
def make_array(n):
    return np.full(30_000, float(n))


@pydron.functional
def array_sum(a, scale):
    return float(a.sum()) * scale


@pydron.functional
def same(x):
    return x


@pydron.functional
def make_list(n):
    return [n]


@pydron.functional
def head(xs):
    return xs[0]


@case(8)
@pydron.schedule
def three_in_a_row(n):
    for i in range(n):
        a = load(i)
        b = clean(a)
        c = clean(b, by=2)
        save(c)
    return a, b, c, LOG


@case(8)
@pydron.schedule
def nested_calls(n):
    for i in range(n):
        save(clean(clean(load(i)), by=i))
    return LOG


@case(6)
@pydron.schedule
def in_displays(n):
    for i in range(n):
        a, b = load(i), load(i + 1)
        save(both((a, b)))
        save(both([b, a], k=[a, b, 1]))
    return LOG


@case(6)
@pydron.schedule
def copied(n):
    for i in range(n):
        a = load(i)
        b = a
        c = [a, b]
        save(both(c) + clean(b))
    return LOG


@case(6)
@pydron.schedule
def through_iterations(n):
    total = load(1)
    before = 0
    for i in range(n):
        total = both((total, load(i)))
        save(i)
        before = clean(total, by=before)
    return total, before, LOG


@case(8, 3)
@pydron.schedule
def one_of_them_fails(n, bad):
    try:
        for i in range(n):
            a = fail_at(i, bad)
            b = clean(a)
            save(b)
    except ValueError as error:
        return str(error), a, b, LOG
    return LOG


@case(8, 21)
@pydron.schedule
def the_last_one_fails(n, bad):
    done = []
    for i in range(n):
        a = load(i)
        b = clean(a)
        try:
            done.append(fail_at(b, bad))
        except ValueError as error:
            done.append(str(error))
        save(len(done))
    return done, LOG


@case(8)
@pydron.schedule
def decided_by_a_result(n):
    for i in range(n):
        a = load(i)
        if a % 20:
            b = clean(a)
        else:
            b = clean(a, by=5)
        c = clean(b)
        save(c)
    return LOG


@case(8)
@pydron.schedule
def looked_at_in_between(n):
    for i in range(n):
        a = load(i)
        save(a)
        b = clean(a)
        save(b + 1)
        save(clean(b))
    return LOG


@case(5)
@pydron.schedule
def arrays(n):
    for i in range(n):
        image = make_array(i)
        save(array_sum(image, 2.0))
        save(array_sum(image, float(image[0])))
    return LOG


@case(5)
@pydron.schedule
def changed_in_between(n):
    for i in range(n):
        xs = make_list(i)
        a = head(xs)
        xs[0] = 7
        b = head(xs)
        save((a, b, xs))
    return LOG


@case(5)
@pydron.schedule
def is_it_the_same(n):
    for i in range(n):
        xs = make_list(i)
        ys = xs
        if ys is xs:
            save(head(ys))
        if xs is None:
            save(clean(xs))
        save(head(same(xs)))
    return LOG


@case(6)
@pydron.schedule
def replaced_by_effects(n):
    state = [0]

    def next_one():
        state[0] += 3
        return state[0]

    for i in range(n):
        a = load(next_one())
        b = clean(a)
        save((b, clean(b, by=i)))
    return LOG


@case(12)
@pydron.schedule
def left_early(n):
    for i in range(n):
        a = load(i)
        b = clean(a)
        save(b)
        if i == 5:
            break
    for i in range(3):
        a = load(i)
        b = clean(a)
        save(b)
    return LOG, a, b


@case(4)
@pydron.schedule
def twice_the_same(n):
    for i in range(n):
        a = load(1)
        b = clean(a)
        c = clean(a)
        save((b, c))
    return LOG


@case(3)
@pydron.schedule
def loops_in_loops(n):
    for i in range(n):
        a = load(i)
        for j in range(3):
            b = clean(a, by=j)
            c = both((a, b))
            save(c)
        save(clean(c))
    return LOG
