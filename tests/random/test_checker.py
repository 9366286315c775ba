"""The checker itself: it finds each planted fault within a few seeds and makes the program small."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "differential"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import generate
import identity
import soak
from peer import Peer, complaints, signature
from shrink import shrink

# mutant: words that the complaint must have
CAUGHT = {
    "wrong result": "differs",
    "wrong type": "tuple",
    "output reordered": "printed differs",
    "mutation lost": "differs",
    "sharing lost": "same as",
    "message changed": "task failed",
    "frames lost": "-  main",
    "cause added": "cause: RuntimeError",
    "effects reordered": "'LOG'",
    "hangs": "did not end",
    "global lost": "'COUNT'",
}
FEW_SEEDS = 120


def test_every_mutant_is_listed():
    assert set(CAUGHT) == set(identity.MUTANTS)


@pytest.mark.parametrize("mutant", CAUGHT)
def test_mutant_is_caught_and_made_small(mutant):
    how = f"mutant: {mutant}"
    limit = 1 if mutant == "hangs" else 8
    tally = soak.run(range(FEW_SEEDS), 2, how, limit=limit, most=1)
    assert tally.failures, "not found"
    small = soak.minimised(tally.failures[0], how, seconds=30, hang=0.2)
    assert small.small
    assert CAUGHT[mutant] in "\n".join(small.complaints)
    assert len(small.text.strip().splitlines()) < 20, small.text


def test_the_reference_has_no_differences():
    assert soak.run(range(30), 1, "reference").failures == []


def test_a_seed_is_a_program():
    assert [generate.program(seed) for seed in range(5)] == [generate.program(seed) for seed in range(5)]
    assert len({generate.program(seed) for seed in range(100)}) == 100


def test_functional_functions_keep_their_promise():
    """Those that are generated neither bind a global nor name one that is changed."""
    for seed in range(200):
        for function in ast.parse(generate.program(seed)).body:
            if isinstance(function, ast.FunctionDef) and "functional" in ast.unparse(
                function.decorator_list[:1] or function.args
            ):
                names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
                assert not names & {"LOG", "COUNT", "SHARED", "TABLE", "note", "bump", "push", "keep"}


HUNG = "import time\ndef main():\n    time.sleep(60)\n"


def test_a_program_that_does_not_end_sequentially_is_left_out():
    with Peer("reference") as peer:
        assert peer.ask(HUNG)["invalid"] == "too long"
        assert (
            peer.ask("import pydron\ndef main():\n    while True:\n        try: pass\n        except: pass\n")[
                "invalid"
            ]
            == "too long"
        )
        other = "import time\ndef main():\n    try: time.sleep(60)\n    finally: raise ValueError\n"
        assert peer.ask(other)["invalid"] == "too long", "the alarm became another exception"
        assert complaints(peer.ask(generate.program(1))) == []


def test_a_program_that_is_not_deterministic_is_left_out():
    with Peer("reference") as peer:
        assert peer.ask("import time\ndef main():\n    return time.perf_counter_ns()\n")["unsteady"]


def test_a_program_that_kills_its_process_is_blamed_and_the_next_one_runs():
    """The sequential run has another `pydron` than the compared one: that is how this program tells them apart."""
    with Peer("mutant: global lost") as peer:
        text = "import os, pydron\nRUNS = os.environ.setdefault('RUNS', '')\nos.environ['RUNS'] += 'x'\n"
        text += "def main():\n    if RUNS == 'xx':\n        os._exit(3)\n"
        assert signature(peer.ask(text)) == "died"
        assert signature(peer.ask("def main():\n    return 1\n")) == ""


def test_shrinking_keeps_what_fails():
    text = generate.program(7)
    small = shrink(text, lambda candidate: "pydron.schedule" in candidate and "def main" in candidate, 20)
    assert len(small.splitlines()) <= 5
    assert "def main" in small


def test_shrinking_gives_the_text_back_when_it_does_not_fail():
    assert shrink("a = 1\n", lambda candidate: False) == "a = 1\n"
