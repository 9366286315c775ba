"""The work that Pydron and its peers are given, and how much of it. Both sides import this, so both do the same."""

from __future__ import annotations

import os
import time

#: How much, in full and in a smoke run.
SIZES = {
    "no_ops_10k": (10_000, 1_000),
    "no_ops_100k": (100_000, 2_000),
    "no_ops_1m": (1_000_000, 3_000),
    "round_trip": (1_000, 30),
    "chain": (1_000, 50),
    "tree": (1_024, 32),
    "short_1ms": (2_000, 60),
    "short_5ms": (2_000, 20),
    "short_10ms": (2_000, 20),
    "array_100mb": (100_000_000, 2_000_000),
    "results_100kb": (2_000, 20),
    "reduce_10mb": (200, 4),
    "loop_10m": (10_000_000, 3_000),
    "kill": (2_000, 100),
    "fast_producer": (2_000, 20),
    "one_gb": (1_000_000_000, 5_000_000),
    "pending_list": (100_000, 1_000),
    "slots_64": (2_000, 200),
    "mixed": (60, 6),
    "soak": (1_000_000, 2_000),
    "soak_10min": (1_000_000, 2_000),
}
#: The array goes to so many tasks.
ARRAY_TASKS = 20


def size_of(workload: str, quick: bool) -> int:
    return SIZES[workload][quick]


def mixed_durations(count: int) -> list:
    """Seconds from 1 ms to 30 s, most of them short: the same for everybody, the longest in the middle."""
    spread = [0.001 * 30_000 ** ((i * 37 % count) / max(1, count - 1) * 0.6) for i in range(count)]
    spread[count // 2] = 30.0 if count > 10 else 0.3
    return spread


def nothing(x):
    return x


def add(a, b):
    return a + b


def sleep(seconds):
    """Gives how long it really took: timers are late by some 0.05 ms, which is nobody's fault here."""
    begin = time.perf_counter()
    time.sleep(seconds)
    return time.perf_counter() - begin


def pid(seconds):
    time.sleep(seconds)
    return os.getpid()


def look(array, index):
    return int(array[index])


def text_of(index, size):
    return bytes([index % 256]) * size


def array_of(index, size):
    import numpy

    return numpy.full(size, index % 256, dtype="u1")


def first_bytes(arrays):
    """What the one reducing task does: it looks at every array."""
    return sum(int(array[0]) for array in arrays)


def work_10ms(index):
    time.sleep(0.01)
    return index
