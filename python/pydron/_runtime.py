"""What compiled pipelines call while they run: regions.

A region is one strand of a pipeline: the activation of its main generator, or a part of it that was forked because
it had to wait. A generator region starts on the stack of its parent, and appends to its parent's place in program
order; only if it has to wait does it become a region for the scheduler too.

The compiler's output sees `Region`, `RegionSpec`, `Site`, `Pending`, `ORDERED`, `Discarded` and `UNBOUND`.
"""

from __future__ import annotations

import pickle
import sys
from math import inf
from time import monotonic
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from pydron._arguments import ATOMS
from pydron._errors import brief
from pydron._functions import Functional, declared_functional
from pydron._pending import DEAD, OUT, TASK, Pending, follow, holds_pending, shape_of
from pydron._run import REGION_SIZE, Run
from pydron._session import BATCH, HOLD_S, Chain
from pydron._spec import UNBOUND, Packed, RegionSpec, Site, unbound
from pydron._surfacing import context_of
from pydron._traceback import linked, same_activation, user_part, was_raised
from pydron._values import LIMIT
from pydron._waits import BLOCKED, ORDERED, Deep, Discarded, Fence, Marker, Now, Settle, Trouble, Wait, arrived

if TYPE_CHECKING:
    from pydron._session import Session

__all__ = ["ORDERED", "UNBOUND", "Discarded", "Packed", "Pending", "Region", "RegionSpec", "Site"]
__all__ += ["arrived", "surface", "unbound"]

_INLINE_DEPTH = 30
_dumps = pickle.dumps


