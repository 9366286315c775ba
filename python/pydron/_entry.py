"""A pipeline is called by ordinary code: here it gets a run of its own, or runs as the plain function it is."""

from __future__ import annotations

import sys
from typing import Any, Dict, Optional, Tuple

from pydron import _state
from pydron._traceback import linked, user_part

Answer = Tuple[Optional[BaseException], int, Any, Optional[BaseException]]


def run_pipeline(pipeline: Any, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Answer:
    """Calls a pipeline: (None, 0, value, None), or (error, line within the pipeline, None, context of the error)."""
    handled = sys.exc_info()[1]
    try:
        return None, 0, _value(pipeline, args, kwargs), None
    except BaseException as raised:
        error = raised
    plain = pipeline.__wrapped__.__code__
    entries = user_part(error.__traceback__)
    offset = 0
    # The first entry is the pipeline's own. What the caller calls leaves one in its place, on the same line.
    if entries and entries[0].tb_frame.f_code.co_filename == plain.co_filename:
        offset = entries[0].tb_lineno - plain.co_firstlineno
        del entries[0]
    error.__traceback__ = linked(entries)
    return error, offset, None, _context(error, handled)


def _context(error: BaseException, handled: Optional[BaseException]) -> Optional[BaseException]:
    """What was handled where the pipeline was called is the context of the first exception that was raised in it."""
    if handled is None or handled is error:
        return error.__context__
    seen = {id(error)}
    inner = error
    while inner.__context__ is not None and id(inner.__context__) not in seen:
        inner = inner.__context__
        if inner is handled:
            return error.__context__
        seen.add(id(inner))
    if inner is error:
        return handled
    inner.__context__ = handled
    return error.__context__


def _value(pipeline: Any, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Any:
    if _state.inside_task:
        pipeline.be_plain()
        return pipeline.__wrapped__(*args, **kwargs)
    from pydron import _connection

    session = _connection.current()
    if session is None:
        return pipeline.__wrapped__(*args, **kwargs)
    from pydron._run import Run
    from pydron._runtime import Region

    # Ordinary code ran since the last run: what functions refer to may have changed.
    session.epoch += 1
    run = Run(session, session.packer)
    compiled = run.compiled(pipeline, args)
    if compiled is None:
        return pipeline.__wrapped__(*args, **kwargs)
    root = Region(run, None, None, None, 0)
    root.gen = compiled.start(root, args, kwargs)
    return run.execute(root)
