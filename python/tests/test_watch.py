"""Looking for what is about to come, instead of sleeping until it is there."""

from __future__ import annotations

import time
from typing import Any

import pytest

from pydron import _wire
from pydron._wire import Watch


class Arrivals:
    """Something to poll: each time it is waited for, it is there after so many looks, or has to be slept for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        self.looks_left: int | None = 0
        self.slept: list[float | None] = []
        self.looked = 0
        monkeypatch.setattr(_wire, "perf_counter", lambda: self.now)

    def poll(self, timeout: float | None) -> list[Any]:
        if timeout == 0:
            self.looked += 1
            self.now += _wire._MOMENT_S / 10
            if self.looks_left is not None:
                self.looks_left -= 1
                return [1] if self.looks_left < 0 else []
            return []
        self.slept.append(timeout)
        self.now += _wire._MOMENT_S if self.looks_left is not None else 1.0
        return [1] if timeout is None or self.looks_left is not None else []


def test_it_sleeps_until_things_come_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    arrivals, watch = Arrivals(monkeypatch), Watch()
    arrivals.looks_left = None
    assert watch.there(arrivals.poll, None) and arrivals.slept == [None] and not arrivals.looked
    arrivals.looks_left = 3
    assert watch.there(arrivals.poll, None) and len(arrivals.slept) == 2 and not arrivals.looked
    for _ in range(10):
        arrivals.looks_left = 3
        assert watch.there(arrivals.poll, None)
    assert len(arrivals.slept) == 2 and arrivals.looked == 40


def test_it_gives_up_when_it_looks_in_vain(monkeypatch: pytest.MonkeyPatch) -> None:
    arrivals, watch = Arrivals(monkeypatch), Watch()
    for _ in range(20):
        arrivals.looks_left = 0
        watch.there(arrivals.poll, None)
    arrivals.looked = 0
    arrivals.looks_left = None  # from now on all takes long
    for _ in range(20):
        watch.there(arrivals.poll, None)
    assert 0 < arrivals.looked <= 2 * 11, "twice at the most"


def test_the_time_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    arrivals, watch = Arrivals(monkeypatch), Watch()
    watch._hope = _wire._MOST_HOPE
    arrivals.looks_left = None
    assert not watch.there(arrivals.poll, 0.5)
    assert arrivals.slept[-1] == pytest.approx(500 - 1000 * _wire._MOMENT_S, abs=0.1)
    arrivals.looked = 0
    assert not watch.there(arrivals.poll, 0.0001)
    assert not arrivals.looked, "there is no time for that"


def test_with_a_real_socket() -> None:
    import select
    import socket
    import threading

    ours, theirs = socket.socketpair()
    with ours, theirs:
        poll = select.poll()
        poll.register(ours, select.POLLIN)
        watch = Watch()
        assert not watch.there(poll.poll, 0.01)
        threading.Timer(0.05, theirs.send, [b"x"]).start()
        begin = time.perf_counter()
        assert watch.there(poll.poll, None) and time.perf_counter() - begin > 0.02
