"""One call of an outermost pipeline, and the event loop that takes it to its end.

Everything happens in the thread that made the call: a generator runs until it really waits, then another one that can
go on, and when none can, the loop waits for the scheduler.
"""

from __future__ import annotations

import sys
from collections import deque
from typing import TYPE_CHECKING, Any, Callable

from pydron._ahead import Ahead
from pydron._arguments import Packer
from pydron._errors import PydronError
from pydron._forms import Forms
from pydron._limits import left_nothing, limits
from pydron._pending import DEAD, WAITING, Pending, deep, shallow
from pydron._session import Chain
from pydron._surfacing import context_of, region_failure, task_failure, while_handling
from pydron._traceback import linked, raised_by, user_part, was_raised
from pydron._waits import BLOCKED, ORDERED, Deep, Discarded, Fence, Marker, Now, Settle, Trouble, Wait

if TYPE_CHECKING:
    from pydron._runtime import Region
    from pydron._session import Session

#: How much may be set aside before the program waits for it, in tasks. A region takes the memory of several.
_ROOM, REGION_SIZE = 50_000, 5

#: Frames that the runtime may have on the stack on top of those a sequential program would have.
_EXTRA_FRAMES = 600


class Run:
    def __init__(self, session: Session, packer: Packer) -> None:
        self.session = session
        self.packer = packer
        self.forms = Forms(session)
        self.ahead = Ahead(session, packer)
        self.adopted: set[int] = set()  # tasks sent ahead and adopted since `count_from`, not known to be complete
        self.first_task = self.count_from = session.next_value
        self.open_tasks = 0  # submitted since `count_from` and not known to be complete
        self.results_before = session.results_here
        self.root_number = 0
        self.count = 0  # of everything that was ever submitted or forked
        self.room = _ROOM  # for what is submitted and forked, until everything earlier has to be waited for
        self.seq = 0
        self.nested = 0  # generators on top of each other on the stack
        self.stack: list[Region] = []  # those whose generators are running
        self.regions: dict[int, Region] = {}  # those the scheduler knows and that are not closed
        self.ready: deque[Wait] = deque()
        self.row: deque[Wait] = deque()  # outputs that were released, in program order
        self.again: list[Wait] = []  # outputs that were released and have asked once more
        self.in_order = False  # from now on, because a plan turned out wrong
        self.failures = 0  # of regions, that the scheduler was told of
        self.errors: dict[int, tuple[BaseException, Region]] = {}  # of failed regions that nothing has come of yet
        self.failure: BaseException | None = None
        self.interrupt: BaseException | None = None
        self.finished = False
        self.result: Any = None
        self.error: BaseException | None = None
        self.handled = sys.exc_info()[1]  # where the pipeline was called
        self.limit, self.frames_of_ours, self.most_levels = limits(session.runs)

    # --- the whole run

    def execute(self, root: Region) -> None:
        """Runs the generator of the root region to its end, and everything that was forked on the way.

        Then there is a `failure` (which surfaced at the outermost level), an `error` (which the root raised), or a
        `result`."""
        session = self.session
        self.ahead.root = root.number = root.wire = self.root_number = session.new_region()
        marker = Marker(root.seq)
        marker.number = root.number
        session.markers[root.number] = root, marker
        self.regions[root.number] = root
        session.begin(root.number)
        session.runs.append(self)
        before, limit = sys.getrecursionlimit(), self.limit + self.frames_of_ours + _EXTRA_FRAMES
        sys.setrecursionlimit(limit)
        try:
            root.wait = Wait(root, None)
            self._step(root.wait)
            self.loop(lambda: self.finished)
            self._complete(root)
            if session.verifier is not None:
                session.verifier.finish(self)
        finally:
            if sys.getrecursionlimit() == limit:
                sys.setrecursionlimit(before)
            self._end(root)

    def _complete(self, root: Region) -> None:
        """Waits until everything is complete, then for what the result still lacks."""
        session = self.session
        missing: list[Pending] = []
        if self.error is None and self.failure is None:
            self.result = deep(self.result, missing)
        for pending in missing:
            session.want(pending, at_once=True)
        if self.failure is None and root.outstanding():
            wait = Wait(root, BLOCKED)
            wait.count = 1
            session.ordered(root.number, wait, False)
            self.loop(lambda: wait.released)
        while missing and self.failure is None:
            missing = []
            self.result = deep(self.result, missing)
            if missing:
                wait = Wait(root, BLOCKED)
                self.suspend(wait, missing)
                self.loop(wait.is_over)

    def _end(self, root: Region) -> None:
        session = self.session
        try:
            root.dead = True
            if self.finished:
                root.gen = None  # it is through
            self._discard(list(self.regions.values()))
            self.ahead.end()
            session.markers.pop(root.number, None)
            if not session.broken and session.sock.in_step:
                session.end(root.number)
                if session.trace is not None or not left_nothing(self):
                    session.flush()
        except PydronError:
            pass  # what is being raised already says more
        finally:
            session.runs.remove(self)
            if not session.runs:
                session.console.finish(session.task_name)
                session.forget_history()
                session.local.clear()
                session.local_errors.clear()
                session.contexts.clear()
                session.reruns.clear()
                session.wanted.clear()
                session.wants.clear()
                session.window.clear()
                session.tokens.clear()
                self.packer.forget()
                session.expectations.clear()

    def interrupted(self, error: BaseException) -> BaseException:
        """Ctrl-C: the run ends here, wherever the generators are."""
        self.interrupt = error
        return Discarded()

    # --- the loop

    def loop(self, done: Callable[[], bool], limit: Region | None = None) -> None:
        """Goes on until `done`. With `limit`, it runs in the middle of that region: then only what is earlier may go
        on, or regions would wait for one another on the stack."""
        session = self.session
        while not done():
            if limit is None:
                if self.failure is not None:
                    return
            elif limit.undelivered:
                raise limit.take_trouble()
            elif limit.dead:
                raise Discarded
            wait = self._next(limit)
            if wait is not None:
                self._step(wait)
            elif not (session.reruns and session.rerun_one()):
                # The scheduler will answer a failure that it was told of.
                if not (session.tokens or session.wanted or self.errors):
                    raise PydronError(
                        "Nothing is left to wait for, yet the pipeline is not through: please report this"
                    )
                session.pump()

    def _next(self, limit: Region | None) -> Wait | None:
        row = self.row
        while row:
            head = row[0]
            region = head.region
            if region is None:
                row.popleft()
                continue
            if head.count == 0 and (limit is None or region.is_before(limit)):
                return row.popleft()
            break
        ready = self.ready
        if limit is None:
            return ready.popleft() if ready else None
        for index, wait in enumerate(ready):
            region = wait.region
            if region is None or region.is_before(limit):
                del ready[index]
                return wait
        return None

    def _step(self, wait: Wait) -> None:
        """Takes one region from where it waits to where it waits next, or to its end."""
        region = wait.region
        if region is None:
            return
        region.wait = None
        try:
            result = while_handling(region.handled, self.handled, lambda: self._resume(region, wait))
        except Discarded:
            if self.interrupt is not None:
                interrupt = self.interrupt
            else:
                return
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt) and not was_raised(error):
                raise
            self._failed(region, error, wait)
            return
        else:
            if result is not BLOCKED:
                self._finished(region, result)
            return
        raise interrupt

    def _resume(self, region: Region, wait: Wait) -> Any:
        if wait.error is not None:
            return self.drive(region, None, wait.error)
        if region.gen is not None:
            value = None
            if wait.request is not None:
                value = self._answer(region, wait.request, wait)
                if value is BLOCKED:
                    return BLOCKED
            return self.drive(region, value)
        spec, inputs = region.spec, region.inputs
        assert spec is not None and inputs is not None
        missing: list[Pending] = []
        values = region.inputs = spec.prepare(inputs, missing)
        if missing:
            self.suspend(wait, missing)
            if wait.released and wait.brief:
                self.row.appendleft(wait)
            return BLOCKED
        if not wait.released and not spec.harmless(values):
            if spec.kind == "gen":
                self.suspend(wait, [], ordered=True)
            else:
                wait.ask_brief()
                region.wait = wait
            return BLOCKED
        region.inputs = None
        if spec.kind != "gen":
            if spec.kind == "output":
                self.session.console.erase()
            return spec.fn(*values)
        region.gen = spec.fn(region, *values)
        return self.drive(region, None)

    def drive(self, region: Region, value: Any, error: BaseException | None = None) -> Any:
        """Runs a generator until it returns, or has to wait: then the answer is BLOCKED."""
        gen = region.gen
        send = gen.send
        region.running = True
        self.stack.append(region)
        stopped: BaseException | None = None
        try:
            while True:
                try:
                    if error is None:
                        request = send(value)
                    else:
                        thrown, error = error, None
                        request = gen.throw(thrown)
                except StopIteration as stop:
                    if region.markers:
                        region.unwind(0)
                    return stop.value
                except RuntimeError as raised:
                    # A generator cannot let StopIteration out, which a function can.
                    stopped = raised.__cause__
                    if not isinstance(stopped, StopIteration) or not raised_by(gen, raised):
                        raise
                if stopped is not None:
                    raise stopped
                if region.undelivered:
                    error = region.take_trouble()
                elif region.dead and region.trouble is None:
                    error = Discarded()
                else:
                    value = self._answer(region, request, None)
                    if value is BLOCKED:
                        return BLOCKED
        finally:
            region.running = False
            self.stack.pop()

    def _answer(self, region: Region, request: Any, wait: Wait | None) -> Any:
        """What a generator gets for what it yielded; BLOCKED if it has to wait for that."""
        kind = type(request)
        missing: list[Pending] = []
        if kind is Pending or kind is Deep:
            value = shallow(request, missing) if kind is Pending else deep(request.value, missing)
            if not missing:
                return value
            self.suspend(wait or Wait(region, request), missing)
            return BLOCKED
        if kind is Now:
            return request
        if wait is not None:
            # It was released.
            if request is ORDERED:
                self._all_earlier_complete(region)
                return None
            return self._leave(region, request)
        if request is ORDERED:
            if not region.outstanding():
                return None
        elif kind is Fence or kind is Settle:
            marker = request.marker
            if not marker.number:
                return self._leave(region, request)
            if not region.outstanding():
                self.session.unmark(marker.number)
                return self._leave(region, request)
        else:
            return request  # a value that was there all along
        self.suspend(Wait(region, request), [], ordered=True)
        return BLOCKED

    def _leave(self, region: Region, request: Any) -> Any:
        """The end of the body of a try statement."""
        marker = request.marker
        markers = region.markers
        if marker in markers:
            for inner in markers[markers.index(marker) :]:
                self.session.markers.pop(inner.number, None)
            del markers[markers.index(marker) :]
        return request

    def _all_earlier_complete(self, region: Region) -> None:
        region.clean_at = self.count
        if region.parent is None and len(self.regions) == 1:
            self.open_tasks = 0
            self.errors.clear()
            self.adopted.clear()
            self.count_from = self.session.next_value

    def suspend(self, wait: Wait, missing: list[Pending], ordered: bool = False) -> None:
        """Leaves a region waiting for values, and, or for its turn."""
        region = wait.region
        assert region is not None
        session = self.session
        if wait.request is not BLOCKED:
            region._materialize()
            region.wait = wait
        wait.count = len(missing) + ordered
        wait.released = wait.released and not ordered
        if ordered:
            request = wait.request
            if type(request) is Fence or type(request) is Settle:
                session.fence(region.number, request.marker.number, wait)
            else:
                session.ordered(region.number, wait, False)
        for pending in missing:
            waiters = pending.waiters
            if waiters is None:
                pending.waiters = wait
            elif type(waiters) is list:
                waiters.append(wait)
            else:
                pending.waiters = [waiters, wait]
        for pending in missing:
            session.want(pending)
        if not missing and not ordered and not wait.brief:
            self.ready.append(wait)

    def catch_up(self, region: Region) -> None:
        """So much has been set aside that memory matters: waits for everything earlier before there is more of it."""
        self.room = _ROOM
        self.block(region, [])
        self.session.trim_history()

    def block(self, region: Region, values: list[Any]) -> None:
        """Waits in the middle of a region until everything earlier is complete, and cleans `values`."""
        session = self.session
        if region.outstanding():
            region._materialize()
            wait = Wait(region, BLOCKED)
            wait.count = 1
            session.ordered(region.number, wait, False)
            self.loop(lambda: wait.released, region)
            self._all_earlier_complete(region)
        while True:
            missing: list[Pending] = []
            deep(values, missing)
            if not missing:
                return
            wait = Wait(region, BLOCKED)
            self.suspend(wait, missing)
            self.loop(wait.is_over, region)

    # --- ends of regions

    def _finished(self, region: Region, result: Any) -> None:
        if region.parent is None:
            self.finished = True
            self.result = result
            return
        outs = region.outs
        if len(outs) == 1:
            self.packer.settle(outs[0], result)
        else:
            for out, value in zip(outs, result or ()):
                self.packer.settle(out, value)
        region.outs = ()
        region.gen = None
        if region.plan is not None:
            self.ahead.over(region)
        self.regions.pop(region.number, None)
        self.session.close(region.number)

    def _failed(self, region: Region, error: BaseException, wait: Wait) -> None:
        error.__traceback__ = linked(user_part(error.__traceback__))
        if region.parent is None:
            self.error = error
            self.finished = True
            return
        if region.dead and region.trouble is None:
            return
        number = region.number
        error.__context__ = context_of(error, region.handled)
        self.errors[number] = error, region
        self.regions.pop(number, None)
        self._give_up(region)
        self.session.fail(number)
        self.failures += 1
        if wait.brief:
            # Those that were released together with it may be on the far side of a try statement, or gone.
            rest = [other for other in self.row if other.region is not None]
            self.row.clear()
            for other in rest:
                other.ask_again()

    def comes_again_before(self, region: Region) -> bool:
        """Has an output before that region asked once more for its turn?"""
        if not self.again:
            return False
        self.again = [each for each in self.again if each.region is not None]  # what was discarded does not come
        return any(each.region.is_before(region) for each in self.again if each.region is not None)

    def _give_up(self, region: Region) -> None:
        """Nobody will get the variables that it was to define."""
        if region.plan is not None:
            self.ahead.over(region)
        for out in region.outs:
            if out.state == WAITING:
                out.state = DEAD
                if out.n:
                    self.session.fail_value(out.n)
        region.outs = ()
        for marker in region.markers:
            self.session.markers.pop(marker.number, None)

    def _discard(self, regions: list[Region]) -> None:
        regions.sort(key=lambda region: -region.seq)
        for region in regions:
            region.dead = True
            self.regions.pop(region.number, None)
            if region.wait is not None:
                region.wait.cancel()
                region.wait = None
            self._give_up(region)
            gen = region.gen
            if gen is not None and not region.running:
                region.gen = None
                try:
                    gen.throw(Discarded())
                    gen.close()
                except (Discarded, StopIteration, RuntimeError):
                    pass

    # --- failures

    def _failure_of(self, number: int) -> tuple[BaseException, Chain] | None:
        found = self.errors.pop(number, None)
        return None if found is None else (found[0], found[1].chain)

    def _forget_failures(self, within: Region, since: int) -> None:
        """Those that are behind another one have never happened."""
        for number, (_, failed) in list(self.errors.items()):
            if failed.is_within(within, since):
                del self.errors[number]

    def raised(self, region: Region, marker: Marker, kind: int, number: int, record: Any) -> None:
        """The first failure in program order surfaces at a marker: everything behind it never happened."""
        if kind == 0:
            error = task_failure(self.session, number, record, region.chain)
        else:
            error = region_failure(self._failure_of(number), region.chain)
        if region.parent is None and marker.number == region.number:
            self.failure = error
            for other in self.stack:
                other.dead = True
            self._discard([other for other in self.regions.values() if other is not region])
            return
        self._forget_failures(region, marker.seq)
        index = region.markers.index(marker)
        inner = region.markers[index + 1 :]
        for one in inner:
            self.session.markers.pop(one.number, None)
        del region.markers[index:]
        if region.running:
            # It may go on for a while, and fork more that never happened.
            for other in self.stack:
                if other.is_within(region, marker.seq):
                    other.dead = True
            region.trouble = Trouble(marker, error)
            region.dead = bool(inner)
            region.undelivered = True
            return
        self.discard_body(region, marker)
        wait = region.wait
        if wait is not None and type(wait.request) is Settle and wait.request.marker is marker:
            wait.cancel()
            self.suspend(Wait(region, Now(error)), [])
            return
        region.trouble = Trouble(marker, error)
        region.dead = bool(inner)
        if wait is not None:
            wait.cancel()
        wait = Wait(region, None)
        wait.error = error
        self.suspend(wait, [])

    def discard_body(self, region: Region, marker: Marker) -> None:
        """Drops what was forked since the marker, here and at the scheduler."""
        self._discard([other for other in self.regions.values() if other.is_within(region, marker.seq)])
        region.wire = region.number if all(one.number for one in region.markers) else 0
        self.session.unmark(marker.number)
