"""Runs the realistic scripts sequentially and with Pydron on one and two slots, and compares what they print.

    python benchmarks/scripts/run.py [--rounds 3] [--only photometry] [--scale 1.0] [--json results.json]

Printed for each script, as medians of the rounds: the seconds that its pipelines take sequentially, the share of these
that is spent in functional calls (what could run in parallel at best), the seconds with one slot and with two, and the
speed-up with two. `CPU` is the processor time of all processes with two slots, the scheduler and starting up
included, as a multiple of that of the sequential program: on a machine that does other things too, it says more than
the seconds. The last column counts the places where the pipeline waits for everything earlier, in loops and in all.
Everything goes to `build/scripts.json`. The exit code is 1 if an output differs.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LAUNCHER = ROOT / "pydron"
SLOTS = (1, 2)
# Libraries with threads of their own would use all cores in the sequential program, too.
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def scripts(only: str = "") -> list[Path]:
    """The scripts, by name."""
    return sorted(path for path in HERE.glob("*.py") if path.name != "run.py" and only in path.stem)


def finished(command: list, limit: float) -> subprocess.CompletedProcess:
    environment = {**os.environ, **ONE_THREAD}
    return subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        timeout=limit,
        env=environment,
        stdin=subprocess.DEVNULL,
    )


def processor_seconds() -> float:
    """Of all processes that have ended, and that this one or one of them started."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def seconds_in(done: subprocess.CompletedProcess) -> float:
    """What the script itself says about how long its pipelines took."""
    found = re.findall(r"^done in (\S+) s$", done.stderr, re.MULTILINE)
    if done.returncode or not found:
        raise SystemExit(f"{done.args} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return float(found[-1])


def sequential(script: Path, scale: float, limit: float = 600) -> tuple[str, float, dict, float]:
    """(output, seconds, times of its parts, seconds of processor time) without Pydron."""
    with tempfile.TemporaryDirectory() as folder:
        times = Path(folder) / "times.json"
        command = [sys.executable, HERE.parent / "sequential.py"]
        before = processor_seconds()
        plain = finished([*command, script, "--scale", scale], limit)
        spent = processor_seconds() - before
        finished([*command, "--times", times, script, "--scale", scale], limit)
        return plain.stdout, seconds_in(plain), json.loads(times.read_text()), spent


def parallel(script: Path, scale: float, slots: int, limit: float = 600) -> tuple[str, float, float]:
    """(output, seconds, seconds of processor time) with Pydron."""
    run = [LAUNCHER, "run", "--quiet", "--slots", slots, "--python", sys.executable]
    before = processor_seconds()
    done = finished([*run, script, "--scale", scale], limit)
    return done.stdout, seconds_in(done), processor_seconds() - before


def waiting_places(script: Path) -> tuple[int, int]:
    """Statements that wait for everything earlier: (in loops, in all)."""
    done = finished([LAUNCHER, "graph", "--python", sys.executable, "--format", "text", script], 120)
    if done.returncode:
        raise SystemExit(f"{done.args} ended with {done.returncode}:\n{done.stderr}")
    in_loops = in_all = 0
    loops: list[int] = []
    for line in done.stdout.splitlines():
        depth = len(line[5:]) - len(line[5:].lstrip())
        text = line[5:].strip()
        if not line[:5].strip().isdigit():
            continue
        loops = [each for each in loops if each < depth]
        if text.startswith("block "):
            in_all += 1
            in_loops += bool(loops)
        if text.startswith(("for ", "while ")):
            loops.append(depth)
    return in_loops, in_all


def measure(script: Path, rounds: int, scale: float) -> dict:
    found: dict = {"sequential": [], "same": True}
    found.update({str(slots): [] for slots in SLOTS})
    shares = []
    multiples = []
    for _ in range(rounds):
        expected, seconds, times, alone = sequential(script, scale)
        found["sequential"].append(seconds)
        found["calls"] = times["calls"]
        shares.append(times["functional"] / times["pipelines"])
        for slots in SLOTS:
            output, seconds, spent = parallel(script, scale, slots)
            found[str(slots)].append(seconds)
            found["same"] &= output == expected
        multiples.append(spent / alone)
    found["share"] = statistics.median(shares)
    found["cpu"] = statistics.median(multiples)
    found["speed_up"] = statistics.median(found["sequential"]) / statistics.median(found["2"])
    found["waits_in_loops"], found["waits"] = waiting_places(script)
    return found


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--only", default="", help="text that a script's name must contain")
    options.add_argument("--scale", type=float, default=1.0, help="of the input; 0.02 is a smoke test")
    options.add_argument("--json", type=Path, default=ROOT / "build" / "scripts.json")
    chosen = options.parse_args()
    finished([LAUNCHER, "version"], 900)
    header = (
        f"{'':18}{'sequential':>11}{'functional':>11}{'1 slot':>9}{'2 slots':>9}{'speed-up':>9}{'CPU':>7}{'waits':>8}"
        "  output"
    )
    print(header, flush=True)
    results = {}
    for script in scripts(chosen.only):
        one = results[script.stem] = measure(script, chosen.rounds, chosen.scale)
        middle = {key: statistics.median(one[key]) for key in ("sequential", "1", "2")}
        print(
            f"{script.stem:18}{middle['sequential']:9.2f} s{one['share']:10.1%}{middle['1']:8.2f}s{middle['2']:8.2f}s"
            f"{one['speed_up']:9.2f}{one['cpu']:7.2f}{one['waits_in_loops']:5d}/{one['waits']}"
            f"  {'same' if one['same'] else 'DIFFERS'}",
            flush=True,
        )
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    about = {"time": time.strftime("%Y-%m-%dT%H:%M:%S"), "cores": os.cpu_count(), "scale": chosen.scale}
    chosen.json.write_text(json.dumps({**about, "scripts": results}, indent=1) + "\n")
    print(f"written to {chosen.json}")
    return 0 if all(one["same"] for one in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
