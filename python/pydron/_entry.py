"""A pipeline is called by ordinary code: here it gets a run of its own, or runs as the plain function it is."""

from __future__ import annotations

import sys
from typing import Any, Optional

from pydron import _state
from pydron._surfacing import context_of
from pydron._traceback import linked, user_part

Answer = tuple[Optional[BaseException], int, Any, Optional[BaseException]]


def run_pipeline(pipeline: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Answer:
    """Calls a pipeline: (None, 0, value, None), or (error, line within the pipeline, None, context of the error)."""
    handled = sys.exc_info()[1]
    error: BaseException | None
    try:
        error, value = _outcome(pipeline, args, kwargs)
    except BaseException as raised:
        error = raised
    if error is None:
        return None, 0, value, None
    plain = pipeline.__wrapped__.__code__
    entries = user_part(error.__traceback__)
    offset = 0 if entries else -1
    # The first entry is the pipeline's own. What the caller calls leaves one in its place, on the same line.
    if entries and entries[0].tb_frame.f_code.co_filename == plain.co_filename:
        offset = entries[0].tb_lineno - plain.co_firstlineno
        del entries[0]
    error.__traceback__ = linked(entries)
    return error, offset, None, context_of(error, handled)


def _outcome(pipeline: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[BaseException | None, Any]:
    """What the run came to. Its exception is not raised here: raising it would set its context anew."""
    if _state.inside_task:
        pipeline.be_plain()
        return None, pipeline.__wrapped__(*args, **kwargs)
    from pydron import _connection

    session = _connection.current()
    if session is None:
        pipeline.be_plain()
        return None, pipeline.__wrapped__(*args, **kwargs)
    if session.verifier is not None and session.verifier.wants_both(session):
        from pydron import _verify

        return _verify.both_ways(session, pipeline, args, kwargs, _outcome)
    from pydron._modules import modules

    # Ordinary code ran since the last run: what functions refer to may have changed.
    modules.look()
    session.epoch += 1
    if session.trace is not None:
        return _traced(session, pipeline, args, kwargs)
    from pydron._run import Run
    from pydron._runtime import Region

    run = Run(session, session.packer)
    compiled = run.forms.compiled(pipeline, args)
    if compiled is None:
        return None, pipeline.__wrapped__(*args, **kwargs)
    return _executed(run, Region(run, None, None, None, 0), compiled, args, kwargs)


def _executed(run: Any, root: Any, compiled: Any, args: Any, kwargs: Any) -> tuple[BaseException | None, Any]:
    root.gen = compiled.start(root, args, kwargs)
    run.execute(root)
    return run.failure or run.error, run.result


def _traced(session: Any, pipeline: Any, args: Any, kwargs: Any) -> tuple[BaseException | None, Any]:
    """The same for a report of what held the run up."""
    from time import monotonic_ns

    from pydron._trace import TracedRegion, TracedRun

    start = monotonic_ns()
    run = TracedRun(session, session.packer)
    compiled = run.forms.compiled(pipeline, args)
    reason = "" if compiled is not None else run.forms.reason(pipeline)
    try:
        if compiled is None:
            return None, pipeline.__wrapped__(*args, **kwargs)
        return _executed(run, TracedRegion(run, None, None, None, 0), compiled, args, kwargs)
    finally:
        session.trace.called(pipeline, reason, start)
