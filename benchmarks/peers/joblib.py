"""joblib with its own processes (loky), and the batches it finds by itself."""

from __future__ import annotations

from joblib import Parallel, delayed

from peers.interface import Peer as Interface


class Peer(Interface):
    def start(self, slots):
        self.parallel = Parallel(n_jobs=slots)
        self.parallel.__enter__()

    def submit(self, function, *arguments):
        # It has no calls one by one: a list of one is what a program would write.
        return self.parallel([delayed(function)(*arguments)])[0]

    def result(self, handle):
        return handle

    def map(self, function, arguments):
        return self.parallel(delayed(function)(argument) for argument in arguments)

    def stop(self):
        self.parallel.__exit__(None, None, None)
        from joblib.externals.loky import get_reusable_executor

        get_reusable_executor().shutdown(wait=True)
