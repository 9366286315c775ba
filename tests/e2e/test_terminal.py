"""On a real terminal: Ctrl-C reaches everybody at once, a closed window hangs up on everybody."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time

import pytest
from staging import LAUNCHER, PACKAGE
from test_failures import SLEEPER, task_pids

WAYS = {"run": [LAUNCHER, "run", "--slots", "2"], "plain": [sys.executable]}


class Terminal:
    def __init__(self, stage, command):
        self.master, slave = pty.openpty()
        stage.environment["PYTHONPATH"] = str(PACKAGE)
        # A session of its own, whose controlling terminal this becomes by being opened in it.
        opener = 'exec < "$0" > "$0" 2>&1; exec "$@"'
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", opener, os.ttyname(slave), *map(str, command)],
            env=stage.environment,
            cwd=stage.folder,
            start_new_session=True,
        )
        stage.started.append(self.process)
        os.close(slave)
        self.said = b""

    def read(self, seconds: float) -> bool:
        """Takes in what is written; False when nobody writes any more."""
        if not select.select([self.master], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.master, 4096)
        except OSError:
            return False
        self.said += data
        return bool(data)

    def until(self, condition, seconds: float, what: str) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"waited in vain for {what}: {self.said!r}"
            self.read(0.05)

    def end(self, seconds: float) -> int:
        self.until(lambda: self.process.poll() is not None, seconds, "the end")
        while self.read(0.1) and select.select([self.master], [], [], 0.1)[0]:
            pass
        return self.process.returncode

    def hang_up(self) -> None:
        os.close(self.master)


@pytest.mark.parametrize("way", WAYS)
def test_ctrl_c(stage, way):
    terminal = Terminal(stage, [*WAYS[way], stage.script(SLEEPER)])
    terminal.until(lambda: len(task_pids(stage)) >= 2, 20, "two tasks")
    start = time.monotonic()
    os.write(terminal.master, b"\x03")
    assert terminal.end(20) == (130 if way == "run" else -2)
    assert time.monotonic() - start < 3
    said = terminal.said.decode()
    assert said.count("finally") >= 1 and said.count("KeyboardInterrupt") >= 1
    assert "Exception" not in said and "java" not in said.lower()
    if way == "run":
        assert "pydron: interrupted; 0 tasks finished" in said, "what was done"
    stage.assert_nothing_left()


@pytest.mark.parametrize("way", WAYS)
def test_closed_window(stage, way):
    terminal = Terminal(stage, [*WAYS[way], stage.script(SLEEPER)])
    terminal.until(lambda: len(task_pids(stage)) >= 2, 20, "two tasks")
    terminal.hang_up()
    assert terminal.process.wait(10) in (129, -1)
    stage.assert_nothing_left(8)


def test_progress_line(stage):
    """Drawn while there is work, wiped away before anything else is written, gone at the end; --quiet has none."""
    script = stage.script(SLEEPER.replace("time.sleep(60)", "time.sleep(0.6); print('from task', i)"))
    for quiet in ([], ["--quiet"]):
        terminal = Terminal(stage, [*WAYS["run"], *quiet, script])
        assert terminal.end(20) == 0
        said = terminal.said.decode()
        assert ("running" in said) == (not quiet), said
        shown = [line.split("\x1b[K")[-1] for line in said.replace("\r\n", "\n").split("\n")]
        assert sorted(shown) == ["", *(f"[work] from task {i}" for i in range(4)), "finally"], said
    stage.assert_nothing_left()
