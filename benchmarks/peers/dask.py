"""Dask's distributed scheduler with worker processes on this machine."""

from __future__ import annotations

from distributed import Client, LocalCluster

from peers.interface import Peer as Interface


class Peer(Interface):
    takes_handles = True
    survives_kill = True

    def start(self, slots):
        self.cluster = LocalCluster(
            n_workers=slots, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
        )
        self.client = Client(self.cluster)

    def submit(self, function, *arguments):
        return self.client.submit(function, *arguments, pure=False)

    def result(self, handle):
        return handle.result()

    def map(self, function, arguments):
        return self.client.gather(self.client.map(function, arguments, pure=False))

    def stop(self):
        self.client.close()
        self.cluster.close()

    def workers(self):
        import os

        return list(self.client.run(os.getpid).values())
