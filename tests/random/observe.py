"""Runs one program and says everything that can be seen of it, as text.

The result, the arguments and the globals are described together, so that which of them are one object is compared too.
"""

from __future__ import annotations

import contextlib
import io
import sys
import traceback
import types
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "differential"))

import catalogue
import identity
from describe import describe, describe_exception, user_frames

MOST_CALLS = 250


class TooLong(BaseException):
    """The program does more than the checker has time for. Nothing a program catches, except with a bare `except`."""


def counting(calls: list[int]) -> types.ModuleType:
    """The sequential `pydron`, which counts the functional calls and ends programs that make very many."""

    def functional(function):
        def counted(*args, **kwargs):
            calls[0] += 1
            if calls[0] > MOST_CALLS:
                raise TooLong
            return function(*args, **kwargs)

        counted.__name__, counted.__qualname__ = function.__name__, function.__qualname__
        return counted

    return identity.module(functional=functional)


def observe(path: Path, pydron: types.ModuleType) -> dict[str, Any]:
    """Executes the program afresh and calls its `main` with its `ARGS`, `REPEAT` times."""
    printed = io.StringIO()
    outcome: dict[str, Any] = {"result": [], "raised": 0}
    with catalogue.loaded(path, pydron) as (program, _), contextlib.redirect_stdout(printed):
        args = getattr(program, "ARGS", ())
        results = []
        for _ in range(getattr(program, "REPEAT", 1)):
            try:
                results.append(program.main(*args))
                outcome["result"].append("returned")
            except TooLong:
                raise
            except BaseException as error:  # also SystemExit and KeyboardInterrupt: they are outcomes too
                outcome["result"] += exception_lines(error, str(path))
                outcome["raised"] += 1
                outcome["traceback"] = traceback.format_exc()
        seen = vars(program)
        everything = {
            "results": results,
            "arguments": args,
            "globals": {name: seen[name] for name in ("LOG", "COUNT", "SHARED", "TABLE") if name in seen},
        }
        outcome["printed"] = printed.getvalue().splitlines()
        described = describe(everything)
        start = described.index(next(line for line in described if line.startswith("  'globals'")))
        outcome["result"] += described[1:start]
        outcome["globals"] = described[start:]
        outcome["arguments"] = []
    return outcome


def exception_lines(error: BaseException, path: str) -> list[str]:
    """The exception, and where those that it comes from have been."""
    lines = describe_exception(error, path)
    if type(error) is UnboundLocalError:
        # CPython 3.11 runs a store and the load behind it as one instruction once the code is warm, and then names the
        # line of the store: the same program says either.
        last = lines.index("cause: none") - 1 if "cause: none" in lines else -1
        if last > 0 and lines[last].startswith("  "):
            lines[last] = lines[last].rsplit(" ", 1)[0]
    seen = {id(error)}
    waiting = [error.__cause__, error.__context__]
    while waiting:
        other = waiting.pop(0)
        if other is not None and id(other) not in seen:
            seen.add(id(other))
            frames = user_frames(other, path)
            if type(other) is UnboundLocalError and frames:
                frames[-1] = frames[-1].rsplit(" ", 1)[0]
            lines.append(f"behind it: {type(other).__name__} through " + ", ".join(frames))
            waiting += [other.__cause__, other.__context__]
    return lines
