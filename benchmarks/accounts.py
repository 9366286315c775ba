"""What a workload costs, of all its processes together. They are known by a variable in their environment, which
daemons inherit too, and which stays when a parent ends."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field

MARK = "BENCHMARK_MARK"
_TICK = os.sysconf("SC_CLK_TCK")


def marked(mark: str, known: dict[int, bool] | None = None) -> list[int]:
    """Process ids that carry the mark. `known` remembers the answers, as reading an environment is not free."""
    known = {} if known is None else known
    wanted = f"{MARK}={mark}".encode()
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        number = int(name)
        if number not in known:
            try:
                with open(f"/proc/{number}/environ", "rb") as file:
                    known[number] = wanted in file.read().split(b"\0")
            except OSError:
                continue
        if known[number]:
            found.append(number)
    return found


def cpu_seconds(pids: list[int]) -> float:
    """User and system time, with that of children that have ended and were waited for."""
    ticks = 0
    for number in pids:
        try:
            with open(f"/proc/{number}/stat", "rb") as file:
                ticks += sum(map(int, file.read().rpartition(b")")[2].split()[11:15]))
        except OSError:
            continue
    return ticks / _TICK


def private_bytes(pids: list[int]) -> dict[int, int]:
    """Anonymous memory by process: what is shared in files is in it once at most, not once a process."""
    found = {}
    for number in pids:
        try:
            with open(f"/proc/{number}/status") as file:
                for line in file:
                    if line.startswith("RssAnon:"):
                        found[number] = int(line.split()[1]) * 1024
        except OSError:
            continue
    return found


@dataclass
class Window:
    """Seconds, and CPU seconds of everything marked, between entering and leaving."""

    seconds: float = 0.0
    cpu: float = 0.0
    _begin: tuple = field(default=(), repr=False)

    def __enter__(self) -> Window:
        self._begin = cpu_seconds(marked(os.environ.get(MARK, ""))), time.perf_counter()
        return self

    def __exit__(self, *_) -> None:
        end = time.perf_counter()
        self.seconds = end - self._begin[1]
        self.cpu = cpu_seconds(marked(os.environ.get(MARK, ""))) - self._begin[0]
