"""Parsl's high-throughput executor with worker processes on this machine."""

from __future__ import annotations

import tempfile

import parsl
from parsl.app.app import python_app
from parsl.config import Config
from parsl.executors import HighThroughputExecutor
from parsl.providers import LocalProvider

from peers.interface import Peer as Interface


class Peer(Interface):
    takes_handles = True

    def start(self, slots):
        self.folder = tempfile.TemporaryDirectory()
        executor = HighThroughputExecutor(
            label="local",
            address="127.0.0.1",
            max_workers_per_node=slots,
            provider=LocalProvider(init_blocks=1, max_blocks=1),
        )
        parsl.load(Config(executors=[executor], run_dir=self.folder.name, usage_tracking=0))
        self.apps: dict = {}

    def submit(self, function, *arguments):
        if function not in self.apps:
            self.apps[function] = python_app(function)
        return self.apps[function](*arguments)

    def result(self, handle):
        return handle.result()

    def stop(self):
        parsl.dfk().cleanup()
        parsl.clear()
        self.folder.cleanup()
