"""Running a call a second time, for `--verify=N%` (docs/trust.md): the side of the task process.

The second run is in a process of its own that has run nothing else: a *replica* of the task process (`_replica.py`),
which has imported what the function needs and forks a child for each call. It is given the very bytes that the first
run was given. What it finds comes back as the result of a quiet task.
"""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
from typing import Any, Optional

from pydron import _state

_LENGTH = struct.Struct("<Q")
_START = "import sys; sys.path[:1] = sys.argv[1:2]; from pydron._replica import main; main()"
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

#: Kind and text of what was found; None for a call that did the same again.
Report = Optional[tuple[tuple[str, str], ...]]


class Again:
    """A function, to be called once more. Called with the arguments of the first call as they travelled.

    The inputs of the task are those of the first call, and its result.
    """

    __slots__ = ("data", "name")

    def __init__(self, data: bytes, name: str) -> None:
        self.data = data
        self.name = name

    def __reduce__(self) -> Any:
        return Again, (self.data, self.name)

    def __call__(self, arguments: bytes) -> Report:
        process = _state.process
        deps = process.deps
        values: dict[int, tuple[int, tuple[int, ...], Any]] = {}
        wanted = list(deps)
        while wanted:
            number = wanted.pop()
            if number not in values:
                value = process.values[number]
                source = value.source if isinstance(value.source, str) else bytes(value.source)
                values[number] = value.kind, value.deps, source
                wanted += value.deps
        request = self.data, arguments, deps[:-1], deps[-1], values
        return _replica(process.jobs[process.job][0]).ask(request)


class _Replica:
    """The other end of the pipes to a replica."""

    def __init__(self, folder: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START, _PACKAGE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )
        self._send((folder, list(sys.path), list(sys.argv)))

    def _send(self, message: Any) -> None:
        assert self._process.stdin is not None
        data = pickle.dumps(message, 5)
        self._process.stdin.write(_LENGTH.pack(len(data)) + data)
        self._process.stdin.flush()

    def ask(self, request: Any) -> Report:
        global _current
        try:
            self._send(request)
            assert self._process.stdout is not None
            head = self._process.stdout.read(_LENGTH.size)
            answer: Report = pickle.loads(self._process.stdout.read(_LENGTH.unpack(head)[0]))
        except (OSError, struct.error, EOFError, pickle.UnpicklingError):
            _current = None
            self._process.kill()
            code = self._process.wait()
            return (("skipped", f"the process that ran it again ended with {code}"),)
        return answer


_current: _Replica | None = None


def _replica(folder: str) -> _Replica:
    global _current
    if _current is None:
        _current = _Replica(folder)
    return _current


def _environment() -> dict[bytes, bytes]:
    """The environment as it was when this process began: tasks may have changed it."""
    try:
        with open("/proc/self/environ", "rb") as file:
            entries = [entry.partition(b"=") for entry in file.read().split(b"\0")]
    except OSError:
        return dict(os.environb)
    return {name: value for name, _, value in entries if name}
