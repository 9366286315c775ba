"""`concurrent.futures.ProcessPoolExecutor`. A killed process breaks the pool: everything not done fails."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor

from peers.interface import Peer as Interface


class Peer(Interface):
    def start(self, slots):
        self.pool = ProcessPoolExecutor(slots)

    def submit(self, function, *arguments):
        return self.pool.submit(function, *arguments)

    def result(self, handle):
        return handle.result()

    def stop(self):
        self.pool.shutdown()
