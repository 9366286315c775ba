"""Where the program order was held up, and for how long: recorded only where the scheduler asked for it.

A *place* is a line of a pipeline at which a strand of it stopped: to wait until everything earlier is complete, for a
value, or for the end of a `try`. It begins where the strand stops, ends where it calls or waits again, and in between
may have run code of the user's in order. All times are nanoseconds of the monotonic clock.

Runs that are recorded are made of the classes here; others never come by.
"""

from __future__ import annotations

import struct
from time import monotonic_ns
from typing import TYPE_CHECKING, Any

from pydron._frames import TRACE
from pydron._pending import Pending
from pydron._run import Run
from pydron._runtime import Region
from pydron._session import Chain, Session
from pydron._spec import RegionSpec, Site
from pydron._waits import BLOCKED, ORDERED, Deep, Fence, Settle, Wait
from pydron._wire import frame, pack_str

if TYPE_CHECKING:
    from collections.abc import Callable

#: Why a strand stopped, as the scheduler numbers it.
IN_ORDER, FOR_VALUE, AT_FENCE, RUN_HERE = range(4)

#: More places than that are counted, but not told one by one: a loop of ten million steps must not fill the memory.
MOST = 200_000


class Place:
    __slots__ = ("detail", "end", "file", "front", "function", "kind", "line", "start", "until")

    def __init__(self, kind: int, file: str, line: int, function: str, front: bool, detail: str) -> None:
        self.kind = kind
        self.file = file
        self.line = line
        self.function = function
        self.front = front  # in the strand that is the program itself, not in a part that was set aside
        self.detail = detail
        self.start = self.until = self.end = monotonic_ns()


class Trace:
    """What was recorded since it was last sent."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._pump: Callable[[float | None], bool] = session.pump
        self.places: list[Place] = []
        self.more = 0
        self.idle: list[tuple[int, int]] = []
        self.calls: list[tuple[str, int, str, str, int, int]] = []
        session.pump = self.pump  # type: ignore[method-assign]

    def pump(self, timeout: float | None = None) -> bool:
        """Nothing in the driver can go on until something arrives."""
        start = monotonic_ns()
        arrived = self._pump(timeout)
        if len(self.idle) < MOST:
            self.idle.append((start, monotonic_ns()))
        return arrived

    def took_place(self, place: Place) -> None:
        place.end = monotonic_ns()
        if len(self.places) < MOST:
            self.places.append(place)
        else:
            self.more += 1

    def called(self, pipeline: Any, reason: str, start: int) -> None:
        """An outermost pipeline came to its end; with a reason if it ran as it is."""
        code = pipeline.__wrapped__.__code__
        name = pipeline.__qualname__
        self.calls.append((code.co_filename, code.co_firstlineno, name, reason, start, monotonic_ns()))
        session = self._session
        if not session.runs and session.usable():
            self.send()
            session.flush()

    def send(self) -> None:
        """The frame TRACE (docs/protocols.md)."""
        strings: dict[str, int] = {}

        def text(string: str) -> int:
            return strings.setdefault(string, len(strings))

        session = self._session
        out = bytearray()
        out += struct.pack("<I", len(self.places))
        for place in self.places:
            names = text(place.file), place.line, text(place.function), text(place.detail)
            times = place.start, place.until, place.end
            out += struct.pack("<BBIIIIQQQ", place.kind, place.front, *names, *times)
        tasks = [
            struct.pack("<IIII", first + index, text(site.file), site.line, text(session.task_name(first + index)))
            for (sites, _, _), first in zip(session.history, session.history_first)
            for index, site in enumerate(sites)
        ]
        out += struct.pack("<I", len(tasks)) + b"".join(tasks)
        out += struct.pack("<I", len(self.idle))
        for start, end in self.idle:
            out += struct.pack("<QQ", start, end)
        out += struct.pack("<I", len(self.calls))
        for file, line, name, reason, start, end in self.calls:
            out += struct.pack("<IIIIQQ", text(file), line, text(name), text(reason), start, end)
        table = b"".join(map(pack_str, strings))
        head = struct.pack("<QII", monotonic_ns(), self.more, len(strings))
        session.emit(frame(TRACE, head + table + bytes(out)))
        self.places, self.idle, self.calls, self.more = [], [], [], 0


class TracedRegion(Region):
    __slots__ = ("place",)

    def __init__(self, run: Run, parent: Region | None, spec: RegionSpec | None, chain: Chain, level: int) -> None:
        super().__init__(run, parent, spec, chain, level)
        self.place: Place | None = None

    def stop(self, kind: int, site: Site | None = None, detail: str = "") -> None:
        """The strand stops here."""
        self.go_on()
        if site is not None:
            self.place = Place(kind, site.file, site.line, site.function, True, detail)
            return
        running = self.gen.gi_frame if self.gen is not None else None
        if running is not None:
            code = running.f_code
            self.place = Place(kind, code.co_filename, running.f_lineno, code.co_name, self.parent is None, detail)

    def go_on(self) -> None:
        """The strand is at something else now."""
        place, self.place = self.place, None
        if place is not None:
            assert self.session.trace is not None
            self.session.trace.took_place(place)

    def is_in_order(self) -> bool:
        """Is this part of what began with waiting for everything earlier, on the same line?"""
        running = self.gen.gi_frame if self.gen is not None else None
        place = self.place
        return place is not None and place.kind == IN_ORDER and running is not None and running.f_lineno == place.line

    def barrier(self) -> bool:
        self.stop(IN_ORDER)
        return super().barrier()

    def _submit(self, site: Site, function: int, data: bytes, deps: list[int] | None) -> Pending:
        self.go_on()
        return super()._submit(site, function, data, deps)

    def _start(self, child: Region, outs: int) -> Any:
        self.go_on()
        return super()._start(child, outs)

    def _block(
        self, site: Site, why: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        self.stop(RUN_HERE, site, why)
        answer = super()._block(site, why, args, kwargs)
        if self.place is not None:
            self.place.until = monotonic_ns()
        return answer

    def finish_inline(self) -> None:
        self.go_on()
        super().finish_inline()


class TracedRun(Run):
    def suspend(self, wait: Wait, missing: list[Pending], ordered: bool = False) -> None:
        region, request = wait.region, wait.request
        if isinstance(region, TracedRegion):
            if request is ORDERED or request is BLOCKED or request is None:
                pass  # the barrier, or the call, is the place
            elif type(request) is Fence or type(request) is Settle:
                region.stop(AT_FENCE)
            elif (type(request) is Pending or type(request) is Deep) and not region.is_in_order():
                region.stop(FOR_VALUE)
        super().suspend(wait, missing, ordered)

    def _resume(self, region: Region, wait: Wait) -> Any:
        if isinstance(region, TracedRegion) and region.place is not None:
            region.place.until = monotonic_ns()
            if region.place.kind != IN_ORDER:
                region.go_on()
        return super()._resume(region, wait)

    def _finished(self, region: Region, result: Any) -> None:
        if isinstance(region, TracedRegion):
            region.go_on()
        super()._finished(region, result)

    def _failed(self, region: Region, error: BaseException, wait: Wait) -> None:
        if isinstance(region, TracedRegion):
            region.go_on()
        super()._failed(region, error, wait)

    def _end(self, root: Region) -> None:
        session = self.session
        if len(session.runs) == 1 and session.trace is not None and session.usable():
            session.trace.send()  # now, while it is known where tasks came from
        super()._end(root)
