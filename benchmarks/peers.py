"""The floor and the peers: a bare pipe with pickle and batches, `concurrent.futures`, dask and ray.

python benchmarks/peers.py pipe no_ops
python benchmarks/peers.py ray short_calls

Prints seconds as one JSON line, or `{"missing": ...}` where the peer is not installed. Each is used as its own
documentation shows it for one machine, with processes, warmed up before the clock starts.
"""

from __future__ import annotations

import importlib.util
import json
import multiprocessing
import multiprocessing.connection
import os
import pickle
import sys
import time
from concurrent.futures import ProcessPoolExecutor

SLOTS = 2
BATCH = 256


def nothing(x):
    return x


def sleep(seconds):
    time.sleep(seconds)
    return 1


def serve(pipe) -> None:
    """The least a task process can do: unpickle a batch, call, pickle the results."""
    while True:
        message = pipe.recv_bytes()
        if not message:
            return
        function, arguments = pickle.loads(message)
        pipe.send_bytes(pickle.dumps([function(argument) for argument in arguments], protocol=5))


class Pipes:
    """Task processes behind bare pipes; a batch goes to whichever is free."""

    def __init__(self, slots: int):
        self.pairs = []
        for _ in range(slots):
            ours, theirs = multiprocessing.Pipe()
            process = multiprocessing.Process(target=serve, args=(theirs,), daemon=True)
            process.start()
            self.pairs.append((ours, process))

    def map(self, function, arguments, batch: int) -> list:
        batches = [arguments[i : i + batch] for i in range(0, len(arguments), batch)]
        results: list = [None] * len(batches)
        idle = [pipe for pipe, _ in self.pairs]
        busy: dict = {}
        following = 0
        while following < len(batches) or busy:
            while idle and following < len(batches):
                pipe = idle.pop()
                pipe.send_bytes(pickle.dumps((function, batches[following]), protocol=5))
                busy[pipe] = following
                following += 1
            for pipe in multiprocessing.connection.wait(list(busy)):
                results[busy.pop(pipe)] = pickle.loads(pipe.recv_bytes())
                idle.append(pipe)
        return [item for part in results for item in part]

    def close(self) -> None:
        for pipe, process in self.pairs:
            pipe.send_bytes(b"")
            process.join()


def timed(function, *args) -> float:
    start = time.perf_counter()
    function(*args)
    return time.perf_counter() - start


def slots_for(what: str) -> int:
    return 4 if what == "sleeps" else SLOTS


def load(what: str) -> tuple:
    """The function to call and the arguments to call it with, one by one."""
    if what == "sleeps":
        return sleep, [1.0] * 4
    if what == "short_calls":
        return sleep, [0.01] * 2000
    return nothing, list(range(10_000))


def by_pipe(what: str) -> dict:
    pipes = Pipes(slots_for(what))
    pipes.map(nothing, list(range(100)), 10)
    try:
        if what == "round_trip":
            return {"seconds": timed(lambda: [pipes.map(nothing, [i], 1) for i in range(1000)]) / 1000}
        return {"seconds": timed(pipes.map, *load(what), BATCH if what == "no_ops" else 1)}
    finally:
        pipes.close()


def by_futures(what: str) -> dict:
    with ProcessPoolExecutor(slots_for(what)) as pool:
        list(pool.map(nothing, range(100)))
        if what == "round_trip":
            return {"seconds": timed(lambda: [pool.submit(nothing, i).result() for i in range(1000)]) / 1000}
        function, arguments = load(what)
        return {"seconds": timed(lambda: [f.result() for f in [pool.submit(function, a) for a in arguments]])}


def by_dask(what: str) -> dict:
    """Dask's scheduler for processes, with a pool that is up already; `distributed` is another package."""
    import dask

    # Dask sends calls in bunches of six unless told otherwise: the four sleeps would then run in one process.
    bunch = BATCH if what == "no_ops" else 1
    with ProcessPoolExecutor(slots_for(what)) as pool, dask.config.set(scheduler="processes", pool=pool):
        delayed = {function: dask.delayed(function, pure=False) for function in (nothing, sleep)}

        def call(function, arguments):
            return dask.compute(*[delayed[function](argument) for argument in arguments], chunksize=bunch)

        call(nothing, range(100))
        if what == "round_trip":
            return {"seconds": timed(lambda: [call(nothing, [i]) for i in range(200)]) / 200}
        return {"seconds": timed(call, *load(what))}


def by_ray(what: str) -> dict:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    import ray

    ray.init(num_cpus=slots_for(what), include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    try:
        remote = {nothing: ray.remote(nothing), sleep: ray.remote(sleep)}

        def call(function, arguments):
            return ray.get([remote[function].remote(argument) for argument in arguments])

        call(nothing, range(100))
        call(sleep, [0.2] * slots_for(what))
        if what == "round_trip":
            return {"seconds": timed(lambda: [call(nothing, [i]) for i in range(1000)]) / 1000}
        return {"seconds": timed(call, *load(what))}
    finally:
        ray.shutdown()


PEERS = {"pipe": by_pipe, "futures": by_futures, "dask": by_dask, "ray": by_ray}


def main() -> None:
    peer, what = sys.argv[1:]
    if peer in ("dask", "ray") and importlib.util.find_spec(peer) is None:
        print(json.dumps({"missing": f"{peer} is not installed in {sys.executable}"}))
        return
    print(json.dumps(PEERS[peer](what)))


if __name__ == "__main__":
    main()
