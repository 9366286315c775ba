"""The differential runner itself: each wrong Pydron, with one planted fault, is caught, and for the right reason."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import catalogue
import identity
import start
from compare import differences, program_text, too_little_overlap
from describe import describe

# mutant: a case that must notice it, and the words of the complaint
CAUGHT = {
    "wrong result": ("documented.loop_demo", "result differs"),
    "wrong type": ("loops_for.loop_over_results", "tuple"),
    "output reordered": ("output.print_in_loop", "printed differs"),
    "mutation lost": ("aliasing.argument_list_changed", "arguments differs"),
    "sharing lost": ("aliasing.row_in_rows_then_changed", "result differs"),
    "message changed": ("surfacing.slow_first_wins", "task failed: first"),
    "frames lost": ("surfacing.deep_traceback", "helper_fails"),
    "cause added": ("surfacing.slow_first_wins", "cause: RuntimeError"),
    "effects reordered": ("effects.notes_between_calls", "globals differs"),
    "hangs": ("documented.loop_demo", "the case did not end"),
    "global lost": ("scopes.global_statement", "globals differs"),
}


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    return start.outcomes("reference", tmp_path_factory.mktemp("reference") / "out.jsonl")


def test_every_mutant_is_listed():
    assert set(CAUGHT) == set(identity.MUTANTS)


@pytest.mark.parametrize("mutant", CAUGHT)
def test_mutant_is_caught(mutant, reference, tmp_path):
    name, words = CAUGHT[mutant]
    actual = start.outcomes(
        f"mutant: {mutant}", tmp_path / "out.jsonl", only=name.split(".")[0], limit=2 if mutant == "hangs" else 40
    )
    complaint = "\n".join(differences(reference[name], actual[name]))
    assert words in complaint


def test_no_overlap_is_caught(reference, tmp_path):
    """A Pydron that gives the right answers one call after the other is not good enough."""
    actual = start.outcomes("reference", tmp_path / "out.jsonl", slots=4, only="documented.calibration_pipeline")
    outcome = actual["documented.calibration_pipeline"]
    assert differences(reference["documented.calibration_pipeline"], outcome) == []
    assert too_little_overlap(4, outcome) == ["at most 1 functional calls overlapped, 4 should"]


def test_a_case_that_kills_its_process_is_named(tmp_path, monkeypatch):
    """The run goes on behind it, and the outcome says which case it was."""
    runner = tmp_path / "runner.py"
    runner.write_text(
        "import json, os, pathlib, sys\n"
        "out = pathlib.Path(sys.argv[2])\n"
        "done = out.read_text() if out.exists() else ''\n"
        "for name in ('a', 'b'):\n"
        "    if f'\"{name}\"' in done: continue\n"
        "    pathlib.Path(str(out) + '.current').write_text(name)\n"
        "    if name == 'a': os.kill(os.getpid(), 9)\n"
        "    open(out, 'a').write(json.dumps({'case': name}) + '\\n')\n"
    )
    monkeypatch.setattr(start, "HERE", tmp_path)
    result = start.outcomes("reference", tmp_path / "out.jsonl")
    assert "exit code -9" in result["a"]["died"]
    assert result["b"] == {"case": "b"}
    assert differences({}, result["a"])[0] == "the process that ran the case died:"


def test_descriptions_tell_apart():
    one = [1]
    shared, copies = [one, one], [[1], [1]]
    assert describe(shared) != describe(copies)
    assert describe((1,)) != describe([1])
    assert describe(1) != describe(1.0) != describe(True)
    assert describe({"a": 1, "b": 2}) != describe({"b": 2, "a": 1})
    assert describe({3, 1, 2}) == describe({2, 3, 1})
    assert describe("x" * 5000) != describe("x" * 4999 + "y")


def test_the_program_is_shown():
    text = program_text(catalogue.PROGRAMS / "documented.py", "loop_demo")
    assert "def slow(i)" in text and "total = total + slow(i)" in text and "calibration" not in text


def test_a_missing_launcher_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(start, "LAUNCHER", tmp_path / "pydron")
    (tmp_path / "pydron").write_text("#!/bin/sh\necho no java >&2; exit 3\n")
    os.chmod(tmp_path / "pydron", 0o755)
    with pytest.raises(RuntimeError, match="no java"):
        start.outcomes("pydron", tmp_path / "out.jsonl")
