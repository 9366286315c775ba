"""Of a long loop only the latest calls are remembered, and those exactly."""

from __future__ import annotations

import types
from typing import Any

import pytest

from pydron import _session
from pydron._session import Session


def _session_after(batches: int, size: int) -> Any:
    session = object.__new__(Session)
    session.history = [([f"site {b}"] * size, [b] * size, None) for b in range(batches)]  # type: ignore[misc]
    session.history_first = [1 + b * size for b in range(batches)]
    session.next_value = 1 + batches * size
    session.adopted = {}
    session.trace = session.verifier = None
    session.runs = [types.SimpleNamespace()]  # type: ignore[list-item]
    return session


@pytest.mark.parametrize(("batches", "size"), [(5000, 1), (40, 256), (1, 3), (0, 1)])
def test_the_latest_calls_are_remembered(batches: int, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_session, "_REMEMBERED", 1000)
    session = _session_after(batches, size)
    session.trim_history()
    assert len(session.history) == len(session.history_first)
    assert sum(len(sites) for sites, _, _ in session.history) <= 1000 + size
    for task in range(max(1, session.next_value - 1000), session.next_value):
        assert session.task_origin(task) == (f"site {(task - 1) // size}", None)
    assert session.task_origin(session.next_value) == (None, None)


def test_nothing_is_forgotten_where_it_is_read_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_session, "_REMEMBERED", 10)
    session = _session_after(100, 1)
    session.trace = object()
    session.trim_history()
    assert len(session.history) == 100
    session.trace, session.runs = None, [1, 2]
    session.trim_history()
    assert len(session.history) == 100
