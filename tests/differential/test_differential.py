"""Every program gives under Pydron, with 1, 2 and 4 slots, exactly what it gives under plain CPython."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import catalogue
import start
from compare import differences, program_text, too_little_overlap

CASES = catalogue.all_cases()


@pytest.fixture(scope="session")
def reference(tmp_path_factory):
    return start.outcomes("reference", tmp_path_factory.mktemp("reference") / "out.jsonl")


@pytest.fixture(scope="session")
def under_pydron(tmp_path_factory):
    """Runs everything once for each number of slots, when the first test asks."""
    done: dict[int, dict[str, dict]] = {}

    def outcomes_with(slots: int) -> dict[str, dict]:
        if slots not in done:
            done[slots] = start.outcomes("pydron", tmp_path_factory.mktemp(f"slots{slots}") / "out.jsonl", slots)
        return done[slots]

    return outcomes_with


@pytest.mark.parametrize("slots", [1, 2, 4])
@pytest.mark.parametrize("path, one, name", [pytest.param(*case, id=case[2]) for case in CASES])
def test_same_as_sequential(path, one, name, slots, reference, under_pydron):
    actual = under_pydron(slots).get(name)
    assert actual is not None, f"{name} was not run: too many processes died before it"
    found = differences(reference[name], actual)
    if slots >= 4 and one.parallel and not found:
        found = too_little_overlap(one.parallel, actual)
    if found:
        pytest.fail(
            "\n".join([f"{path}, {slots} slots", program_text(path, one.function.__name__), *found]), pytrace=False
        )


def test_programs_are_deterministic(reference, tmp_path):
    """With another hash seed the reference says the same, so a difference is never the program's own."""
    again = start.outcomes("reference", tmp_path / "out.jsonl", hash_seed="12345")
    unsteady = [name for name in reference if differences(reference[name], again[name])]
    assert unsteady == []


def test_the_suite_is_large():
    assert len(CASES) >= 150
    assert sum(1 for _, one, _ in CASES if one.parallel) >= 25


def test_nothing_is_left_out_unnoticed():
    """A program this Python or this installation cannot run is a failure, except for newer syntax."""
    left_out = {path.name: why for path in catalogue.programs() if (why := catalogue.missing(path))}
    assert {name: why for name, why in left_out.items() if not why.startswith("needs Python 3.")} == {}
