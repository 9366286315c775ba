"""Progress bars around what a loop goes over: the bar follows the loop in program order, the loop does not wait."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class Progress:
    """Stands in for the items in the user's call of the bar: it has their number, and is over when the loop is."""

    def __init__(self, items: Any) -> None:
        self._items = items
        self._over = False
        self._bar: Iterator[Any] | None = None

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        if self._over:
            raise StopIteration
        return None

    def begin(self, bar: Any) -> None:
        self._bar = iter(bar)

    def advance(self) -> None:
        """The loop takes its next item, so all that went before is done."""
        assert self._bar is not None
        next(self._bar)

    def end(self) -> None:
        """The loop asks for an item, and there is none."""
        assert self._bar is not None
        self._over = True
        next(self._bar, None)

    def close(self) -> None:
        """The loop is left; after `break`, bars end here."""
        close = getattr(self._bar, "close", None)
        self._bar = None
        if close is not None:
            close()
