"""What the end-to-end tests share: the launcher, a place for each test, and a search for what was left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LAUNCHER = ROOT / "pydron"
PACKAGE = ROOT / "python"
MARK = "PYDRON_E2E_MARK"


def wait_for(condition, seconds: float, what: str):
    """Waits until the condition gives something, and returns that."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


class Stage:
    """One test's place: scripts are written to it, everything started from it carries its mark in the environment."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.mark = uuid.uuid4().hex
        self.temporary = folder / "t"
        self.temporary.mkdir()
        self.environment = {**os.environ, MARK: self.mark, "PYDRON_TMPDIR": str(self.temporary), "PYTHONDONTWRITEBYTECODE": "1",
                            "PYTHONUNBUFFERED": "1", "STAGE": str(folder), "PATH": f"{ROOT}{os.pathsep}{os.environ['PATH']}"}
        for name in ("PYDRON_SOCKET", "PYTHONPATH"):
            self.environment.pop(name, None)
        self.started: list[subprocess.Popen] = []

    def script(self, text: str, name: str = "script.py") -> Path:
        path = self.folder / name
        path.write_text(textwrap.dedent(text).lstrip("\n"))
        return path

    def start(self, *command, **options) -> subprocess.Popen:
        """Starts a process in a session of its own, so that signals reach only what the test means."""
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        process = subprocess.Popen([str(part) for part in command], env=self.environment, cwd=self.folder, text=True,
                                   start_new_session=True, **options)
        self.started.append(process)
        return process

    def start_run(self, *arguments, slots: int = 2) -> subprocess.Popen:
        return self.start(LAUNCHER, "run", "--quiet", "--slots", slots, "--python", sys.executable, *arguments)

    def run(self, *arguments, slots: int = 2, timeout: float = 60) -> subprocess.CompletedProcess:
        """`pydron run`, to its end."""
        return self.finish(self.start_run(*arguments, slots=slots), timeout)

    def python(self, *arguments, text: str | None = None, timeout: float = 60) -> subprocess.CompletedProcess:
        """Plain Python with the package importable, as after `pip install`."""
        self.environment["PYTHONPATH"] = str(PACKAGE)
        process = self.start(sys.executable, *arguments, stdin=subprocess.PIPE if text is not None else subprocess.DEVNULL)
        return self.finish(process, timeout, text)

    def finish(self, process: subprocess.Popen, timeout: float = 60, text: str | None = None) -> subprocess.CompletedProcess:
        try:
            out, err = process.communicate(text, timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"not finished after {timeout} s\nstdout: {out}\nstderr: {err}")
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def processes(self) -> dict[int, str]:
        """Living processes that carry this test's mark, with their command lines."""
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                if f"{MARK}={self.mark}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()[:160]
            except OSError:
                continue
        return found

    def assert_nothing_left(self, seconds: float = 3.0) -> None:
        """No process, and no socket, value file or folder of Pydron's, a moment after the end."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and (self.processes() or any(self.temporary.iterdir())):
            time.sleep(0.05)
        assert self.processes() == {}
        assert [path.name for path in self.temporary.iterdir()] == []

    def close(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.wait()
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
