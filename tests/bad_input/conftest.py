"""Fixtures of the tests with input that nobody writes by hand, or nobody in their right mind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "e2e"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from comparing import Comparison
from staging import LAUNCHER, Stage


@pytest.fixture(scope="session", autouse=True)
def built():
    """The launcher builds what is missing; tests measure what comes after that."""
    subprocess.run([str(LAUNCHER), "version"], check=True, timeout=900, capture_output=True)


@pytest.fixture
def stage(tmp_path_factory):
    one = Stage(tmp_path_factory.mktemp("b", numbered=True))
    yield one
    one.close()


@pytest.fixture
def comparison(stage):
    return Comparison(stage)
