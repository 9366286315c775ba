"""A pipeline is called by ordinary code: here it gets a run of its own, or runs as the plain function it is."""

from __future__ import annotations

import sys
from types import FunctionType
from typing import Any, Optional

from pydron import _state
from pydron._pipelines import Mark, forget, pipeline_of, twin
from pydron._surfacing import context_of
from pydron._traceback import linked, user_part

#: What only a pipeline that runs needs, imported then.
_late: Any = None

Answer = tuple[Optional[BaseException], int, Any, Optional[BaseException]]


def run_pipeline(mark: Mark, function: FunctionType, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Answer:
    """Calls a pipeline: (None, 0, value, None), or (error, line within the pipeline, None, context of the error)."""
    handled = sys.exc_info()[1]
    error: BaseException | None
    late = False
    try:
        error, late, value = _outcome(mark, function, args, kwargs)
    except BaseException as raised:
        error = raised
    if error is None:
        return None, 0, value, None
    plain = mark.code
    entries = user_part(error.__traceback__)
    offset = 0 if entries else -1
    # The first entry is the pipeline's own. What the caller calls leaves one in its place, on the same line.
    if entries and entries[0].tb_frame.f_code.co_filename == plain.co_filename:
        offset = entries[0].tb_lineno - plain.co_firstlineno
        del entries[0]
    error.__traceback__ = linked(entries)
    # What was raised by code of the pipeline has its context from Python.
    return error, offset, None, context_of(error, handled) if late else error.__context__


def _outcome(
    mark: Mark, function: FunctionType, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[BaseException | None, bool, Any]:
    """What the run came to: error, whether it is one that surfaced at the end, value.

    The exception is not raised here: raising it would set its context anew."""
    pipeline = pipeline_of(function)
    # Who traces the program, a debugger say, is to see its lines and nothing of ours.
    if pipeline is None or _state.inside_task or sys.gettrace() is not None:
        return None, False, _plainly(mark, function, args, kwargs)
    from pydron import _compile

    reason, found = _compile.look(pipeline, args)
    if reason is not None:
        mark.shape.looked_in_vain(reason)
        forget(function)
        return None, False, _plainly(mark, function, args, kwargs)
    _connection, modules, run_class, region_class = _late or _import()
    session = _connection.current()
    if session is None:
        mark.shape.reason = "there is no scheduler"
        return None, False, _plainly(mark, function, args, kwargs)
    if session.verifier is not None and session.verifier.wants_both(session):
        from pydron import _verify

        late = False

        def in_parallel(*_: Any) -> tuple[BaseException | None, Any]:
            nonlocal late
            error, late, value = _outcome(mark, function, args, kwargs)
            return error, value

        error, value = _verify.both_ways(session, pipeline, args, kwargs, in_parallel)
        return error, late, value
    # Ordinary code ran since the last run: what functions refer to may have changed.
    modules.look()
    session.epoch += 1
    session.classes.forget_if_many()
    if session.trace is not None:
        return _traced(session, mark, pipeline, args, kwargs)
    run = run_class(session, session.packer)
    compiled = run.forms.compiled(pipeline, args, found)
    if compiled is None:
        return None, False, _plainly(mark, function, args, kwargs)
    return _executed(run, region_class(run, None, None, None, 0), compiled, args, kwargs)


def _import() -> Any:
    global _late
    from pydron import _connection
    from pydron._modules import modules
    from pydron._run import Run
    from pydron._runtime import Region

    _late = _connection, modules, Run, Region
    return _late


def _executed(run: Any, root: Any, compiled: Any, args: Any, kwargs: Any) -> tuple[BaseException | None, bool, Any]:
    _state.runs += 1
    root.gen = compiled.start(root, args, kwargs)
    run.execute(root)
    return run.failure or run.error, run.failure is not None, run.result


def _traced(session: Any, mark: Mark, pipeline: Any, args: Any, kwargs: Any) -> tuple[BaseException | None, bool, Any]:
    """The same for a report of what held the run up."""
    from time import monotonic_ns

    from pydron._trace import TracedRegion, TracedRun

    start = monotonic_ns()
    run = TracedRun(session, session.packer)
    compiled = run.forms.compiled(pipeline, args)
    reason = "" if compiled is not None else run.forms.reason(pipeline)
    try:
        if compiled is None:
            return None, False, _plainly(mark, pipeline.function, args, kwargs)
        return _executed(run, TracedRegion(run, None, None, None, 0), compiled, args, kwargs)
    finally:
        session.trace.called(pipeline, reason, start)


def _plainly(mark: Mark, function: FunctionType, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Meanwhile calls of the function by itself are plain as well: there are no more frames than there would be."""
    mark.disarm(function)
    try:
        return twin(function, mark.code)(*args, **kwargs)
    finally:
        if not mark.shape.reason:
            mark.arm(function)
