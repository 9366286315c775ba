"""Results that calls to come are expected to have: names for values that nobody has seen."""

from __future__ import annotations

from typing import Any


class _Hidden(type):
    """The class of `Expected`. Whoever follows a pipeline asks only values with a class it knows for anything."""


class Expected(metaclass=_Hidden):
    """The result of a task that was sent ahead, or is on its way: it can be an argument of a call, and nothing else."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number


class Stale(Exception):
    """The result has come, or will not: it is not what a call would be given."""


class Expectations:
    """Those of one session that may be an argument: the scheduler still knows their numbers, the driver not their
    values."""

    __slots__ = ("_alive",)

    def __init__(self) -> None:
        self._alive: dict[int, Expected] = {}

    def of(self, number: int) -> Expected:
        """What stands for the result of a task that is neither settled nor freed."""
        found = self._alive.get(number)
        if found is None:
            found = self._alive[number] = Expected(number)
        return found

    def any(self) -> bool:
        return bool(self._alive)

    def check(self, expected: Any) -> None:
        if self._alive.get(expected.number) is not expected:
            raise Stale

    def over(self, *numbers: int) -> None:
        if self._alive:
            for number in numbers:
                self._alive.pop(number, None)

    def clear(self) -> None:
        self._alive.clear()
