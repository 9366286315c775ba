"""The workloads as programs for Pydron: each prints what it measured as one JSON line.

pydron run --slots 2 benchmarks/programs.py no_ops_10k [--quick]
"""

from __future__ import annotations

import json
import os
import signal
import statistics
import sys
import threading
import time

import accounts
import functions
from accounts import Window
from functions import size_of

import pydron

SLOTS = 2
quick = "--quick" in sys.argv

nothing = pydron.functional(functions.nothing)
add = pydron.functional(functions.add)
sleep = pydron.functional(functions.sleep)
look = pydron.functional(functions.look)
text_of = pydron.functional(functions.text_of)
array_of = pydron.functional(functions.array_of)
first_bytes = pydron.functional(functions.first_bytes)
work_10ms = pydron.functional(functions.work_10ms)


@pydron.schedule
def call_all(count):
    out = []
    for i in range(count):
        out.append(nothing(i))
    return out


@pydron.schedule
def call_one(x):
    return nothing(x)


@pydron.schedule
def links(count):
    x = 0
    for _ in range(count):
        x = nothing(x)
    return x


@pydron.schedule
def sum_of(low, high):
    if high - low == 1:
        return nothing(low)
    middle = (low + high) // 2
    return add(sum_of(low, middle), sum_of(middle, high))


@pydron.schedule
def sleep_all(durations):
    out = []
    for seconds in durations:
        out.append(sleep(seconds))
    return out


@pydron.schedule
def look_at(array, count):
    out = []
    for i in range(count):
        out.append(look(array, i))
    return out


@pydron.schedule
def inspect(count, size):
    seen = 0
    for i in range(count):
        text = text_of(i, size)
        seen += text[0]
    return seen


@pydron.schedule
def reduced(count, size):
    parts = []
    for i in range(count):
        parts.append(array_of(i, size))
    return first_bytes(parts)


@pydron.schedule
def total(count):
    result = 0
    for i in range(count):
        result += nothing(i)
    return result


@pydron.schedule
def work(count):
    out = []
    for i in range(count):
        out.append(work_10ms(i))
    return out


@pydron.schedule
def one_large(size):
    return array_of(7, size)


def warm_up() -> None:
    assert call_all(100) == list(range(100))
    sleep_all([0.02] * 4)


class ThroughDriver:
    """Bytes of values that come to the driver, in frames or as files that it opens."""

    def __enter__(self):
        from pydron import _arrivals, _frames, _values

        self.total = 0
        self._arrivals, self._kind = _arrivals, _frames.VALUES
        self._handler, self._values, self._load = _arrivals.HANDLERS[_frames.VALUES], _values, _values.load_file

        def counted(session, data):
            self.total += len(data)
            self._handler(session, data)

        def opened(path, *rest):
            self.total += os.stat(path).st_size
            return self._load(path, *rest)

        _arrivals.HANDLERS[self._kind] = counted
        _values.load_file = opened
        return self

    def __exit__(self, *_):
        self._arrivals.HANDLERS[self._kind] = self._handler
        self._values.load_file = self._load


def trivial() -> dict:
    """The runner has taken the time at which all this was started."""
    assert call_one(1) == 1
    return {"result_at": time.clock_gettime(time.CLOCK_MONOTONIC)}


def second_pipeline() -> dict:
    assert call_one(1) == 1
    begin = time.perf_counter()
    assert total(3) == 3
    return {"second_pipeline": 1000 * (time.perf_counter() - begin)}


def second_kept() -> dict:
    return {"second_kept": second_pipeline()["second_pipeline"]}


def no_ops(workload):
    def measure() -> dict:
        count = size_of(workload, quick)
        warm_up()
        call_all(min(count, 10_000))
        with Window() as window:
            assert call_all(count)[-1] == count - 1
        return {workload: count / window.seconds, workload + "_cpu": window.cpu / count * 1e6}

    return measure


