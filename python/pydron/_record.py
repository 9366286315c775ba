"""Exception records: what the driver is told about an exception that a task raised (docs/protocols.md)."""

from __future__ import annotations

import os
import pickle
import sys
import traceback
from typing import Any, Optional

from pydron import _values

_OWN = os.path.dirname(os.path.abspath(__file__)) + os.sep
_FRAMES = 200


def of(error: BaseException, task: str, args: Any = (), kwargs: Any = None) -> bytes:
    """The record of `error`, raised by the task `task` when it was called so."""
    return pickle.dumps(_record(error, task, call(task, args, kwargs or {}), set()), 5)


def call(task: str, args: Any, kwargs: dict[str, Any]) -> str:
    """The call as one could have written it, in short."""
    import reprlib

    short = reprlib.Repr()
    short.maxstring = short.maxother = 40
    short.maxlist = short.maxtuple = short.maxdict = 4

    def shown(value: Any) -> str:
        try:
            return " ".join(short.repr(value).split())
        except Exception:
            return f"<{type(value).__name__}>"

    parts = [shown(value) for value in args[:6]]
    parts += [f"{name}={shown(value)}" for name, value in list(kwargs.items())[:6]]
    if len(args) > 6 or len(kwargs) > 6:
        parts.append("...")
    return f"{task.rpartition('.')[2]}({', '.join(parts)})"


def _record(error: BaseException, task: str, call: str, seen: set[int]) -> dict[str, Any]:
    seen.add(id(error))
    kind = type(error)
    tb = error.__traceback__
    while tb is not None and tb.tb_frame.f_code.co_filename.startswith(_OWN):
        tb = tb.tb_next
    return {
        "type": f"{kind.__module__}.{kind.__qualname__}",
        "message": _text(error),
        "pickle": _pickled(error),
        "frames": _frames(tb),
        "notes": [str(note) for note in getattr(error, "__notes__", None) or ()],
        "task": task,
        "call": call,
        "text": _formatted(error, tb),
        "cause": _nested(error.__cause__, task, call, seen),
        "context": _nested(error.__context__, task, call, seen),
        "suppress": error.__suppress_context__,
    }


def _nested(error: Optional[BaseException], task: str, call: str, seen: set[int]) -> Optional[dict[str, Any]]:
    # A chain may be a ring, and pickle recurses: both end here.
    if error is None or id(error) in seen or len(seen) > 20:
        return None
    return _record(error, task, call, seen)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as failure:
        return f"<no message: {type(failure).__name__}>"


def _pickled(error: BaseException) -> Optional[bytes]:
    """The pickle of the exception, if one comes back from it that is the same kind of thing.

    Many classes of exceptions pickle well and cannot be unpickled, because their arguments are not their `args`.
    """
    try:
        data = _values.dumps(error)
        return data if type(_values.loads(data)) is type(error) else None
    except Exception:
        return None


def _frames(tb: Any) -> list[tuple[str, int, str]]:
    frames = []
    while tb is not None:
        code = tb.tb_frame.f_code
        if not code.co_filename.startswith(_OWN):
            frames.append((code.co_filename, tb.tb_lineno, code.co_name))
        tb = tb.tb_next
    if len(frames) > _FRAMES:  # endless recursion: both ends say all there is to know
        frames[_FRAMES // 2 : -_FRAMES // 2] = []
    return frames


def _formatted(error: BaseException, tb: Any) -> str:
    try:
        return "".join(traceback.format_exception(type(error), error, tb))
    except Exception:
        # A __str__ of the user's that raises, a source file that cannot be decoded.
        return f"{type(error).__qualname__} in {sys.argv[0]}\n"
