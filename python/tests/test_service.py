"""How the package finds and starts a service, and what is left of it afterwards. The service here is a stand-in that
speaks the driver's wire; the launcher's own tests start the real one."""

from __future__ import annotations

import glob
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import pydron

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(pydron.__file__)))
TESTS = os.path.dirname(os.path.abspath(__file__))

LAUNCHER = f"""#!{sys.executable}
import os, sys
sys.path[:0] = [{PACKAGE!r}, {TESTS!r}]
assert sys.argv[1:3] == ["serve", "--socket"] and "--lifeline" in sys.argv
import scheduler
one = scheduler.Scheduler(path=sys.argv[3])
with one:
    print("pydron ready", sys.argv[3], flush=True)
    sys.stdin.read()
open(os.environ["LOG"], "a").write("ended\\n")
"""

PROGRAM = """
import os, sys, types, signal, threading
sys.path.insert(0, {tests!r})
import pydron
compiler = types.ModuleType("pydron._compile")
compiler.look = lambda pipeline, args: (None, None)
compiler.prepare = lambda pipeline, session, args=(): pipeline.emitted
sys.modules["pydron._compile"] = pydron._compile = compiler
from conftest import emitted
from pydron._runtime import Site
from tasks import double
S = Site("x", 1, "p")

@emitted
def p(r, n):
    return [r.call(S, double, i) for i in range(n)]
    yield
"""


@pytest.fixture
def program(tmp_path: Path) -> Any:
    launcher = tmp_path / "launcher"
    launcher.write_text(LAUNCHER)
    launcher.chmod(0o755)
    folder = tmp_path / "tmp"
    folder.mkdir()
    log = tmp_path / "log"
    path = os.pathsep.join(filter(None, [PACKAGE, os.environ.get("PYTHONPATH")]))
    environment = {
        **os.environ,
        "PYTHONPATH": path,
        "PYDRON_LAUNCHER": str(launcher),
        "TMPDIR": str(folder),
        "LOG": str(log),
    }
    environment.pop("PYDRON_SOCKET", None)

    class Program:
        def start(self, text: str) -> subprocess.Popen[str]:
            code = PROGRAM.format(tests=TESTS) + text
            return subprocess.Popen(
                [sys.executable, "-c", code],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )

        def run(self, text: str) -> tuple[str, str]:
            process = self.start(text)
            out, err = process.communicate(timeout=30)
            assert process.returncode == 0, err
            return out, err

        def nothing_left(self) -> bool:
            """Waits for the service to end, then looks."""
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline:
                if log.exists() and not glob.glob(str(folder / "*")):
                    return True
                time.sleep(0.05)
            return False

    return Program()


def test_the_service_is_started_once_and_leaves_nothing_behind(program: Any) -> None:
    out, err = program.run("print(p(3), p(2))")
    assert out == "[0, 2, 4] [0, 2]\n"
    assert err == ""
    assert program.nothing_left()


def test_an_exception_ends_it_too(program: Any) -> None:
    process = program.start("p(1)\nraise SystemExit(3)")
    process.communicate(timeout=30)
    assert process.returncode == 3
    assert program.nothing_left()


def test_threads_share_the_service(program: Any) -> None:
    text = (
        "out = []\nthreads = [threading.Thread(target=lambda: out.append(p(2))) for _ in range(4)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]\nprint(out == [[0, 2]] * 4)\n"
    )
    assert program.run(text) == ("True\n", "")
    assert program.nothing_left()


def test_a_forked_child_starts_its_own(program: Any) -> None:
    text = (
        "print(p(2), flush=True)\nchild = os.fork()\nif child == 0:\n    print(p(3), flush=True)\n    sys.exit(0)\n"
        "_, status = os.waitpid(child, 0)\nprint(p(1), status)\n"
    )
    out, err = program.run(text)
    assert (out, err) == ("[0, 2]\n[0, 2, 4]\n[0] 0\n", "")
    assert program.nothing_left()


def test_a_killed_program_takes_the_service_with_it(program: Any) -> None:
    process = program.start("print(p(1), flush=True)\nimport time\ntime.sleep(60)\n")
    assert process.stdout.readline() == "[0]\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    assert program.nothing_left()


def test_a_service_that_does_not_start(program: Any, tmp_path: Path) -> None:
    (tmp_path / "launcher").write_text("#!/bin/sh\necho 'pydron: no Java' >&2\nexit 127\n")
    text = "def plain(n):\n    return [2 * i for i in range(n)]\nq = pydron.schedule(plain)\nprint(q(2), q(3))\n"
    out, err = program.run(text)
    assert out == "[0, 2] [0, 2, 4]\n"
    assert err.splitlines()[0] == "pydron: no Java"
    assert "exit code 127" in err.splitlines()[1] and len(err.splitlines()) == 2
