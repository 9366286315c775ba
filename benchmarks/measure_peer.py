"""Gives one peer one workload, and prints what was measured as one JSON line.

python benchmarks/measure_peer.py ray no_ops_10k [--quick]
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import statistics
import sys
import threading
import time
from typing import Any, Callable

import functions
from accounts import Window
from functions import size_of
from peers import PEERS

SLOTS = 2


def warm(peer) -> None:
    peer.map(functions.nothing, list(range(100)))
    peer.map(functions.sleep, [0.02] * 4)


def cold(peer, quick: bool) -> dict:
    """The runner has taken the time at which this process was started."""
    assert peer.result(peer.submit(functions.nothing, 1)) == 1
    return {"result_at": time.clock_gettime(time.CLOCK_MONOTONIC)}


def no_ops(workload: str) -> Callable:
    def measure(peer, quick: bool) -> dict:
        count = size_of(workload, quick)
        with Window() as window:
            assert peer.map(functions.nothing, list(range(count)))[-1] == count - 1
        return {workload: count / window.seconds, workload + "_cpu": window.cpu / count * 1e6}

    return measure


def round_trip(peer, quick: bool) -> dict:
    times = []
    for i in range(size_of("round_trip", quick)):
        begin = time.perf_counter()
        peer.result(peer.submit(functions.nothing, i))
        times.append(time.perf_counter() - begin)
    times.sort()
    return {"round_trip": 1000 * statistics.median(times), "round_trip_p99": 1000 * times[len(times) * 99 // 100]}


def chain(peer, quick: bool) -> dict:
    count = size_of("chain", quick)
    with Window() as window:
        link: Any = 0
        for _ in range(count):
            link = peer.submit(functions.nothing, link)
            if not peer.takes_handles:
                link = peer.result(link)
        if peer.takes_handles:
            assert peer.result(link) == 0
    return {"chain": window.seconds / count * 1e6}


def tree(peer, quick: bool) -> dict:
    """Level by level, as one writes it where a task cannot wait for others."""
    leaves = size_of("tree", quick)
    with Window() as window:
        level: list = [peer.submit(functions.nothing, i) for i in range(leaves)]
        while len(level) > 1:
            if not peer.takes_handles:
                level = [peer.result(handle) for handle in level]
            level = [peer.submit(functions.add, level[i], level[i + 1]) for i in range(0, len(level), 2)]
        assert peer.result(level[0]) == leaves * (leaves - 1) // 2
    return {"tree": window.seconds / (2 * leaves - 1) * 1e6}


def short(workload: str, seconds: float) -> Callable:
    def measure(peer, quick: bool) -> dict:
        count = size_of(workload, quick)
        with Window() as window:
            taken = sum(peer.map(functions.sleep, [seconds] * count))
        return {workload: taken / SLOTS / window.seconds}

    return measure


def array_100mb(peer, quick: bool) -> dict:
    import numpy

    array = numpy.ones(size_of("array_100mb", quick), dtype="u1")
    with Window() as window:
        shared = peer.ray.put(array) if hasattr(peer, "ray") else array
        handles = [peer.submit(functions.look, shared, i) for i in range(functions.ARRAY_TASKS)]
        assert [peer.result(handle) for handle in handles] == [1] * functions.ARRAY_TASKS
    return {"array_100mb": functions.ARRAY_TASKS * array.nbytes / window.seconds / 1e9}


def results_100kb(peer, quick: bool) -> dict:
    count = size_of("results_100kb", quick)
    with Window() as window:
        handles = [peer.submit(functions.text_of, i, 100_000) for i in range(count)]
        seen = sum(peer.result(handle)[0] for handle in handles)
    assert seen == sum(i % 256 for i in range(count))
    return {"results_100kb": count / window.seconds}


def reduce_10mb(peer, quick: bool) -> dict:
    count = size_of("reduce_10mb", quick)
    with Window() as window:
        parts = [peer.submit(functions.array_of, i, 10_000_000) for i in range(count)]
        if not peer.takes_handles or hasattr(peer, "ray"):
            parts = [peer.result(part) for part in parts]
        assert peer.result(peer.submit(functions.first_bytes, parts)) == sum(i % 256 for i in range(count))
    return {"reduce_10mb": window.seconds}


def kill(peer, quick: bool) -> dict:
    """One worker process is killed a third of the way through."""
    count = size_of("kill", quick)
    victims = peer.workers()
    with Window() as undisturbed:
        peer.map(functions.work_10ms, list(range(count)))
    killer = threading.Timer(undisturbed.seconds / 3, os.kill, (victims[0], signal.SIGKILL))
    killer.start()
    with Window() as window:
        assert peer.map(functions.work_10ms, list(range(count))) == list(range(count))
    killer.join()
    return {"kill": window.seconds - undisturbed.seconds}


WORKLOADS = {
    "cold": cold,
    "no_ops_10k": no_ops("no_ops_10k"),
    "no_ops_100k": no_ops("no_ops_100k"),
    "no_ops_1m": no_ops("no_ops_1m"),
    "round_trip": round_trip,
    "chain": chain,
    "tree": tree,
    "short_1ms": short("short_1ms", 0.001),
    "short_5ms": short("short_5ms", 0.005),
    "short_10ms": short("short_10ms", 0.01),
    "array_100mb": array_100mb,
    "results_100kb": results_100kb,
    "reduce_10mb": reduce_10mb,
    "kill": kill,
}


def main() -> None:
    name, workload = sys.argv[1:3]
    quick = "--quick" in sys.argv
    try:
        importlib.import_module(PEERS[name][0])
    except ImportError as error:
        print(json.dumps({"missing": f"{name} cannot be imported: {error}"}))
        return
    peer = importlib.import_module(f"peers.{name}").Peer()
    if workload == "kill" and not peer.survives_kill:
        print(json.dumps({"missing": f"{name} does not go on after a worker process was killed"}))
        return
    peer.start(SLOTS)
    try:
        if workload != "cold":
            warm(peer)
        print(json.dumps(WORKLOADS[workload](peer, quick)), flush=True)
    finally:
        peer.stop()


if __name__ == "__main__":
    main()
