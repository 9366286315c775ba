"""How deep pipelines may recurse: as deep as the plain functions would, whatever the runtime has on the stack. And what
a run may leave unsaid when it is over."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from pydron._pipelines import Mark
from pydron._traceback import is_ours

if TYPE_CHECKING:
    from pydron._run import Run

_CALL = Mark.call.__code__


def limits(runs: list[Any]) -> tuple[int, int, int]:
    """The limit of recursion that the user has set, how many frames there are of ours, and how many levels are left.

    `runs` are those that are under way in this thread: these have raised the limit. Raises what a call of the plain
    function would raise.
    """
    limit: int = runs[-1].limit if runs else sys.getrecursionlimit()
    frames, ours = _stack_depth()
    left = limit - (frames - ours)
    if left <= 0:
        raise RecursionError("maximum recursion depth exceeded")
    return limit, ours, left


def _stack_depth() -> tuple[int, int]:
    """How many frames there are, and how many of them are the runtime's."""
    frame: Any = sys._getframe()
    depth = ours = 0
    while frame is not None:
        depth += 1
        ours += is_ours(frame.f_code) + (frame.f_code is _CALL)  # above which is the pipeline's armed code
        frame = frame.f_back
    return depth, ours


#: The end of a run with so many small results may be told with the next message.
_FEW = 16


def left_nothing(run: Run) -> bool:
    """A few small results, all of them here, are all there was: nobody has to hear at once that the run is over.

    A program that makes one call after the other saves a message, and waking its receiver, for each."""
    session = run.session
    results = session.results_here - run.results_before
    return bool(
        results == session.next_value - run.first_task <= _FEW
        and len(session.runs) == 1
        and not (run.failures or run.failure or run.error or run.interrupt)
        and session.trace is None
        and session.verifier is None
    )
