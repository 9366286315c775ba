"""`multiprocessing.Pool`. After a process was killed it waits for ever."""

from __future__ import annotations

import multiprocessing

from peers.interface import Peer as Interface


class Peer(Interface):
    def start(self, slots):
        self.pool = multiprocessing.Pool(slots)

    def submit(self, function, *arguments):
        return self.pool.apply_async(function, arguments)

    def result(self, handle):
        return handle.get()

    def stop(self):
        self.pool.close()
        self.pool.join()
