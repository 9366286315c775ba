"""Measures the budgets against a floor and other ways to run Python in parallel, interleaved, and prints medians.

    python benchmarks/run.py [--rounds 5] [--only no_ops] [--json results.json] [--peers-python VENV/bin/python]

Budgets are for two cores and two slots. The floor is a bare pipe with pickle and batches; the peers are
`concurrent.futures.ProcessPoolExecutor`, dask and ray, the last two where they are installed for the Python named by
`--peers-python`. All of one round are measured before the next begins, so that whatever else
the machine does hits them alike. The exit code is 1 if a budget is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
LAUNCHER = ROOT / "pydron"
PEERS = ("pipe", "futures", "dask", "ray")


@dataclass(frozen=True)
class Measure:
    """One budget. `figure` turns measured seconds into what the budget is about."""

    name: str
    title: str
    unit: str
    budget: float
    more_is_better: bool = False
    slots: int = 2
    figure: Callable[[float], float] = lambda seconds: seconds
    peers: tuple = PEERS

    def met(self, value: float) -> bool:
        return value >= self.budget if self.more_is_better else value <= self.budget


MEASURES = (
    Measure("cold_run", "cold run of a trivial pipeline", "s", 1.0, peers=()),
    Measure("import_time", "import pydron", "ms", 30, figure=lambda s: 1000 * s, peers=()),
    Measure("sleeps", "4 × 1 s sleeps on 4 slots", "s", 1.3, slots=4),
    Measure("cold_sleeps", "the same, first call of the script", "s", 1.3, slots=4, peers=()),
    Measure("short_calls", "2 000 × 10 ms, efficiency", "%", 90, True, figure=lambda s: 100 * 2000 * 0.01 / 2 / s),
    Measure("no_ops", "10 000 no-op calls", "1/s", 3000, True, figure=lambda s: 10_000 / s),
    Measure(
        "cold_no_ops", "the same, first call of the script", "1/s", 3000, True, figure=lambda s: 10_000 / s, peers=()
    ),
    Measure("round_trip", "one round trip", "ms", 1.0, figure=lambda s: 1000 * s),
)


def output_of(command: list) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "python")}
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        timeout=300,
        env=environment,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def answer_of(command: list) -> dict:
    return json.loads(output_of(command).strip().splitlines()[-1])


def seconds_of(command: list) -> float:
    return answer_of(command)["seconds"]


def measure_pydron(measure: Measure) -> float:
    if measure.name == "import_time":
        code = (
            "import json, time; start = time.perf_counter(); import pydron; "
            "print(json.dumps({'seconds': time.perf_counter() - start}))"
        )
        return seconds_of([sys.executable, "-c", code])
    run = [LAUNCHER, "run", "--quiet", "--slots", measure.slots, "--python", sys.executable, HERE / "programs.py"]
    if measure.name == "cold_run":
        start = time.perf_counter()
        output_of([*run, "trivial"])
        return time.perf_counter() - start
    return seconds_of([*run, measure.name])


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--only", default="", help="text that a measure's name must contain")
    options.add_argument("--json", type=Path, default=ROOT / "build" / "benchmarks.json")
    options.add_argument("--peers-only", action="store_true", help="measure only the floor and the peers")
    options.add_argument("--peers-python", default=sys.executable, help="the Python that has dask and ray")
    chosen = options.parse_args()
    measures = [one for one in MEASURES if chosen.only in one.name]
    samples: dict[str, dict[str, list[float]]] = {one.name: {} for one in measures}
    if not chosen.peers_only:
        output_of([LAUNCHER, "run", "--quiet", HERE / "programs.py", "trivial"])
    missing: set[str] = set()
    for number in range(chosen.rounds):
        print(f"round {number + 1} of {chosen.rounds}", file=sys.stderr)
        for one in measures:
            found = samples[one.name]
            if not chosen.peers_only:
                found.setdefault("pydron", []).append(one.figure(measure_pydron(one)))
            for peer in one.peers:
                if peer in missing:
                    continue
                answer = answer_of([chosen.peers_python, HERE / "peers.py", peer, one.name])
                if "missing" in answer:
                    missing.add(peer)
                    print(f"not measured: {answer['missing']}", file=sys.stderr)
                else:
                    found.setdefault(peer, []).append(one.figure(answer["seconds"]))
    return report(measures, samples, chosen.json)


def report(measures: list[Measure], samples: dict, path: Path) -> int:
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{'':36}{'budget':>10}{'pydron':>10}{'':>3}{''.join(f'{peer:>10}' for peer in PEERS)}  unit")
    missed = 0
    for one in measures:
        medians = {who: statistics.median(values) for who, values in samples[one.name].items()}
        verdict = ""
        if "pydron" in medians:
            verdict = "ok" if one.met(medians["pydron"]) else "NO"
            missed += verdict == "NO"
        columns = "".join(f"{shown(medians.get(who)):>10}{mark:>3}" for who, mark in (("pydron", verdict),))
        columns += "".join(f"{shown(medians.get(who)):>10}" for who in PEERS)
        print(f"{one.title:36}{'≥' if one.more_is_better else '≤'}{shown(one.budget):>9}{columns}  {one.unit}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps(
            {
                "python": platform.python_version(),
                "cores": os.cpu_count(),
                "time": time.strftime("%Y-%m-%dT%H:%M:%S"),
                "measures": {
                    one.name: {"title": one.title, "unit": one.unit, "budget": one.budget, "samples": samples[one.name]}
                    for one in measures
                },
            },
            indent=1,
        )
        + "\n"
    )
    print(f"written to {path}")
    return 1 if missed else 0


def shown(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.0f}" if value >= 1000 else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(main())
