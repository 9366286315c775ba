# requires: tqdm
"""Progress bars, logging and warnings are output: in program order, and holding no functional call back."""

import logging
import sys
import warnings

from tqdm import tqdm, trange
from tqdm.auto import tqdm as auto_tqdm

import pydron
from case import case

#: No times in what is shown, and every step is shown.
PLAIN = {"mininterval": 0, "miniters": 1, "ncols": 60, "bar_format": "{l_bar}{n_fmt}/{total_fmt} {postfix}|"}

log = logging.getLogger("bars")
log.setLevel(logging.INFO)
log.propagate = False
if not log.handlers:
    log.addHandler(logging.StreamHandler(sys.stdout))


@pydron.functional
def double(x):
    return 2 * x


@pydron.functional
def fails_at(x, bad):
    if x == bad:
        raise ValueError(x)
    return x


@case([1, 2, 3, 4])
@pydron.schedule
def with_unpacked_options(xs):
    out = []
    for x in tqdm(xs, **PLAIN):
        out.append(double(x))
    return out


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def with_a_text(xs):
    out = []
    for x in tqdm(xs, desc="stars", mininterval=0, ncols=40, bar_format="{l_bar}{n_fmt}/{total_fmt}"):
        out.append(double(x))
    return out


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def in_a_comprehension(xs):
    return [double(x) for x in tqdm(xs, mininterval=0, bar_format="{n_fmt}/{total_fmt}") if x != 7]


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def of_pairs(xs):
    out = {}
    for i, x in auto_tqdm(enumerate(xs), total=len(xs), mininterval=0, bar_format="{n_fmt}/{total_fmt}"):
        out[i] = double(x)
    return out


@case([1, 2, 3, 4])
@pydron.schedule
def of_a_generator(xs):
    out = []
    for x in tqdm((x for x in xs), mininterval=0, bar_format="{n_fmt}"):
        out.append(double(x))
    return out


@case([], parallel=0)
@case([1, 2, 3, 4])
@pydron.schedule
def left_early(xs):
    out = []
    for x in tqdm(xs, mininterval=0, bar_format="{n_fmt}/{total_fmt}"):
        if double(x) > 5:
            break
        if x == 1:
            continue
        out.append(x)
    else:
        print("to the end")
    print("left", len(out))
    return out


@case([1, 2, 3, 4])
@pydron.schedule
def returns_from_within(xs):
    for x in tqdm(xs, mininterval=0, bar_format="{n_fmt}/{total_fmt}"):
        if double(x) > 5:
            return x
    return None


@case([1, 2, 3, 4], 3)
@pydron.schedule
def fails_within(xs, bad):
    out = []
    for x in tqdm(xs, mininterval=0, leave=False, bar_format="{n_fmt}/{total_fmt}"):
        out.append(fails_at(x, bad))
    return out


@case([[1, 2], [3, 4]], parallel=4)
@pydron.schedule
def nested(rows):
    out = []
    for row in tqdm(rows, mininterval=0, bar_format="outer {n_fmt}/{total_fmt}"):
        for x in tqdm(row, mininterval=0, bar_format="inner {n_fmt}/{total_fmt}", leave=False):
            out.append(double(x))
    return out


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def by_hand(xs):
    out = []
    with tqdm(total=len(xs), mininterval=0, bar_format="{desc}{n_fmt}/{total_fmt}{postfix}") as bar:
        for x in xs:
            out.append(double(x))
            bar.update(1)
        bar.set_description("end")
    return out


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def kept_and_closed(xs):
    bar = tqdm(total=len(xs), mininterval=0, bar_format="{n_fmt}/{total_fmt}")
    out = []
    for x in xs:
        out.append(double(x))
        bar.update()
    shown = bar.n
    bar.close()
    return out, shown


@case(3)
@pydron.schedule
def over_a_range(n):
    out = []
    for i in trange(n, mininterval=0, bar_format="{n_fmt}/{total_fmt}"):
        out.append(double(i))
    return out


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def text_between(xs):
    out = []
    for x in tqdm(xs, mininterval=0, bar_format="{n_fmt}/{total_fmt}"):
        y = double(x)
        tqdm.write(f"{x} gives {y}")
        out.append(y)
    return out


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def logged(xs):
    out = []
    for x in xs:
        y = double(x)
        log.info("%s gives %s", x, y)
        sys.stdout.write(f"{y}\n")
        out.append(y)
    return out


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def warned(xs):
    out = []
    for x in xs:
        y = double(x)
        if x == 2:
            warnings.warn("two", UserWarning, stacklevel=1)
        out.append(y)
    return out


class Numbers:
    """Says how often it was asked."""

    def __init__(self, n):
        self.n = n

    def __len__(self):
        print("length")
        return self.n

    def __getitem__(self, i):
        print("item", i)
        if i >= self.n:
            raise IndexError(i)
        return i


@case(Numbers(3))
@pydron.schedule
def items_of_the_users(numbers):
    out = []
    for x in tqdm(numbers, mininterval=0, bar_format="{n_fmt}/{total_fmt}"):
        out.append(double(x))
    return out
