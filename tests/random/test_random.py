"""300 random programs give under Pydron, with 1, 2 and 4 slots, exactly what they give under plain CPython.

A program that does not is made small and shown. `soak.py` does the same with as many seeds as one likes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import soak

SEEDS = range(300)
SHOWN = 3


@pytest.fixture(scope="module", params=[1, 2, 4])
def tally(request):
    return soak.run(SEEDS, request.param, most=10)


def test_same_as_sequential(tally):
    if tally.failures:
        small = [soak.minimised(failure, seconds=30) for failure in tally.failures[:SHOWN]]
        pytest.fail("\n".join([tally.report(), *(one.report() for one in small)]), pytrace=False)


def test_programs_are_worth_running(tally):
    """Nearly all can be compared, most make several functional calls, a good share raises and a good share returns."""
    if tally.failures:
        pytest.skip("the run was cut short")
    assert not any("not the same twice" in why for why in tally.invalid)
    assert tally.compared >= 0.98 * len(SEEDS)
    assert sum(calls >= 3 for calls in tally.calls) >= 0.6 * len(SEEDS)
    assert 0.2 * len(SEEDS) <= tally.raised <= 0.7 * len(SEEDS)
