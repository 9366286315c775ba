"""What is measured, run inside `pydron run` (or as the peer): each function gives seconds, printed as one JSON line.

pydron run --slots 2 benchmarks/programs.py sleeps
"""

from __future__ import annotations

import json
import sys
import time

import pydron


@pydron.functional
def sleep(seconds):
    time.sleep(seconds)
    return 1


@pydron.functional
def nothing(x):
    return x


@pydron.schedule
def sleep_all(count, seconds):
    total = 0
    for _ in range(count):
        total += sleep(seconds)
    return total


@pydron.schedule
def call_all(count):
    out = []
    for i in range(count):
        out.append(nothing(i))
    return out


@pydron.schedule
def one_after_the_other(count):
    x = 0
    for _ in range(count):
        x = nothing(x) + 1
    return x


def timed(function, *args) -> float:
    start = time.perf_counter()
    function(*args)
    return time.perf_counter() - start


def warm_up() -> None:
    assert call_all(50) == list(range(50))
    sleep_all(8, 0.05)


def sleeps() -> dict:
    warm_up()
    return {"seconds": timed(sleep_all, 4, 1.0)}


def cold_sleeps() -> dict:
    """From the call in a process that has not yet talked to the service."""
    return {"seconds": timed(sleep_all, 4, 1.0)}


def short_calls() -> dict:
    warm_up()
    return {"seconds": timed(sleep_all, 2000, 0.01)}


def no_ops() -> dict:
    warm_up()
    call_all(10_000)
    return {"seconds": timed(call_all, 10_000)}


def cold_no_ops() -> dict:
    return {"seconds": timed(call_all, 10_000)}


def round_trip() -> dict:
    warm_up()
    one_after_the_other(300)
    return {"seconds": timed(one_after_the_other, 1000) / 1000}


def trivial() -> dict:
    assert call_all(3) == [0, 1, 2]
    return {}


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]]()))
