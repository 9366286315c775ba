"""Environments for what programs require, made from wheels in a folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from pydron import _environment

PACKAGE = Path(_environment.__file__).parent.parent

#: Notes each making in a file, and takes its time over it.
COUNTED = """
import sys, time
sys.path.insert(0, sys.argv[1])
from pydron import _environment
real = _environment._make
def make(*arguments):
    with open(sys.argv[2], "a") as log:
        log.write("made\\n")
    time.sleep(0.5)
    real(*arguments)
_environment._make = make
_environment.main(sys.argv[3:])
"""


@pytest.fixture
def index(tmp_path):
    about = "shade-1.dist-info"
    files = {
        "shade.py": "NAME = 'pale'\n",
        f"{about}/METADATA": "Metadata-Version: 2.1\nName: shade\nVersion: 1\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/RECORD": "",
    }
    with zipfile.ZipFile(tmp_path / "shade-1-py3-none-any.whl", "w") as out:
        for name, text in files.items():
            out.writestr(name, text)
    return f"--no-index\n--find-links {tmp_path}\n"


def begin(tmp_path, *more) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", COUNTED, str(PACKAGE), str(tmp_path / "log"), str(tmp_path / "made"), *more]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def answer(process: subprocess.Popen[str], text: str) -> list[str]:
    return process.communicate(text, 60)[0].splitlines()


def test_two_at_once_make_it_once(tmp_path, index):
    first, second = begin(tmp_path), begin(tmp_path)
    assert first.stdin and second.stdin
    for process in (first, second):
        process.stdin.write(f"{index}shade==1\n\0")
        process.stdin.close()
        process.stdin = None
    answers = [process.communicate(timeout=60)[0].splitlines() for process in (first, second)]
    assert answers[0] == answers[1]
    assert answers[0][0] == "ok"
    assert (tmp_path / "log").read_text() == "made\n"
    said = subprocess.run(
        [os.path.join(answers[0][1], "bin", "python"), "-c", "import shade; print(shade.NAME)"], capture_output=True
    )
    assert said.stdout == b"pale\n"


def test_half_a_one_is_made_again_and_a_failed_one_leaves_nothing(tmp_path, index):
    killed = begin(tmp_path)
    assert killed.stdin
    killed.stdin.write(f"{index}shade\n")
    killed.stdin.close()
    killed.stdin = None
    while not (tmp_path / "log").exists():
        assert killed.poll() is None
    killed.kill()
    killed.wait()
    made = answer(begin(tmp_path), f"{index}shade\n")
    assert made[0] == "ok"
    assert (tmp_path / "log").read_text() == "made\n" * 2
    (Path(made[1]) / _environment.COMPLETE).unlink()
    assert answer(begin(tmp_path), f"{index}shade\n") == made
    assert (tmp_path / "log").read_text() == "made\n" * 3

    failed = answer(begin(tmp_path), f"{index}shade\n\0shade==2\n")
    assert failed[0] == "failed"
    assert failed[1] == "pip says (exit status 1):"
    assert any("shade==2" in line for line in failed)
    assert [it.name for it in (tmp_path / "made").iterdir() if it.is_dir()] == [Path(made[1]).name]


def test_what_is_installed_below_is_there_and_changes_make_it_new(tmp_path, index, monkeypatch):
    below = tmp_path / "below"
    below.mkdir()
    (below / "depth.py").write_text("VALUE = 3\n")
    monkeypatch.setattr(_environment, "_below", lambda: [str(below)])
    monkeypatch.setattr(_environment, "_pip", lambda brought: os.path.dirname(os.path.dirname(pip())))
    first = _environment.environment(str(tmp_path / "made"), f"{index}shade\n", "", "")
    said = subprocess.run(
        [os.path.join(first, "bin", "python"), "-c", "import depth, shade; print(depth.VALUE)"], capture_output=True
    )
    assert said.stdout == b"3\n"
    os.utime(below, ns=(1, 1))
    assert _environment.key(f"{index}shade\n", "") != os.path.basename(first)


def pip() -> str:
    import pip as installed

    assert installed.__file__
    return installed.__file__


def test_what_nobody_has_asked_for_in_a_long_time_is_removed(tmp_path):
    for name, days in (("3.11-old", 31), ("3.11-new", 29)):
        (tmp_path / name).mkdir()
        (tmp_path / f"{name}.lock").touch()
        mark = tmp_path / name / _environment.COMPLETE
        mark.touch()
        then = mark.stat().st_mtime - days * 86400
        os.utime(mark, (then, then))
    _environment._clean(str(tmp_path))
    assert sorted(it.name for it in tmp_path.iterdir() if it.is_dir()) == ["3.11-new"]
