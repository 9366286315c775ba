"""Starts the runner as a process, again when a case has ended it, and collects the outcomes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
LAUNCHER = HERE.parent.parent / "pydron"
LONGEST_RUN = 600
MOST_STARTS = 25


def outcomes(
    how: str, out: Path, slots: int = 1, only: str = "", hash_seed: str = "0", limit: int = 40
) -> dict[str, dict]:
    """The outcome of every case by name. A case whose process died or hung has an outcome that says so."""
    arguments = [str(HERE / "runner.py"), how, str(out), "--slots", str(slots), "--only", only, "--limit", str(limit)]
    if how == "pydron":
        command = [str(LAUNCHER), "run", "--quiet", "--slots", str(slots), "--python", sys.executable, *arguments]
    else:
        command = [sys.executable, *arguments]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONDONTWRITEBYTECODE": "1"}
    for _ in range(MOST_STARTS):
        run = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LONGEST_RUN
        )
        if run.returncode == 0:
            return read(out)
        blame(out, run)
    return read(out)


def read(out: Path) -> dict[str, dict]:
    if not out.exists():
        return {}
    return {outcome["case"]: outcome for outcome in map(json.loads, out.read_text().splitlines())}


def blame(out: Path, run: subprocess.CompletedProcess) -> None:
    """If the case that ran last has no outcome, the process died in it: writes that down, so the next start goes on."""
    current = Path(str(out) + ".current")
    if not current.exists():
        said = f"{run.stdout[-3000:]}\n{run.stderr[-3000:]}"
        raise RuntimeError(f"The runner did not get to the first case (exit code {run.returncode}):\n{said}")
    name = current.read_text()
    if name not in read(out):
        text = f"exit code {run.returncode}\n{run.stdout[-3000:]}\n{run.stderr[-6000:]}"
        with open(out, "a", encoding="utf-8") as more:
            more.write(json.dumps({"case": name, "died": text}) + "\n")
