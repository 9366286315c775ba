# requires: numpy
"""numpy arrays: small, large, changed in the driver, views."""

import numpy as np

import pydron
from case import case


@pydron.functional
def make(n, k=1.0):
    return np.arange(n, dtype=float) * k


@pydron.functional
def total(a):
    return a.sum()


@pydron.functional
def add(a, b):
    return a + b


@pydron.functional
def flags(a):
    return a.flags.writeable, a.flags.c_contiguous, a.shape, str(a.dtype)


@pydron.functional
def in_place(a):
    a[0] = 99
    return a


@pydron.functional
def structured(n):
    t = np.zeros(n, dtype=[("x", "f4"), ("name", "U5")])
    t["x"] = range(n)
    t["name"] = "star"
    return t


@case(parallel=4)
@pydron.schedule
def small_arrays():
    out = []
    for i in range(4):
        out.append(make(5, i))
    return out


@case()
@pydron.schedule
def large_arrays():
    out = []
    for i in range(3):
        out.append(make(20_000, i))
    return [total(a) for a in out], out


@case()
@pydron.schedule
def stack_and_median():
    frames = [make(10_000, k) for k in range(5)]
    stacked = np.stack(frames)
    return np.median(stacked, axis=0)[:5], stacked.shape, float(stacked.mean()), np.max(stacked)


@case()
@pydron.schedule
def running_sum():
    image = np.zeros(20_000)
    for k in range(3):
        image += make(20_000, k)
    image /= 3
    return image[:5], image.sum()


@case()
@pydron.schedule
def running_sum_of_new_arrays():
    image = make(100, 0)
    for k in range(3):
        image = image + make(100, k)
    return image


@case()
@pydron.schedule
def result_is_changed():
    a = make(20_000)
    b = a
    before = total(a)
    a[0] = 1000
    a *= 2
    after = total(a)
    return before, after, b[0], a is b, flags(a)


@case()
@pydron.schedule
def views_share():
    a = make(20_000)
    v = a[10:20]
    v[:] = -1
    w = a.reshape(2, -1)
    w[0, 0] = 5
    return a[:20], total(v), flags(w), np.shares_memory(v, a), np.shares_memory(w, a)


@case()
@pydron.schedule
def task_changes_only_its_copy():
    a = np.arange(5)
    b = in_place(a.copy())
    return a, b


@case()
@pydron.schedule
def snapshots_of_arrays():
    a = np.zeros(20_000)
    sums = []
    for i in range(3):
        a[i] = i + 1
        sums.append(total(a))
    return sums, [float(s) for s in sums]


@case()
@pydron.schedule
def kinds_of_arrays():
    return (
        structured(3), flags(np.asfortranarray(np.ones((3, 4)))), total(np.ones((4, 4))[::2]), add(np.int8(3), 4),
        total(np.array([], dtype="f4")), add(np.array(["a"], dtype=object), "b"), make(3).astype("c8"), np.float32(total(make(3))),
    )


@case()
@pydron.schedule
def condition_on_array_result():
    kept = []
    for k in (3, -1, 2):
        a = make(100, k)
        if total(a) > 0:
            kept.append(a.mean())
    return kept, len(kept)


@case()
@pydron.schedule
def ambiguous_truth():
    if make(3):
        return 1


@case()
@pydron.schedule
def shape_error():
    a = make(3)
    b = make(4)
    return a + b


@case()
@pydron.schedule
def boolean_masks():
    a = make(10)
    bright = a > 4
    a[bright] = 0
    return a, bright, np.where(bright)[0], a[~bright], int(bright.sum())


@case()
@pydron.schedule
def large_array_through_tasks():
    a = make(50_000)
    b = add(a, a)
    c = add(b, a)
    return float(total(c)), flags(c)


@case()
@pydron.schedule
def dict_of_arrays():
    table = {}
    for name in ("dark", "flat"):
        table[name] = make(len(name))
    table["flat"] /= table["flat"].max()
    return table
