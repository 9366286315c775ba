"""Runs programs for `peer.py`, which started it: one request and one answer, a JSON line each, over a socket.

    python child.py "mutant: wrong result" SOCKET
    pydron run --slots 2 child.py pydron SOCKET

A program runs sequentially twice (is it deterministic?) and then under Pydron. One that does not end costs this process
its life; the answer then says where it was.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from observe import MOST_CALLS, TooLong, counting, observe

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "differential"))

import runner
from pacing import Pace

SEQUENTIAL_LIMIT = 0.5
JITTER = 0.005


def sequential(path: Path) -> tuple[dict[str, Any] | None, int]:
    """What the program should do and how many functional calls it makes; None if it takes too long."""

    running, late = True, False

    def too_long(signum, frame):
        nonlocal late
        if running:  # the next alarm may be under way when the program is over
            late = True
            raise TooLong

    calls = [0]
    signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, SEQUENTIAL_LIMIT, 0.02)
    try:
        outcome = observe(path, counting(calls))
        # The program may have replaced the exception by one of its own, in a `finally` for instance.
        return None if late or calls[0] > MOST_CALLS else outcome, calls[0]
    except TooLong:
        return None, calls[0]
    finally:
        running = False  # before anything is called: that is when Python looks for signals
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_IGN)


def answer(request: dict[str, Any], pydron: Any, send) -> dict[str, Any]:
    path = Path(request["path"])
    try:
        expected, calls = sequential(path)
    except SyntaxError as error:
        return {"invalid": f"{error}"}
    except RecursionError as error:
        return {"invalid": f"{error}"}
    except Exception:  # what the program says cannot be described, or its module level fails
        return {"invalid": traceback.format_exc()}
    if expected is None or any(line.startswith("raised RecursionError") for line in expected["result"]):
        return {"invalid": "too long"}  # at which depth recursion is too deep is nobody's promise
    if request.get("twice", True):
        again, _ = sequential(path)
        if again is None or {**again, "traceback": ""} != {**expected, "traceback": ""}:
            return {"invalid": "not the same twice", "unsteady": True}

    def too_long(signum, frame):
        # From the innermost frame that belongs to the program outwards, and what the process was doing.
        send({"expected": expected, "actual": {"hung": "".join(traceback.format_stack(frame)[-12:])}})
        os._exit(70)

    signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, request.get("limit", 8))
    try:
        actual = observe(path, Pace(jitter=JITTER).module(pydron) if request.get("paced") else pydron)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    if sys.argv[1] == "pydron" and not has_scheduler():
        actual = {"died": "no scheduler: the pipelines ran sequentially, and comparing them says nothing"}
    return {"expected": expected, "actual": actual, "calls": calls}


def has_scheduler() -> bool:
    """Pydron runs everything in order when it cannot reach a scheduler; then all programs would seem fine."""
    from pydron import _connection

    return _connection.current() is not None


def main() -> None:
    pydron = runner.modules(sys.argv[1])
    warnings.simplefilter("ignore", SyntaxWarning)
    import numpy  # noqa: F401 - on a busy machine the alarm clock of a program would end this half-way

    connection = socket.socket(socket.AF_UNIX)
    connection.connect(sys.argv[2])

    def send(message: dict[str, Any]) -> None:
        connection.sendall(json.dumps(message).encode() + b"\n")

    with connection.makefile() as requests:
        for count, line in enumerate(requests):
            send(answer(json.loads(line), pydron, send))
            if count % 50 == 0:
                gc.collect()


if __name__ == "__main__":
    main()