def round_trip() -> dict:
    warm_up()
    times = []
    for i in range(size_of("round_trip", quick) + 100):
        begin = time.perf_counter()
        call_one(i)
        times.append(time.perf_counter() - begin)
    times = sorted(times[100:])
    return {"round_trip": 1000 * statistics.median(times), "round_trip_p99": 1000 * times[len(times) * 99 // 100]}


def chain() -> dict:
    count = size_of("chain", quick)
    warm_up()
    links(100)
    with Window() as window, ThroughDriver() as through:
        assert links(count) == 0
    return {"chain": window.seconds / count * 1e6, "chain_bytes": through.total}


def tree() -> dict:
    leaves = size_of("tree", quick)
    warm_up()
    sum_of(0, 64)
    with Window() as window:
        assert sum_of(0, leaves) == leaves * (leaves - 1) // 2
    return {"tree": window.seconds / (2 * leaves - 1) * 1e6}


def short(workload, seconds):
    def measure() -> dict:
        warm_up()
        with Window() as window:
            taken = sum(sleep_all([seconds] * size_of(workload, quick)))
        return {workload: taken / SLOTS / window.seconds}

    return measure


def array_100mb() -> dict:
    import numpy

    array = numpy.ones(size_of("array_100mb", quick), dtype="u1")
    warm_up()
    assert look_at(array[:1_000_000], 4) == [1] * 4  # numpy is imported by the task processes
    before = _files()
    with Window() as window:
        assert look_at(array, functions.ARRAY_TASKS) == [1] * functions.ARRAY_TASKS
    copied = (_files() - before) / array.nbytes
    return {
        "array_100mb": functions.ARRAY_TASKS * array.nbytes / window.seconds / 1e9,
        "array_copies": copied,
    }


def _files() -> int:
    """Bytes in the folder of value files."""
    from pydron import _connection

    folder = _connection.current().directory
    return sum(entry.stat().st_size for entry in os.scandir(folder) if entry.is_file())


def results_100kb() -> dict:
    count = size_of("results_100kb", quick)
    warm_up()
    inspect(8, 100_000)
    with Window() as window:
        assert inspect(count, 100_000) == sum(i % 256 for i in range(count))
    return {"results_100kb": count / window.seconds}


def reduce_10mb() -> dict:
    count = size_of("reduce_10mb", quick)
    warm_up()
    reduced(2, 100)
    with Window() as window, ThroughDriver() as through:
        assert reduced(count, 10_000_000) == sum(i % 256 for i in range(count))
    return {"reduce_10mb": window.seconds, "reduce_bytes": through.total}


def loop_10m() -> dict:
    """The runner watches the memory."""
    count = size_of("loop_10m", quick)
    with Window() as window:
        assert total(count) == count * (count - 1) // 2
    return {"loop_10m": count / window.seconds}


def kill() -> dict:
    """A task process is killed a third of the way through, with default settings."""
    count = size_of("kill", quick)
    warm_up()
    with Window() as undisturbed:
        work(count)
    mark = os.environ[accounts.MARK]
    victims = [number for number in accounts.marked(mark) if b"pydron._task" in _command(number)]
    killer = threading.Timer(undisturbed.seconds / 3, os.kill, (victims[0], signal.SIGKILL))
    killer.start()
    with Window() as window:
        assert work(count) == list(range(count))
    killer.join()
    return {"kill": window.seconds - undisturbed.seconds}


def _command(number: int) -> bytes:
    try:
        with open(f"/proc/{number}/cmdline", "rb") as file:
            return file.read()
    except OSError:
        return b""


def kill_worker() -> dict:
    """One of two workers with a slot each is killed a third of the way through. What it leaves has to be done by the
    other: the figure is what it took beyond that."""
    count = size_of("kill", quick)
    warm_up()
    with Window() as undisturbed:
        work(count)
    moment = undisturbed.seconds / 3
    killer = threading.Timer(moment, os.kill, (int(os.environ["BENCHMARK_VICTIM"]), signal.SIGKILL))
    killer.start()
    with Window() as window:
        assert work(count) == list(range(count))
    killer.join()
    return {"kill_worker": window.seconds - (moment + 2 * (undisturbed.seconds - moment))}


def fast_producer() -> dict:
    """Tasks make 1 MB each faster than the driver looks at them; the runner watches the memory."""
    count = size_of("fast_producer", quick)
    with Window() as window:
        inspect(count, 1_000_000)
    return {"fast_producer": count / window.seconds}


def one_gb() -> dict:
    size = size_of("one_gb", quick)
    warm_up()
    one_large(1000)
    with Window() as window:
        array = one_large(size)
        assert array.nbytes == size
        assert int(array[0]) == int(array[-1]) == 7
    return {"one_gb": window.seconds}


def pending_list() -> dict:
    """Values that do not exist yet in one list, which goes to one task."""
    count = size_of("pending_list", quick)
    warm_up()
    with Window() as window:
        assert sum_of_all(count) == count * (count - 1) // 2
    return {"pending_list": window.seconds / count * 1e6}


@pydron.functional
def sum_list(values):
    return sum(values)


@pydron.schedule
def sum_of_all(count):
    values = []
    for i in range(count):
        values.append(nothing(i))
    return sum_list(values)


def slots_64() -> dict:
    count = size_of("slots_64", quick)
    sleep_all([0.1] * 256)
    with Window() as window:
        taken = sum(sleep_all([0.1] * count))
    return {"slots_64": taken / 64 / window.seconds}


def mixed() -> dict:
    """How much longer it takes than the longest task, or than all of them evenly spread."""
    durations = functions.mixed_durations(size_of("mixed", quick))
    warm_up()
    with Window() as window:
        sleep_all(durations)
    return {"mixed": window.seconds / max(max(durations), sum(durations) / SLOTS)}


def soak() -> dict:
    """Many pipelines, one after the other; the runner draws the memory."""
    count = size_of("soak", quick)
    done = 0
    with Window() as window:
        while done < count:
            done += len(call_all(min(20_000, count - done)))
    return {"soak": count / window.seconds}


def soak_10min() -> dict:
    """The same, spread over ten minutes: what grows with time, and not with work, is seen, too."""
    count = size_of("soak_10min", quick)
    minutes = 10 if not quick else 0.01
    done = 0
    with Window() as window:
        begin = time.monotonic()
        while done < count:
            done += len(call_all(min(20_000, count - done)))
            time.sleep(max(0.0, begin + 60 * minutes * done / count - time.monotonic()))
    return {"soak_10min": window.seconds / 60}


WORKLOADS = {
    "no_ops_10k": no_ops("no_ops_10k"),
    "no_ops_100k": no_ops("no_ops_100k"),
    "no_ops_1m": no_ops("no_ops_1m"),
    "short_1ms": short("short_1ms", 0.001),
    "short_5ms": short("short_5ms", 0.005),
    "short_10ms": short("short_10ms", 0.01),
}


if __name__ == "__main__":
    name = sys.argv[1]
    print(json.dumps(WORKLOADS.get(name, globals().get(name))()), flush=True)
