"""The floor: task processes behind bare pipes, with pickle and batches. Nothing is scheduled, nothing can fail."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import pickle

from peers.interface import Peer as Interface

#: Calls in one message, where there are many.
BATCH = 256


def serve(pipe) -> None:
    """The least a task process can do: unpickle a batch, call, pickle the results."""
    while True:
        message = pipe.recv_bytes()
        if not message:
            return
        function, calls = pickle.loads(message)
        pipe.send_bytes(pickle.dumps([function(*arguments) for arguments in calls], protocol=5))


class Peer(Interface):
    def start(self, slots):
        self.pairs = []
        for _ in range(slots):
            ours, theirs = multiprocessing.Pipe()
            process = multiprocessing.Process(target=serve, args=(theirs,), daemon=True)
            process.start()
            self.pairs.append((ours, process))

    def submit(self, function, *arguments):
        return self._run(function, [arguments], 1)[0]

    def result(self, handle):
        return handle

    def map(self, function, arguments):
        # As many in one message as there are for the no-ops; what takes long goes one by one.
        batch = BATCH if len(arguments) >= 2 * BATCH and function.__name__ == "nothing" else 1
        return self._run(function, [(argument,) for argument in arguments], batch)

    def _run(self, function, calls, batch):
        batches = [calls[i : i + batch] for i in range(0, len(calls), batch)]
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

    def stop(self):
        for pipe, process in self.pairs:
            pipe.send_bytes(b"")
            process.join()
