"""Runs a script as plain sequential Python: both decorators do nothing. The floor every speed-up is measured from.

python benchmarks/sequential.py examples/monte_carlo/pipeline.py [arguments…]
"""

from __future__ import annotations

import runpy
import sys
import types
from pathlib import Path


def decorator(function=None, **options):
    return (lambda later: later) if function is None else function


def main() -> None:
    stub = types.ModuleType("pydron")
    stub.functional = stub.schedule = decorator
    for name in ("PydronError", "TaskLost", "TaskTimeout", "TaskMemory"):
        setattr(stub, name, type(name, (Exception,), {"__module__": "pydron"}))
    sys.modules["pydron"] = stub
    script = sys.argv[1]
    sys.argv = sys.argv[1:]
    sys.path[0] = str(Path(script).resolve().parent)
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
