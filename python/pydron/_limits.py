"""How deep pipelines may recurse: as deep as the plain functions would, whatever the runtime has on the stack."""

from __future__ import annotations

import sys
from typing import Any

from pydron._pipelines import Mark
from pydron._traceback import is_ours

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
