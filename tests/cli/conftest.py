"""Tests of the command line use the stage of the end-to-end tests."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "e2e"))

from staging import LAUNCHER, Stage

# A shell's background job and `nohup` start us with signals ignored, and what we start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session", autouse=True)
def built():
    """The launcher builds what is missing; tests look at what comes after that."""
    subprocess.run([str(LAUNCHER), "version"], check=True, timeout=900, capture_output=True)


@pytest.fixture
def stage(tmp_path_factory):
    one = Stage(tmp_path_factory.mktemp("c", numbered=True))
    yield one
    one.close()


@pytest.fixture
def pydron(stage):
    """`pydron …`, to its end."""

    def run(*arguments, timeout: float = 60, text: str | None = None):
        stdin = subprocess.PIPE if text is not None else subprocess.DEVNULL
        return stage.finish(stage.start(LAUNCHER, *arguments, stdin=stdin), timeout, text)

    return run
