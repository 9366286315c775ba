"""The realistic scripts of benchmarks/scripts, on little input: the same output as sequentially, for the same exit."""

from __future__ import annotations

import sys

import pytest
from staging import ROOT

FOLDER = ROOT / "benchmarks" / "scripts"
SCRIPTS = sorted(path.stem for path in FOLDER.glob("*.py") if path.name != "run.py")
NEEDED = {"photometry": ["astropy", "scipy"], "cross_validation": ["scipy"], "kmers": [], "log_analysis": []}


def test_there_are_ten():
    assert len(SCRIPTS) == 10


@pytest.mark.parametrize("name", SCRIPTS)
def test_same_output(stage, name):
    for package in NEEDED.get(name, ["numpy"]):
        pytest.importorskip(package, reason=f"{package} is not installed: the script '{name}' was NOT run")
    script = FOLDER / f"{name}.py"
    stage.environment["OPENBLAS_NUM_THREADS"] = "1"
    plain = stage.finish(
        stage.start(sys.executable, ROOT / "benchmarks" / "sequential.py", script, "--scale", "0.02"), 60
    )
    assert plain.returncode == 0 and plain.stdout, plain.stderr
    done = stage.run(script, "--scale", "0.02", timeout=60)
    assert (done.returncode, done.stdout) == (0, plain.stdout), done.stderr
    stage.assert_nothing_left()
