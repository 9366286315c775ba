"""`pydron` as the sequential program sees it: both decorators give the function back.

This is the reference of the differential suite, plain CPython. It also offers mutants: wrong Pydrons that the suite
must catch, each with one fault. They prove that the comparison sees what it claims to see.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import io
import time
import types
from typing import Any, Callable


def _bare_or_with_arguments(wrap: Callable) -> Callable:
    def decorator(function=None, **options):
        if function is None:
            return lambda later: wrap(later)
        return wrap(function)

    return decorator


def _is_plain(function: Any) -> bool:
    return isinstance(function, types.FunctionType)


def module(functional: Callable = lambda f: f, schedule: Callable = lambda f: f) -> types.ModuleType:
    """A module that can stand in `sys.modules["pydron"]`."""
    stub = types.ModuleType("pydron")
    stub.functional = _bare_or_with_arguments(functional)
    stub.schedule = _bare_or_with_arguments(schedule)
    for name in ("PydronError", "TaskLost", "TaskTimeout", "TaskMemory"):
        setattr(stub, name, type(name, (Exception,), {"__module__": "pydron"}))
    return stub


def _around(change: Callable) -> Callable:
    """A decorator that runs `change(function, args, kwargs)` in place of plain functions."""

    def wrap(function):
        if not _is_plain(function):
            return function

        @functools.wraps(function)
        def changed(*args, **kwargs):
            return change(function, args, kwargs)

        return changed

    return wrap


def _wrong_result(function, args, kwargs):
    result = function(*args, **kwargs)
    return result + 1 if type(result) is int else result


def _wrong_type(function, args, kwargs):
    result = function(*args, **kwargs)
    return tuple(result) if type(result) is list else result


def _output_reordered(function, args, kwargs):
    text = io.StringIO()
    try:
        with contextlib.redirect_stdout(text):
            return function(*args, **kwargs)
    finally:
        for line in reversed(text.getvalue().splitlines()):
            print(line)


def _mutation_lost(function, args, kwargs):
    return function(*copy.deepcopy(args), **copy.deepcopy(kwargs))


def _unshared(value):
    if type(value) in (list, tuple):
        return type(value)(_unshared(item) for item in value)
    return {k: _unshared(v) for k, v in value.items()} if type(value) is dict else value


def _sharing_lost(function, args, kwargs):
    return _unshared(function(*args, **kwargs))


def _message_changed(function, args, kwargs):
    try:
        return function(*args, **kwargs)
    except ValueError as error:
        raise type(error)(f"task failed: {error}").with_traceback(error.__traceback__) from None


def _frames_lost(function, args, kwargs):
    try:
        return function(*args, **kwargs)
    except Exception as error:
        raise error.with_traceback(None)  # noqa: B904


def _cause_added(function, args, kwargs):
    try:
        return function(*args, **kwargs)
    except Exception as error:
        raise error from RuntimeError("a task failed")


def _effects_reordered(function, args, kwargs):
    result = function(*args, **kwargs)
    log = function.__globals__.get("LOG")
    if log:
        log.reverse()
    return result


def _hangs(function, args, kwargs):
    time.sleep(3600)


def _global_lost(function, args, kwargs):
    kept = {k: v for k, v in function.__globals__.items() if type(v) is int}
    result = function(*args, **kwargs)
    function.__globals__.update(kept)
    return result


MUTANTS: dict[str, Callable[[], types.ModuleType]] = {
    "wrong result": lambda: module(functional=_around(_wrong_result)),
    "wrong type": lambda: module(functional=_around(_wrong_type)),
    "output reordered": lambda: module(schedule=_around(_output_reordered)),
    "mutation lost": lambda: module(schedule=_around(_mutation_lost)),
    "sharing lost": lambda: module(schedule=_around(_sharing_lost)),
    "message changed": lambda: module(schedule=_around(_message_changed)),
    "frames lost": lambda: module(schedule=_around(_frames_lost)),
    "cause added": lambda: module(schedule=_around(_cause_added)),
    "effects reordered": lambda: module(schedule=_around(_effects_reordered)),
    "hangs": lambda: module(schedule=_around(_hangs)),
    "global lost": lambda: module(schedule=_around(_global_lost)),
}