class Region:
    """One strand of a running pipeline. Its methods are the whole of what compiled code can do."""

    __slots__ = (
        "chain",
        "clean_at",
        "dead",
        "depth",
        "gen",
        "handled",
        "inputs",
        "known_turn",
        "level",
        "markers",
        "number",
        "outs",
        "parent",
        "plan",
        "run",
        "running",
        "seq",
        "session",
        "spec",
        "trouble",
        "undelivered",
        "wait",
        "wire",
    )  # fmt: skip

    def __init__(self, run: Run, parent: Region | None, spec: RegionSpec | None, chain: Chain, level: int) -> None:
        self.run = run
        self.session: Session = run.session
        self.parent = parent
        self.spec = spec
        self.chain = chain
        self.level = level  # of pipelines calling pipelines
        self.gen: Any = None
        self.inputs: tuple[Any, ...] | None = None
        self.outs: tuple[Pending, ...] = ()
        self.number = 0  # as the scheduler knows it; 0 while it is part of its parent
        self.wire: int = parent.wire if parent is not None else 0  # where it appends; 0: ask _wire()
        self.markers: list[Marker] = []
        # An exception that is being handled where this was forked is the context of those raised in it.
        self.handled = sys.exc_info()[1]
        if parent is not None and self.handled is run.handled:
            self.handled = parent.handled
        run.seq += 1
        self.seq = run.seq
        self.depth: int = (
            parent.depth if parent is not None else 1
        )  # regions the scheduler knows, from the root to here
        self.dead = False
        self.running = False
        self.wait: Wait | None = None
        self.trouble: Trouble | None = None  # a failure on its way to the try statement it belongs to
        self.undelivered = False  # that failure came while the region was on the stack
        self.clean_at = -1
        self.plan: Any = None  # what is foreseen of it
        self.known_turn: tuple[float, ...] | None = None

    # --- what compiled code calls

    def call(self, site: Site, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Calls a function: makes a task of it if it is functional, a child region if it is a pipeline."""
        if type(fn) is not Functional or self.run.in_order:
            return self._call_other(site, fn, args, kwargs)
        if self.run.room < 0:
            self.run.catch_up(self)
        session = self.session
        entry = session.registry.entries.get(fn)
        if entry is None or entry.epoch != session.epoch:
            entry = session.registry.announce(fn)
        deps: list[int] | None = None
        for value in args:
            if type(value) not in ATOMS:
                break
        else:
            if not kwargs:
                data: bytes | None = _dumps((args, kwargs), 5)
                if len(data) > LIMIT:  # type: ignore[arg-type]
                    data = None
            else:
                data = None
            if data is None:
                return self._call_packed(site, fn, entry, args, kwargs)
            if entry.number:
                return self._submit(site, entry.number, data, deps)
        return self._call_packed(site, fn, entry, args, kwargs)

    def call_packed(self, site: Site, packed: Packed) -> Any:
        """A call whose arguments were unpacked already."""
        return self.call(site, packed.function, *packed.args, **packed.kwargs)

    @same_activation
    def fork(self, spec: RegionSpec, /, *inputs: Any) -> Any:
        """Runs a part of the pipeline now if it can, else parks it and returns pendings for what it defines."""
        if self.run.room < 0:
            self.run.catch_up(self)
        if spec.kind == "gen":
            return self._fork_generator(spec, inputs)
        missing: list[Pending] = []
        values = spec.prepare(inputs, missing)
        if not missing and spec.harmless(values):
            if spec.kind == "local":
                return spec.fn(*values)
            if not self.outstanding():
                self.session.console.erase()
                return spec.fn(*values)
        child = type(self)(self.run, self, spec, self.chain, self.level)
        child.inputs = values
        return self._park(child, missing)

    def look(self, slice: Any, position: int, values: tuple[Any, ...]) -> None:
        """It may have to wait now: time to see what comes next."""
        if not self.run.in_order:
            self.run.ahead.look(self, slice, position, values)

    def astray(self, for_good: bool) -> None:
        """It left a loop, or a body, before its end: it goes on elsewhere than it seemed to."""
        self.run.ahead.astray(self, for_good)

    def deep(self, value: Any) -> Deep:
        return Deep(value)

    def needs(self, value: Any) -> bool:
        """Is it a pending, or does it hold one?"""
        if type(value) in ATOMS or not self.session.book.any_alive():
            return False
        return holds_pending(value)

    def barrier(self) -> bool:
        """Opaque code is about to run. True if something earlier may be outstanding."""
        session = self.session
        session.epoch += 1
        if session.out or session.batch_arguments:
            session.flush()
        session.console.erase()
        return self.outstanding()

    def in_order(self) -> bool:
        """A method is not the one that was planned for: from now on, one call comes after the other."""
        self.run.in_order = True
        return self.barrier()

    def mark(self) -> Marker:
        """The beginning of a body whose failures surface at its end. Free until something is submitted in it."""
        marker = Marker(self.run.seq)
        self.markers.append(marker)
        self.wire = 0
        return marker

    def touched(self, value: Any) -> bool:
        """May something that was set aside change this very object?"""
        return any(
            item is value for region in self.run.regions.values() if region.inputs is not None for item in region.inputs
        )

    def marks(self) -> int:
        """How many bodies are open."""
        return len(self.markers)

    def unwind(self, marks: int) -> None:
        """Bodies behind that many were left, and have succeeded."""
        for marker in reversed(self.markers[marks:]):
            if marker.number:
                self.session.markers.pop(marker.number, None)
                self.session.unmark(marker.number)
        if len(self.markers) > marks:
            del self.markers[marks:]
            self.wire = self.number if all(marker.number for marker in self.markers) else 0

    def fence(self, marker: Marker) -> Any:
        """To be yielded at the end of the body: goes on when all of it is complete, or raises what went wrong."""
        return Fence(marker)

    def settle(self, marker: Marker, error: BaseException) -> Any:
        """To be yielded when the body raised: answers with the exception that surfaces, this or an earlier one.

        An earlier failure may have been thrown in here on its way to a try statement further out: then this raises it
        again, and `dead` is True until it is there, so that no `finally` in between runs.
        """
        if isinstance(error, KeyboardInterrupt) and self.outstanding() and not was_raised(error):
            raise self.run.interrupted(error)
        if self.undelivered:
            self.take_trouble()
        trouble = self.trouble
        if trouble is not None:
            if trouble.marker is not marker:
                raise trouble.error
            self.trouble = None
            self.dead = False
            return Now(trouble.arrived())
        return Settle(marker, error)

    def clean_tb(self) -> None:
        """Takes the runtime out of the traceback of the exception that is being handled."""
        error = sys.exc_info()[1]
        if error is not None:
            error.__traceback__ = linked(user_part(error.__traceback__))

    def rollback(self, value: Any) -> Any:
        """What a variable held before regions that were discarded, or failed, were to change it."""
        while type(value) is Pending:
            pending = follow(value)
            if pending.state != DEAD:
                return value
            value = pending.earlier
        return value

    # --- calls

    def _submit(self, site: Site, function: int, data: bytes, deps: list[int] | None) -> Pending:
        session = self.session
        wire = self.wire or self._wire()
        run = self.run
        if run.ahead.plans:
            n = run.ahead.claim(site, function, data, deps)
            if n:
                session.speculation.adopt(wire, n, site, self.chain)
                run.adopted.add(n)
                if session.verifier is not None:
                    session.verifier.submitted(self, site, function, data, deps, n)
                return self._submitted(n)
        arguments = session.batch_arguments
        if wire != session.batch_region or self.chain is not session.batch_chain:
            session.open_batch(wire, self.chain)
            arguments = session.batch_arguments
        n = session.next_value
        session.next_value = n + 1
        if not arguments:
            session.batch_first = n
            session.batch_since = monotonic()
        if deps:
            session.batch_deps.append((len(arguments), deps))
        arguments.append(data)
        session.batch_functions.append(function)
        session.batch_sites.append(site)
        if session.verifier is not None:
            session.verifier.submitted(self, site, function, data, deps, n)
        if len(arguments) >= BATCH or monotonic() - session.batch_since > HOLD_S:
            session.flush()
        return self._submitted(n)

    def _submitted(self, n: int) -> Pending:
        run = self.run
        handled = sys.exc_info()[1]
        if handled is run.handled:
            handled = self.handled
        if handled is not run.handled:
            self.session.contexts[n] = handled
        run.open_tasks += 1
        run.room -= 1
        run.count += 1
        return Pending(self.session.book, TASK, n)

    def _call_packed(
        self, site: Site, fn: Functional, entry: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        session = self.session
        reason = entry.reason
        if entry.number:
            try:
                data, deps = self.run.packer.arguments(args, kwargs)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # `__reduce__` may raise anything
                reason = f"an argument cannot be pickled: {brief(error)}"
            else:
                return self._submit(site, entry.number, data, deps)
        session.registry.tell_here(fn, reason)
        return self._call_here(site, reason, fn, args, kwargs)

    def _call_here(self, site: Site, why: str, fn: Functional, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        args, kwargs = self._block(site, why, args, kwargs)
        return fn.__wrapped__(*args, **kwargs)

    def _call_other(self, site: Site, fn: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if type(fn) is Functional:
            return self._call_here(site, "", fn, args, kwargs)
        declared = declared_functional(fn)
        if declared is not None:
            return self.call(site, declared, *args, **kwargs)
        if type(fn) is MethodType and type(fn.__func__) in (Functional, FunctionType):
            return self.call(site, fn.__func__, fn.__self__, *args, **kwargs)
        if type(fn) is FunctionType:
            compiled = self.run.forms.compiled_function(fn)
            if compiled is not None:
                return self._call_pipeline(site, compiled, args, kwargs)
        if self.outstanding() or holds_pending(args) or holds_pending(kwargs):
            args, kwargs = self._block(site, "", args, kwargs)
        return fn(*args, **kwargs)

    def _call_pipeline(self, site: Site, compiled: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        run = self.run
        if self.level >= run.most_levels:
            raise RecursionError("maximum recursion depth exceeded")
        child = type(self)(run, self, None, (site, self.chain), self.level + 1)
        child.gen = compiled.start(child, args, kwargs)
        return self._start(child, 1)

    @same_activation
    def _fork_generator(self, spec: RegionSpec, inputs: tuple[Any, ...]) -> Any:
        child = type(self)(self.run, self, spec, self.chain, self.level)
        missing: list[Pending] = []
        values = spec.prepare(inputs, missing)
        child.inputs = values
        if missing or not spec.harmless(values):
            return self._park(child, missing)
        child.gen = spec.fn(child, *values)
        return self._start(child, len(spec.outs))

    def _start(self, child: Region, outs: int) -> Any:
        """Runs a generator on the stack of its parent, until it has to wait."""
        run = self.run
        if run.nested >= _INLINE_DEPTH:
            # The stack has an end where a sequential program has none yet: the child starts from the event loop.
            child._materialize()
            self._make_outs(child, outs)
            run.suspend(Wait(child, None), [])
            return shape_of(child.outs)
        trouble: BaseException | None = None
        run.nested += 1
        try:
            result = run.drive(child, None)
        except Discarded:
            if not self.undelivered:
                raise
            trouble = self.take_trouble()
        except BaseException:
            child.finish_inline()
            raise
        finally:
            run.nested -= 1
        if trouble is not None:
            raise trouble  # outside of the except clause, or it would get a context
        if result is not BLOCKED:
            child.finish_inline()
            return result
        self._make_outs(child, outs)
        return shape_of(child.outs)

    def take_trouble(self) -> BaseException:
        """The failure that has to be raised in this region, now that control is back in it."""
        assert self.trouble is not None
        self.undelivered = False
        self.run.discard_body(self, self.trouble.marker)
        return self.trouble.error

    def finish_inline(self) -> None:
        """Ends on the parent's stack. A failure that passes through is then the parent's."""
        if self.plan is not None:
            self.run.ahead.over(self)
        if self.number:
            self.session.close(self.number)
            self.run.regions.pop(self.number, None)

    def _make_outs(self, child: Region, n: int) -> None:
        book = self.session.book
        child.outs = tuple([Pending(book, OUT, 0) for _ in range(n)])
        spec = child.spec
        if spec is not None and spec.fallback is not None and child.inputs is not None:
            for out, index in zip(child.outs, spec.fallback):
                out.earlier = child.inputs[index] if index >= 0 else UNBOUND

    def _park(self, child: Region, missing: list[Pending]) -> Any:
        spec = child.spec
        assert spec is not None
        child._materialize()
        self._make_outs(child, len(spec.outs))
        wait = Wait(child, None)
        if spec.kind == "output":
            wait.ask_brief()
        self.run.suspend(wait, missing)
        return shape_of(child.outs)

    def _block(
        self, site: Site, why: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Waits in the middle of a call until everything earlier is complete; pendings give way to values."""
        positional = list(args)
        self.run.block(self, [positional, kwargs])
        return tuple(positional), kwargs

    # --- program order

    def _wire(self) -> int:
        """The region of the scheduler that this one appends to at present."""
        unsent = [marker for marker in self.markers if not marker.number]
        if unsent:
            self._materialize()
            for marker in unsent:
                marker.number = self.session.new_region()
                self.session.markers[marker.number] = self, marker
                self.session.mark(self.number, marker.number)
        if self.number:
            self.wire = self.number
        else:
            assert self.parent is not None
            self.wire = self.parent.wire or self.parent._wire()
        return self.wire

    def _materialize(self) -> None:
        """Makes the scheduler know this region."""
        if self.number:
            return
        assert self.parent is not None
        parent = self.parent.wire or self.parent._wire()
        self.number = self.session.new_region()
        self.session.fork(parent, self.number)
        self.wire = self.number if all(marker.number for marker in self.markers) else 0
        run = self.run
        run.regions[self.number] = self
        run.room -= REGION_SIZE
        run.count += 1
        self.depth = self._known_above() + 1

    def _known_above(self) -> int:
        above = self.parent
        while above is not None and not above.number:
            above = above.parent
        return above.depth if above is not None else 0

    def outstanding(self) -> bool:
        """May anything earlier be incomplete? (Rather yes than no.)"""
        run = self.run
        if self.clean_at == run.count:
            return False
        depth = self.depth if self.number else self._known_above()
        return run.open_tasks > 0 or len(run.regions) > depth or bool(run.errors)

    def is_before(self, other: Region) -> bool:
        """Is it before the place in program order where `other` is now?"""
        mine, theirs = self.path(), other.path()
        for a, b in zip(mine, theirs):
            if a != b:
                return a < b
        # Everything within `other` was forked before the place where `other` is now.
        return len(mine) > len(theirs)

    def path(self) -> list[int]:
        path = []
        region: Region | None = self
        while region is not None:
            path.append(region.seq)
            region = region.parent
        path.reverse()
        return path

    def turn(self) -> tuple[float, ...]:
        """Where it is now in program order, to be compared: behind what is within it."""
        if self.known_turn is None:
            self.known_turn = (*self.path(), inf)
        return self.known_turn

    def is_within(self, ancestor: Region, since: int) -> bool:
        """Was it forked by `ancestor`, or by something in it, after `since`?"""
        region = self
        while region.parent is not None:
            if region.parent is ancestor:
                return region.seq > since
            region = region.parent
        return False


@same_activation
def surface(error: BaseException) -> None:
    """Raises what went wrong in the body of a try statement, where its handlers are."""
    context = context_of(error, sys.exc_info()[1])
    try:
        raise error
    finally:
        error.__context__ = context
        del error  # a frame that keeps its exception is a reference cycle
