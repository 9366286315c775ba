"""Measures Pydron, a floor and its peers, interleaved, and compares with the targets.

    python benchmarks/run.py [--rounds 3] [--only no_ops] [--peers ray,futures] [--no-install] [--record] [--quick]

Prints the table, and writes to `build/benchmarks/`: `benchmarks.json` (every sample, versions, load), `benchmarks.svg`
(bars on log scales) and `memory.svg` (memory over time). Each contestant gets each workload in fresh processes, all in
turn before the next round, so that whatever else the machine does hits them alike; medians count. Peers go into an
environment of their own, `build/peers`. The exit code is 1 if a target is missed or something failed; with `--quick`,
where little is measured once, only if something failed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from peers import PEERS
from suite import picture, report
from suite.environment import commit, machine, peers_python, versions
from suite.figures import WORKLOADS, Workload
from suite.running import HERE, ROOT, Failed, measure

HISTORY = HERE / "history.jsonl"
#: Need no installation, and are quick.
QUICK_PEERS = ("pipe", "futures", "pool")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--rounds", type=int, default=3, help="repetitions (default: 3)")
    parser.add_argument("--only", default="", help="comma-separated texts; a workload's name must contain one")
    parser.add_argument("--peers", default=",".join(PEERS), help="comma-separated; '' for none (default: all)")
    parser.add_argument("--no-install", action="store_true", help="measure the peers that are installed")
    parser.add_argument("--record", action="store_true", help="add the medians to benchmarks/history.jsonl")
    parser.add_argument("--quick", action="store_true", help="little of everything, once: does the suite work?")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "benchmarks", help="folder for JSON and pictures")
    chosen = parser.parse_args()
    chosen.peers = [name for name in chosen.peers.split(",") if name]
    unknown = [name for name in chosen.peers if name not in PEERS]
    if unknown:
        parser.error(f"unknown peer '{unknown[0]}'; there are: {', '.join(PEERS)}")
    if chosen.rounds < 1:
        parser.error("--rounds must be 1 or more")
    if chosen.quick:
        chosen.rounds, chosen.no_install = 1, True
        chosen.peers = [name for name in chosen.peers if name in QUICK_PEERS]
    return chosen


def main() -> int:
    chosen = options()
    texts = chosen.only.split(",")
    workloads = [one for one in WORKLOADS if any(text in one.name for text in texts)]
    workloads = [one for one in workloads if not one.on_request or one.name in texts]
    if not workloads:
        say(f"benchmarks: no workload is called '{chosen.only}'; there are: {', '.join(w.name for w in WORKLOADS)}")
        return 2
    python = sys.executable if chosen.quick else peers_python(not chosen.no_install, say)
    facts = {**machine(), "commit": commit(), "versions": versions(python), "quick": chosen.quick}
    samples = report.Samples()
    missing: dict[tuple[str, str], str] = {}
    for number in range(chosen.rounds):
        for workload in workloads:
            if number and workload.once:
                continue
            for contestant in ("pydron", *(name for name in chosen.peers if name in workload.peers)):
                if (contestant, "") not in missing and (contestant, workload.name) not in missing:
                    say(f"round {number + 1} of {chosen.rounds}: {workload.name} {contestant}")
                    one(workload, contestant, python, chosen.quick, samples, missing)
    facts["load_after"] = machine()["load"]
    contestants = ["pydron", *chosen.peers]
    lines, missed = report.table(workloads, contestants, samples)
    print(f"{facts['machine']}, {facts['cores']} cores, {facts['processor']}, load {facts['load'][0]}")
    print(", ".join(f"{name} {version}" for name, version in facts["versions"].items()))
    print("\n".join(lines))
    for reason in sorted(set(missing.values())):
        print(f"NOT MEASURED: {reason}")
    for failure in samples.failures:
        print(f"FAILED: {failure}")
    write(chosen, workloads, contestants, samples, facts)
    failed = bool(samples.failures)
    if chosen.quick:
        print("smoke run: figures mean nothing" + ("" if failed else "; everything works"))
        return int(failed)
    print(f"{missed} targets missed" if missed else "all targets met")
    return int(failed or missed > 0)


def one(workload: Workload, contestant: str, python: str, quick: bool, samples, missing: dict) -> None:
    """One repetition, into the samples."""
    try:
        outcome = measure(workload, contestant, python, quick)
    except Failed as failure:
        text = f"{workload.name} with {contestant}: {failure}"
        if contestant == "pydron" or quick:
            samples.failures.append(text)
        else:
            missing[contestant, workload.name] = text
        say(text)
        return
    if outcome.missing:
        whole = "cannot be imported" in outcome.missing
        missing[contestant, "" if whole else workload.name] = outcome.missing
        say(f"NOT MEASURED: {outcome.missing}")
        return
    if contestant == "pydron" and workload.memory_mb is not None:
        outcome.figures[report.memory_figure(workload).name] = outcome.peak_mb
        samples.memory[workload.name] = outcome.memory
    samples.add(workload, contestant, outcome.figures, outcome.peak_mb)


def write(chosen: argparse.Namespace, workloads: list[Workload], contestants: list[str], samples, facts: dict) -> None:
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / "benchmarks.json").write_text(
        json.dumps(report.as_json(workloads, samples, facts), indent=1, ensure_ascii=False) + "\n"
    )
    title = f"Pydron and others, {facts['cores']} cores, {time.strftime('%Y-%m-%d')}, commit {facts['commit']}"
    (chosen.out / "benchmarks.svg").write_text(picture.bars(workloads, contestants, samples, title))
    print(f"written: {chosen.out / 'benchmarks.json'}, benchmarks.svg" + (", memory.svg" if samples.memory else ""))
    if samples.memory:
        (chosen.out / "memory.svg").write_text(
            picture.over_time(samples.memory, "anonymous memory of all processes together")
        )
    line = report.history_line(workloads, samples, facts)
    if not chosen.quick:
        for text in report.regressions(HISTORY, workloads, line):
            print(f"WORSE than recorded: {text}")
        if chosen.record:
            report.record(HISTORY, line)
            print(f"recorded in {HISTORY}")


if __name__ == "__main__":
    sys.exit(main())
