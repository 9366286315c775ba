"""Results that come faster than they are looked at: only so many bytes of them are asked for at a time."""

from __future__ import annotations

import time
from typing import Any

import pytest
import scheduler as small_scheduler
from conftest import emitted
from tasks import double, same
from test_regions import S, spec

from pydron import _window
from pydron._runtime import Region

SIZE = 10_000


@spec("local", [1, 1], 1)
def longer_by(total: int, text: str) -> int:
    return total + len(text)


@emitted
def lengths(r: Region, n: int) -> Any:
    total = 0
    for i in range(n):
        total = r.fork(longer_by, total, r.call(S, same, str(i % 10) * SIZE))
    return total
    yield


class Watched:
    """The most values that were asked for, or here, and not freed at one time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.most = 0
        watched, take = self, small_scheduler.Connection.on_want
        asked: set[int] = set()

        def on_want(self: Any, r: Any) -> None:
            before = len(self.wants)
            take(self, r)
            asked.update(self.wants[before:])
            watched.most = max(watched.most, len(asked.difference(self.freed)))

        monkeypatch.setattr(small_scheduler.Connection, "on_want", on_want)


@pytest.mark.parametrize("order", ["fifo", "lifo", "random"])
def test_large_results_are_asked_for_as_there_is_room(
    scheduler: Any, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_window, "BOUND", 20 * SIZE)
    monkeypatch.setattr(_window, "_FEW", 4)
    watched = Watched(monkeypatch)
    scheduler(order=order)
    assert lengths(300) == 300 * SIZE
    # Those of a batch are freed together with the next message.
    assert 0 < watched.most <= 50


def test_a_value_larger_than_all_the_room_comes(scheduler: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_window, "BOUND", SIZE // 2)
    scheduler()
    begin = time.monotonic()
    assert lengths(20) == 20 * SIZE
    assert time.monotonic() - begin < 5


def test_what_all_others_depend_on_is_asked_for_whatever_was_asked_for_before(
    scheduler: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_window, "_FEW", 1)
    monkeypatch.setattr(_window, "_MOST", 1)
    scheduler()

    @spec("gen", [0, 0], 1)
    def both(r: Region, a: Any, b: Any) -> Any:
        a = yield a
        b = yield b  # is wanted last, and needed first
        return a + b

    @spec("local", [1], 1)
    def more(x: int) -> int:
        return x + 1

    @emitted
    def p(r: Region) -> Any:
        x = r.fork(both, r.call(S, double, 1), r.call(S, double, 2))
        y = r.fork(more, r.call(S, double, x))
        z = r.fork(more, r.call(S, double, y))
        return [r.fork(more, y), z]
        yield

    assert p() == [14, 27]


def test_the_room_is_there_again_for_the_next_run(scheduler: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_window, "BOUND", 5 * SIZE)
    monkeypatch.setattr(_window, "_FEW", 2)
    scheduler()
    for _ in range(5):
        assert lengths(30) == 30 * SIZE
