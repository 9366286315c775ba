"""ipyparallel: engines on this machine behind a load-balanced view."""

from __future__ import annotations

import ipyparallel

from peers.interface import Peer as Interface


class Peer(Interface):
    def start(self, slots):
        self.cluster = ipyparallel.Cluster(n=slots, log_level=50)
        self.client = self.cluster.start_and_connect_sync(activate=False)
        self.view = self.client.load_balanced_view()

    def submit(self, function, *arguments):
        return self.view.apply_async(function, *arguments)

    def result(self, handle):
        return handle.get()

    def stop(self):
        self.client.close()
        self.cluster.stop_cluster_sync()
