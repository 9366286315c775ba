"""Runs one workload for one contestant in processes of its own, and watches their memory."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import accounts

from suite.figures import Workload

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parent
LAUNCHER = ROOT / "pydron"
SAMPLE_S = 0.1


class Failed(Exception):
    """It ended badly, or not at all. The text is for the user."""


@dataclass
class Outcome:
    figures: dict[str, float]
    missing: str = ""
    peak_mb: float = 0.0
    #: (seconds since the start, MB of all its processes)
    memory: list[tuple[float, float]] = field(default_factory=list)


class _Watch(threading.Thread):
    """Samples the memory of everything that carries the mark."""

    def __init__(self, mark: str) -> None:
        super().__init__(daemon=True)
        self.mark, self.samples, self.over = mark, [], threading.Event()
        self.begin = time.monotonic()

    def run(self) -> None:
        known: dict[int, bool] = {}
        while not self.over.wait(SAMPLE_S):
            used = sum(accounts.private_bytes(accounts.marked(self.mark, known)).values())
            self.samples.append((time.monotonic() - self.begin, used / 1e6))

    def end(self) -> list[tuple[float, float]]:
        self.over.set()
        self.join()
        return self.samples


class Stage:
    """The processes of one measurement: all carry a mark, and none is left at the end."""

    def __init__(self, workload: Workload) -> None:
        self.mark, self.workload = uuid.uuid4().hex, workload
        self.environment = {**os.environ, accounts.MARK: self.mark, "PYTHONPATH": f"{ROOT / 'python'}:{HERE}"}
        self.environment.pop("PYDRON_SOCKET", None)
        self.started: list[subprocess.Popen] = []

    def start(self, command: list, **variables: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**self.environment, **variables},
            cwd=ROOT,
        )
        self.started.append(process)
        return process

    def answer_of(self, process: subprocess.Popen) -> dict:
        """The last line that it prints."""
        try:
            out, err = process.communicate(timeout=self.workload.limit_s)
        except subprocess.TimeoutExpired:
            raise Failed(f"not over after {self.workload.limit_s:g} s") from None
        if process.returncode or not out.strip():
            raise Failed(f"ended with {process.returncode}: {(err or out).strip()[-2000:]}")
        return json.loads(out.strip().splitlines()[-1])

    def end(self) -> None:
        """Ends what is left, children of children too: only what carries this mark."""
        deadline = time.monotonic() + 5
        for process in self.started:
            if process.poll() is None:
                process.terminate()
        while True:
            left = [number for number in accounts.marked(self.mark) if not _is_zombie(number)]
            if not left:
                break
            if time.monotonic() > deadline:
                for number in left:
                    _kill(number)
            time.sleep(0.05)
        for process in self.started:
            process.wait()
            for pipe in (process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()


def _is_zombie(number: int) -> bool:
    try:
        with open(f"/proc/{number}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] in (b"Z", b"X")
    except OSError:
        return True


def _kill(number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(number, signal.SIGKILL)


def measure(workload: Workload, contestant: str, python: str, quick: bool) -> Outcome:
    """One repetition. Raises Failed."""
    stage = Stage(workload)
    watch = _Watch(stage.mark)
    watch.start()
    try:
        begin = time.clock_gettime(time.CLOCK_MONOTONIC)
        figures = _answer(stage, workload, contestant, python, ["--quick"] if quick else [])
        if "result_at" in figures:
            figures = {workload.name: figures["result_at"] - begin}
    finally:
        stage.end()
        samples = watch.end()
    missing = str(figures.pop("missing", ""))
    return Outcome(figures, missing, max((used for _, used in samples), default=0.0), samples)


def _answer(stage: Stage, workload: Workload, contestant: str, python: str, quick: list[str]) -> dict:
    name = workload.name
    if not workload.kept:
        shutil.rmtree(ROOT / "build" / "analyses", ignore_errors=True)
    if contestant != "pydron":
        peer_name = "cold" if workload.how == "cold" else name
        return stage.answer_of(stage.start([python, HERE / "measure_peer.py", contestant, peer_name, *quick]))
    program = HERE / "programs.py"
    run = [LAUNCHER, "run", "--quiet", "--slots", workload.slots, "--python", sys.executable]
    if workload.how == "scale":
        return stage.answer_of(stage.start([HERE / "jmh" / "run.sh", "scale", *quick]))
    if workload.how == "script":
        return stage.answer_of(stage.start([sys.executable, program, "trivial"]))
    if workload.how == "cold":
        return stage.answer_of(stage.start([*run, program, "trivial"]))
    if workload.how == "workers":
        return _with_workers(stage, run, program, quick)
    return stage.answer_of(stage.start([*run, program, name, *quick]))


def _with_workers(stage: Stage, run: list, program: Path, quick: list[str]) -> dict:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port = chosen.getsockname()[1]
    worker = [LAUNCHER, "worker", "--connect", f"127.0.0.1:{port}", "--slots", 1, "--python", sys.executable]
    # Workers try again until the port is there. The launcher becomes the worker, so its id is the worker's.
    workers = [stage.start([*worker, "--name", f"worker-{i}"]) for i in range(2)]
    script = stage.start(
        [*run, "--worker-port", port, program, "kill_worker", *quick], BENCHMARK_VICTIM=str(workers[0].pid)
    )
    return stage.answer_of(script)
