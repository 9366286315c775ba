"""Ray on one machine."""

from __future__ import annotations

import os

import accounts

from peers.interface import Peer as Interface


class Peer(Interface):
    takes_handles = True
    survives_kill = True

    def start(self, slots):
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        import ray

        self.ray = ray
        ray.init(num_cpus=slots, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
        self.remote: dict = {}

    def submit(self, function, *arguments):
        if function not in self.remote:
            self.remote[function] = self.ray.remote(function)
        return self.remote[function].remote(*arguments)

    def result(self, handle):
        return self.ray.get(handle)

    def map(self, function, arguments):
        return self.ray.get([self.submit(function, argument) for argument in arguments])

    def stop(self):
        self.ray.shutdown()

    def workers(self):
        found = []
        for number in accounts.marked(os.environ.get(accounts.MARK, "")):
            try:
                with open(f"/proc/{number}/cmdline", "rb") as file:
                    command = file.read()
                if command.startswith((b"ray::IDLE", b"ray::nothing", b"ray::sleep")):  # not Ray's own agents
                    found.append(number)
            except OSError:
                continue
        return found
