"""Fixtures of the end-to-end tests."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from staging import LAUNCHER, Stage, wait_for

# A shell's background job and `nohup` start us with signals ignored, and what we start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session", autouse=True)
def built():
    """The launcher builds what is missing; tests measure what comes after that."""
    assert LAUNCHER.exists(), f"no launcher at {LAUNCHER}"
    subprocess.run([str(LAUNCHER), "version"], check=True, timeout=900, capture_output=True)


@pytest.fixture
def stage(tmp_path_factory):
    folder = tmp_path_factory.mktemp("e", numbered=True)
    one = Stage(folder)
    yield one
    one.close()


@pytest.fixture
def wait():
    return wait_for
