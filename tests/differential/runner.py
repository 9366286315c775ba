"""Runs every case once in this process and writes what happened, one JSON line per case.

    python runner.py reference OUT                 plain CPython
    python runner.py "mutant: wrong result" OUT    a faulty Pydron
    pydron run --slots 4 runner.py pydron OUT      the real one

A case that hangs ends the process after its outcome is written; whoever started the runner starts it again, and it goes
on with the cases that have no outcome yet.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import io
import json
import os
import signal
import sys
import time
import traceback
import types
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import catalogue
import identity
from case import Case
from describe import describe, describe_exception
from pacing import Pace, overlap

PAUSE = 0.08
JITTER = 0.008


def pace_of(name: str, one: Case, slots: int, spans: str, slower: int = 1) -> Pace | None:
    """Cases that measure overlap sleep a fixed time when there are four slots; of the others one half gets jitter."""
    if not one.paced:
        return None
    if one.parallel and slots >= 4:
        return Pace(fixed=PAUSE * slower, spans=spans)
    return Pace(jitter=JITTER) if zlib.crc32(name.encode()) % 2 else None


def run_case(path: Path, name: str, pydron: types.ModuleType) -> dict:
    """Loads the program and calls the case; the outcome is text only, so it can be compared across processes."""
    outcome: dict = {"case": name}
    printed = io.StringIO()
    with catalogue.loaded(path, pydron) as (program, cases):
        one = cases[name]
        started = time.monotonic()
        with contextlib.redirect_stdout(printed):
            try:
                result = one.function(*one.args, **one.kwargs)
                outcome["result"] = describe(result)
            except BaseException as error:  # also SystemExit and KeyboardInterrupt: they are outcomes too
                outcome["result"] = describe_exception(error, str(path))
                outcome["traceback"] = traceback.format_exc()
        outcome["seconds"] = time.monotonic() - started
        outcome["started"] = started
        outcome["printed"] = printed.getvalue().splitlines()
        outcome["arguments"] = describe([*one.args, *one.kwargs.values()])
        outcome["globals"] = describe(plain_globals(program, one))
    return outcome


def plain_globals(program: types.ModuleType, one: Case) -> dict:
    """The program's global variables, without what it imported or defined, and without the arguments."""
    passed = {id(value) for value in (*one.args, *one.kwargs.values())}
    return {
        name: value
        for name, value in sorted(vars(program).items())
        if not name.startswith("__")
        and type(value) in (int, float, str, bool, list, dict, set, tuple, type(None))
        and id(value) not in passed
    }


def modules(how: str) -> types.ModuleType:
    if how == "reference":
        return identity.module()
    if how.startswith("mutant: "):
        return identity.MUTANTS[how[len("mutant: ") :]]()
    import pydron

    return pydron


def finished(out: Path) -> set[str]:
    if not out.exists():
        return set()
    return {json.loads(line)["case"] for line in out.read_text().splitlines() if line.endswith("}")}


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("how")
    options.add_argument("out", type=Path)
    options.add_argument("--slots", type=int, default=1)
    options.add_argument("--only", default="", help="text that the case's name must contain")
    options.add_argument("--limit", type=int, default=40, help="seconds for one case")
    chosen = options.parse_args()
    pydron = modules(chosen.how)
    spans = str(chosen.out) + ".spans"
    done = finished(chosen.out)
    real = not chosen.how.startswith(("reference", "mutant"))
    with open(chosen.out, "a", encoding="utf-8") as out:
        for path, one, name in catalogue.all_cases():
            if name in done or chosen.only not in f"{path.stem}.{name}":
                continue
            Path(str(chosen.out) + ".current").write_text(name)
            limit_time(name, chosen.limit, out)
            outcome = (
                measured(path, name, one, pydron, chosen.slots, spans)
                if real or (one.parallel and chosen.slots >= 4)
                else run_case(path, name, pydron)
            )
            signal.alarm(0)
            out.write(json.dumps(outcome) + "\n")
            out.flush()
    return 0


def measured(path: Path, name: str, one: Case, pydron: types.ModuleType, slots: int, spans: str) -> dict:
    """Runs with the pace of the case.

    Too little overlap gets a second and a third, slower chance: the machine may be busy.
    """
    outcome: dict = {}
    for slower in (1, 4, 12):
        pace = pace_of(name, one, slots, spans, slower)
        outcome = run_case(path, name, pace.module(pydron) if pace else pydron)
        if not (pace and pace.spans):
            break
        outcome["overlap"] = overlap(spans, outcome["started"])
        if outcome["overlap"] >= one.parallel:
            break
    return outcome


def limit_time(name: str, seconds: int, out) -> None:
    """Ends the process when a case takes too long, after saying where it was."""

    def too_long(signum, frame):
        stack = "".join(traceback.format_stack(frame))
        out.write(json.dumps({"case": name, "hung": stack}) + "\n")
        out.flush()
        faulthandler.dump_traceback(all_threads=True)
        os._exit(70)

    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(seconds)


if __name__ == "__main__":
    sys.exit(main())
