"""The floor and the competitor: a bare pipe with pickle and batches, and `concurrent.futures`.

    python benchmarks/peers.py pipe no_ops
    python benchmarks/peers.py futures short_calls
"""

from __future__ import annotations

import json
import multiprocessing
import multiprocessing.connection
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
        batches = [arguments[i:i + batch] for i in range(0, len(arguments), batch)]
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


def by_pipe(what: str) -> dict:
    slots = 4 if what == "sleeps" else SLOTS
    pipes = Pipes(slots)
    pipes.map(nothing, list(range(100)), 10)
    try:
        if what == "sleeps":
            return {"seconds": timed(pipes.map, sleep, [1.0] * 4, 1)}
        if what == "short_calls":
            return {"seconds": timed(pipes.map, sleep, [0.01] * 2000, 1)}
        if what == "no_ops":
            return {"seconds": timed(pipes.map, nothing, list(range(10_000)), BATCH)}
        return {"seconds": timed(lambda: [pipes.map(nothing, [i], 1) for i in range(1000)]) / 1000}
    finally:
        pipes.close()


def by_futures(what: str) -> dict:
    with ProcessPoolExecutor(4 if what == "sleeps" else SLOTS) as pool:
        list(pool.map(nothing, range(100)))
        if what == "sleeps":
            return {"seconds": timed(lambda: [f.result() for f in [pool.submit(sleep, 1.0) for _ in range(4)]])}
        if what == "short_calls":
            return {"seconds": timed(lambda: [f.result() for f in [pool.submit(sleep, 0.01) for _ in range(2000)]])}
        if what == "no_ops":
            return {"seconds": timed(lambda: [f.result() for f in [pool.submit(nothing, i) for i in range(10_000)]])}
        return {"seconds": timed(lambda: [pool.submit(nothing, i).result() for i in range(1000)]) / 1000}


if __name__ == "__main__":
    print(json.dumps({"pipe": by_pipe, "futures": by_futures}[sys.argv[1]](sys.argv[2])))
