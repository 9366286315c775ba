"""Runs a script as plain sequential Python: both decorators do nothing. The floor every speed-up is measured from.

    python benchmarks/sequential.py [--times FILE] examples/monte_carlo/pipeline.py [arguments…]

With `--times`, the seconds spent in pipelines, and of these in functional calls, are written to the file as JSON.
"""

from __future__ import annotations

import functools
import json
import runpy
import sys
import time
import types
from pathlib import Path


class Clock:
    """Seconds in the outermost calls of the functions it is given."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.calls = 0
        self._depth = 0

    def measured(self, function):
        @functools.wraps(function)
        def call(*args, **kwargs):
            self._depth += 1
            start = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self._depth -= 1
                if not self._depth:
                    self.calls += 1
                    self.seconds += time.perf_counter() - start

        return call


def doing(wrap):
    """A decorator with or without arguments, as Pydron's are."""

    def decorator(function=None, **options):
        return (lambda later: decorator(later)) if function is None else wrap(function)

    return decorator


def main() -> None:
    arguments = sys.argv[1:]
    times = None
    if arguments[0] == "--times":
        times = Path(arguments[1])
        del arguments[:2]
    pipelines, functionals = Clock(), Clock()
    stub = types.ModuleType("pydron")
    stub.schedule = doing(pipelines.measured if times else lambda function: function)
    stub.functional = doing(functionals.measured if times else lambda function: function)
    for name in ("PydronError", "TaskLost", "TaskTimeout", "TaskMemory"):
        setattr(stub, name, type(name, (Exception,), {"__module__": "pydron"}))
    sys.modules["pydron"] = stub
    sys.argv = arguments
    sys.path[0] = str(Path(arguments[0]).resolve().parent)
    try:
        runpy.run_path(arguments[0], run_name="__main__")
    finally:
        if times:
            found = {"pipelines": pipelines.seconds, "functional": functionals.seconds, "calls": functionals.calls}
            times.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
