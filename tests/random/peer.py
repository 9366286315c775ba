"""Holds the process that runs programs: starts it, again after a program has cost its life, and asks it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "differential"))

import start
from compare import differences

START_LIMIT = 60


class Peer:
    """One process (and its connection to one scheduler) at a time. `how`: "pydron" or "mutant: …"."""

    def __init__(self, how: str = "pydron", slots: int = 1) -> None:
        self.how, self.slots = how, slots
        self.folder = tempfile.TemporaryDirectory(prefix="pydron-random-")
        self.process: subprocess.Popen | None = None
        self.connection: socket.socket | None = None
        self.said = open(os.path.join(self.folder.name, "said"), "w+b")
        self.count = 0
        self.asked = 0  # programs this process has run

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.said.close()
        self.folder.cleanup()

    def start(self) -> None:
        self.said.truncate(0)
        address = os.path.join(self.folder.name, f"{self.count}.socket")
        self.count += 1
        command = [sys.executable, str(HERE / "child.py"), self.how, address]
        if self.how == "pydron":
            command = [str(start.LAUNCHER), "run", "--quiet", "--slots", str(self.slots), "--python", *command]
        environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
        environment["PYDRON_TMPDIR"] = self.folder.name  # what other runs of Pydron do is not this test's business
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(address)
            door.listen()
            door.settimeout(START_LIMIT)
            self.process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=self.said,
                stderr=self.said,
                start_new_session=True,
            )
            try:
                self.connection, _ = door.accept()
            except TimeoutError:
                text = self.stop()
                raise RuntimeError(f"the process that runs the programs did not start:\n{text}") from None
        self.answers = self.connection.makefile("rb")
        self.asked = 0

    def stop(self) -> str:
        """Ends the process; returns the end of what it said."""
        if self.connection is not None:
            self.answers.close()
            self.connection.close()
            self.connection = None
        if self.process is not None:
            # Without its connection the process ends by itself, in order; unless something in it hangs.
            try:
                self.process.wait(2)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.process.pid, signal.SIGTERM)
                try:
                    self.process.wait(3)
                except subprocess.TimeoutExpired:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(self.process.pid, signal.SIGKILL)
                    self.process.wait()
            self.process = None
        self.said.seek(0)
        return self.said.read().decode(errors="replace")[-4000:]

    def ask(self, text: str, paced: bool = False, limit: float = 8, twice: bool = True) -> dict[str, Any]:
        """Runs a program. Each is a file of its own: Python remembers the lines of files."""
        if self.process is None:
            self.start()
        assert self.connection is not None
        self.count += 1
        path = os.path.join(self.folder.name, f"program{self.count}.py")
        Path(path).write_text(text)
        request = {"path": path, "paced": paced, "limit": limit, "twice": twice}
        self.asked += 1
        try:
            self.connection.settimeout(limit + 3)
            self.connection.sendall(json.dumps(request).encode() + b"\n")
            line = self.answers.readline()
            if not line:
                return self.ended("died", "")
            found = json.loads(line)
            if "hung" in found.get("actual", {}):
                self.stop()
            return found
        except TimeoutError:
            return self.ended("hung", "it did not react to its alarm clock\n")
        except OSError as error:
            return self.ended("died", f"{error}\n")
        finally:
            os.unlink(path)

    def ended(self, what: str, text: str) -> dict[str, Any]:
        return {"expected": {}, "actual": {what: text + self.stop()}}


def complaints(answer: dict[str, Any]) -> list[str]:
    """What differs, as lines; empty if nothing or if the program is none that can be compared."""
    if "invalid" in answer:
        return []
    return differences(answer["expected"], answer["actual"])


def signature(answer: dict[str, Any]) -> str:
    """Differences with the same signature are likely to have one cause; shrinking keeps it."""
    if "invalid" in answer:
        return ""
    actual, expected = answer["actual"], answer["expected"]
    for fatal in ("hung", "died"):
        if fatal in actual:
            return fatal
    parts = [part for part in ("result", "printed", "globals") if expected[part] != actual[part]]
    if not parts:
        return ""
    before, after = _heads(expected["result"]), _heads(actual["result"])
    if before != after:
        return f"{before} → {after}"
    if parts[0] != "result":
        return f"{parts[0]} of {before}"
    sections, others = _sections(expected["result"]), _sections(actual["result"])
    differing = [name for name in {**sections, **others} if sections.get(name) != others.get(name)]
    return f"{' and '.join(differing)} of {before}"


def _heads(lines: list[str]) -> str:
    """How the calls ended, without what varies between programs with the same cause."""
    heads = [line for line in lines if line.startswith(("raised ", "returned"))]
    return "; ".join(re.sub(r"\d+|'[^']*'|\(.*", "…", head)[:70] for head in heads)


def _sections(lines: list[str]) -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {}
    name = ""
    for line in lines:
        if re.match(r"(?:[a-z ]+|  '\w+'):", line):
            name = line.split(":")[0].strip()
        sections.setdefault(name, []).append(line)
    return sections
