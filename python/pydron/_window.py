"""How much of what regions wait for is asked for at a time.

A loop that looks at its results one by one is set aside as thousands of regions, and each waits for a value. Results
may come faster than they are looked at, so only so many bytes of them are asked for as memory should hold; what is not
asked for is not computed either, once there is enough of it (`Storage` in the scheduler).

Invariant: of the regions that wait, the earliest in program order has asked for all that it waits for. Everything it
needs is earlier still, and so will come.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydron._session import Session

#: Bytes of values that have come, or are asked for, and are not looked at.
BOUND = 256 << 20

#: Values that are asked for before it is known how large they are, and at most.
_FEW, _MOST = 256, 1024

#: What is smaller does not count as memory.
_SMALL = 4096

_NOWHERE = (float("inf"),)


class Window:
    __slots__ = ("_answered", "_bytes", "_here", "_session", "_size", "asked", "queue")

    def __init__(self, session: Session) -> None:
        self._session = session
        self.queue: deque[int] = deque()  # wanted, not asked for
        self.asked: set[int] = set()  # and not here
        self.clear()

    def clear(self) -> None:
        """The run is over. The next one starts carefully again."""
        self.queue.clear()
        self.asked.clear()
        self._here: dict[int, int] = {}  # the size of those that came and that somebody still holds
        self._bytes = 0
        self._answered = 0
        self._size = 0.0  # of a value, as of late

    def ask(self) -> None:
        """Asks for as many as there is room for."""
        queue, asked = self.queue, self.asked
        most = min(_MOST, _FEW + 2 * self._answered)
        while queue and len(asked) < most:
            if self._bytes + (len(asked) + 1) * self._size > BOUND and (asked or self._here):
                return
            self._ask_for(queue.popleft())

    def _ask_for(self, number: int) -> None:
        if number in self._session.wanted:
            self.asked.add(number)
            self._session.wants.append(number)

    def came(self, number: int, size: int) -> None:
        if number in self.asked:
            self._answered += 1
            self._size += (size - self._size) / 8
            if size >= _SMALL:
                self._here[number] = size
                self._bytes += size

    def gone(self, numbers: Iterable[int]) -> None:
        """Nobody holds these any more."""
        if self._here:
            for number in numbers:
                self._bytes -= self._here.pop(number, 0)

    def ask_for_the_earliest(self) -> bool:
        """Nothing comes: perhaps all that was asked for depends on a region whose turn to ask has not come yet."""
        first_asked = min((self._place(number) for number in self.asked), default=_NOWHERE)
        first = min(map(self._place, self.queue), default=_NOWHERE)
        if first >= first_asked and self.asked:
            return False
        rest = deque(number for number in self.queue if self._place(number) != first)
        for number in self.queue:
            if self._place(number) == first:
                self._ask_for(number)
        self.queue = rest
        return True

    def _place(self, number: int) -> tuple[float, ...]:
        """Where in program order the first region is that waits for a value."""
        pending = self._session.wanted.get(number)
        waiters: Any = pending.waiters if pending is not None else None
        if type(waiters) is list:
            return min((wait.region.turn() for wait in waiters if wait.region is not None), default=_NOWHERE)
        return _NOWHERE if waiters is None or waiters.region is None else waiters.region.turn()
