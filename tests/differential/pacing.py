"""Delays tasks, and records when each ran, without the programs having to know.

A *paced* functional sleeps before it does its work: a pseudo-random few milliseconds, so that results arrive in an
order that has nothing to do with the program's, or a fixed longer time where the case measures how many calls overlap.
"""

from __future__ import annotations

import functools
import os
import time
import types
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable


@dataclass(frozen=True)
class Pace:
    """How long the calls of one case sleep (`fixed` seconds, or up to `jitter`), and where spans are written."""

    fixed: float = 0.0
    jitter: float = 0.0
    spans: str = ""

    def wrap(self, function: Callable) -> Callable:
        """The function with its delay; anything that is not a plain Python function is left alone."""
        if not isinstance(function, types.FunctionType):
            return function
        fixed, jitter, spans = self.fixed, self.jitter, self.spans

        @functools.wraps(function)
        def paced(*args: Any, **kwargs: Any) -> Any:
            start = time.monotonic()
            pause(function.__name__, args, fixed, jitter)
            try:
                return function(*args, **kwargs)
            finally:
                record(spans, start, time.monotonic())

        return paced

    def module(self, real: types.ModuleType) -> types.ModuleType:
        """The real `pydron` with a `functional` that delays."""
        proxy = types.ModuleType("pydron")
        proxy.__dict__.update(vars(real))  # with __path__: the package imports parts of itself when they are needed

        def functional(function=None, **options):
            if function is None:
                return lambda later: real.functional(**options)(self.wrap(later))
            return real.functional(self.wrap(function))

        functional.__module__ = real.functional.__module__  # the analysis looks at where it comes from
        proxy.functional = functional
        return proxy


def pause(name: str, args: tuple, fixed: float, jitter: float) -> None:
    if fixed:
        time.sleep(fixed)
    elif jitter:
        seed = zlib.crc32(f"{name}{repr(args)[:200]}".encode("utf-8", "replace"))
        time.sleep(jitter * (seed % 1000) / 1000)


def record(spans: str, start: float, end: float) -> None:
    """Appends one line; a write this small to a file opened for appending is atomic."""
    if not spans:
        return
    handle = os.open(spans, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, f"{start:.6f} {end:.6f}\n".encode())
    finally:
        os.close(handle)


def overlap(spans: str, since: float) -> int:
    """The largest number of recorded calls that ran at one moment."""
    path = Path(spans)
    if not path.exists():
        return 0
    changes = []
    for line in path.read_text().splitlines():
        start, end = map(float, line.split())
        if start >= since:
            changes += [(start, 1), (end, -1)]
    running = most = 0
    for _, change in sorted(changes):
        running += change
        most = max(most, running)
    return most
