"""What regions wait for: the things that generators yield, and the bookkeeping of one that is suspended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydron._runtime import Region


class _Sentinel:
    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


ORDERED = _Sentinel("<ordered>")  #: yielded: goes on when everything earlier is complete
BLOCKED = _Sentinel("<blocked>")  #: what a region does while the loop runs in the middle of it


class Discarded(BaseException):
    """Thrown into what is left of a body in which something earlier failed. No code of the user's may see it."""


class Marker:
    """The beginning of the body of a try statement."""

    __slots__ = ("number", "seq")

    def __init__(self, seq: int) -> None:
        self.seq = seq
        self.number = 0  # until something is submitted in the body


class Deep:
    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class Now:
    """The failure of a body surfaces at once."""

    __slots__ = ("error",)

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


class Fence:
    __slots__ = ("marker",)

    def __init__(self, marker: Marker) -> None:
        self.marker = marker


class Settle:
    __slots__ = ("error", "marker")

    def __init__(self, marker: Marker, error: BaseException | None) -> None:
        self.marker = marker
        self.error = error


def arrived(settled: Settle | Now) -> BaseException | None:
    """Takes the exception out of the answer to what `settle` made: nobody else is to keep it alive."""
    error, settled.error = settled.error, None
    return error


class Trouble:
    """A failure on its way to the try statement it belongs to. Being raised on the way leaves no trace in it."""

    __slots__ = ("_context", "_traceback", "error", "marker")

    def __init__(self, marker: Marker, error: BaseException) -> None:
        self.marker = marker
        self.error = error
        self._context = error.__context__
        self._traceback = error.__traceback__

    def arrived(self) -> BaseException:
        self.error.__context__ = self._context
        self.error.__traceback__ = self._traceback
        return self.error


class Wait:
    """Why a region does not go on: how many things are missing, and what it asked for."""

    __slots__ = ("asked", "brief", "count", "error", "region", "released", "request", "token")

    def __init__(self, region: Region, request: Any) -> None:
        self.region: Region | None = region
        self.request = request
        self.count = 0
        self.released = False
        self.brief = False  # waits for its turn in the row of outputs
        self.asked = 0  # failures that the scheduler knew of when it was asked for the turn
        self.token = 0
        self.error: BaseException | None = None

    def arrived(self) -> None:
        self.count -= 1
        region = self.region
        if self.count == 0 and not self.brief and region is not None and self.request is not BLOCKED:
            region.run.ready.append(self)

    def release(self) -> None:
        self.token = 0
        self.released = True
        if self.region is None:
            return
        if self.brief:
            run = self.region.run
            if self in run.again:
                run.again.remove(self)
            if self.asked != run.failures or run.comes_again_before(self.region):
                # An output before this one failed after it was released: perhaps this must not happen any more. Or
                # one before it had to ask again for that reason, and is not to be overtaken.
                self.ask_again()
            else:
                run.row.append(self)
        else:
            self.arrived()

    def ask_brief(self) -> None:
        region = self.region
        assert region is not None
        self.brief = True
        self.released = False
        self.asked = region.run.failures
        region.session.ordered(region.number, self, True)

    def ask_again(self) -> None:
        """What was released has to wait for its turn once more, and nothing behind it may overtake it."""
        self.ask_brief()
        assert self.region is not None
        self.region.run.again.append(self)

    def is_over(self) -> bool:
        return self.count == 0

    def cancel(self) -> None:
        region, self.region = self.region, None
        if self.token and region is not None:
            region.session.tokens.pop(self.token, None)
