"""Exception records: what the driver is told about an exception that a task raised (docs/protocols.md)."""

from __future__ import annotations

import copyreg
import os
import pickle
import sys
import traceback
from typing import Any

from pydron import _values
from pydron._naming import is_heap_type

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
        "parts": _parts(error),
        "frames": _frames(tb),
        "notes": [str(note) for note in getattr(error, "__notes__", None) or ()],
        "task": task,
        "call": call,
        "text": _formatted(error, tb),
        "cause": _nested(error.__cause__, task, call, seen),
        "context": _nested(error.__context__, task, call, seen),
        # `raise X from e` where e is handled: one exception in two places.
        "context_is_cause": error.__context__ is not None and error.__context__ is error.__cause__,
        "suppress": error.__suppress_context__,
    }


def _nested(error: BaseException | None, task: str, call: str, seen: set[int]) -> dict[str, Any] | None:
    # A chain may be a ring, and pickle recurses: both end here.
    if error is None or id(error) in seen or len(seen) > 20:
        return None
    return _record(error, task, call, seen)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as failure:
        return f"<no message: {type(failure).__name__}>"


def _pickled(error: BaseException) -> bytes | None:
    """The pickle of the exception, if its class says how it is pickled and one of the same kind comes back from it.

    Without that, `pickle` calls the class with `args`, and an `__init__` of the user's may want others.
    """
    kind = type(error)
    own = {"__reduce__", "__reduce_ex__", "__getstate__", "__getnewargs__", "__getnewargs_ex__"}
    if kind not in copyreg.dispatch_table and not any(own & vars(base).keys() for base in _written(kind)):
        return None
    try:
        data = _values.dumps(error)
        return data if type(_values.loads(data)) is kind else None
    except Exception:
        return None


def _written(kind: type) -> list[type]:
    """The classes among its bases that were written in Python."""
    return [base for base in kind.__mro__ if is_heap_type(base)]


def _parts(error: BaseException) -> bytes | None:
    """What an exception consists of, to make another one without its `__init__`: class, arguments for the built-in
    class it comes from, `args`, attributes."""
    kind = type(error)
    try:
        attributes: dict[str, Any] = {}
        for base in _written(kind):
            slots = vars(base).get("__slots__", ())
            for name in (slots,) if isinstance(slots, str) else slots:
                if hasattr(error, name):
                    attributes[name] = getattr(error, name)
        reduced: Any = BaseException.__reduce__(error)
        if isinstance(error, (OSError, ImportError)):
            reduced = (OSError if isinstance(error, OSError) else ImportError).__reduce__(error)
        if len(reduced) > 2:
            attributes.update(reduced[2])
        attributes.update(error.__dict__)
        return _values.dumps((kind, reduced[1], error.args, attributes))
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
