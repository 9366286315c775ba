"""Exceptions of tasks, brought back to life from their records (docs/protocols.md)."""

from __future__ import annotations

import pickle
import sys
from contextlib import suppress
from typing import Any, NamedTuple

from pydron import _values
from pydron._errors import PydronError, TaskLost, TaskMemory, TaskTimeout
from pydron._naming import is_heap_type
from pydron._traceback import synthetic
from pydron._wire import Buffer, Reader

_LOST = {"lost": TaskLost, "timeout": TaskTimeout, "memory": TaskMemory}

Entry = tuple[str, int, str]


class Failure(NamedTuple):
    """An exception as it came out of a task, with the stack below the call of the task."""

    error: BaseException
    frames: list[Entry]
    note: str


def revive(record: Buffer) -> Failure:
    """Makes the exception that a record tells of."""
    data = memoryview(record)
    if len(data) and data[0] == 0:
        reader = Reader(data, 1)
        kind, task, detail = reader.str(), reader.str(), reader.str()
        return Failure(_LOST.get(kind, PydronError)(f"Task '{task}': {detail}"), [], "")
    try:
        fields: dict[str, Any] = pickle.loads(data)
    except Exception as error:
        return Failure(PydronError(f"A task failed, and its report cannot be read: {error!r}"), [], "")
    return _from_fields(fields)


def _from_fields(fields: dict[str, Any]) -> Failure:
    error = _exception(fields)
    # Pickle carries neither of these; what the record does not say is not touched.
    for name in ("cause", "context"):
        below = fields.get(name)
        if below is not None:
            other = _from_fields(below)
            other.error.__traceback__ = synthetic(other.frames, None)
            setattr(error, f"__{name}__", other.error)
    if fields.get("context_is_cause"):
        error.__context__ = error.__cause__
    error.__suppress_context__ = bool(fields.get("suppress"))
    notes = fields.get("notes")
    if notes and not hasattr(error, "__notes__"):
        with suppress(Exception):  # an exception class with slots
            error.__notes__ = list(notes)  # type: ignore[attr-defined]
    frames = [(str(file), int(line), str(name)) for file, line, name in fields.get("frames") or ()]
    return Failure(error, frames, str(fields.get("call") or fields.get("task") or ""))


def _exception(fields: dict[str, Any]) -> BaseException:
    """The exception as its class says it is pickled; else one made of its class, arguments and attributes; else one of
    its class with its message; else, where the class is unknown here, a PydronError that says all there is to say."""
    data = fields.get("pickle")
    if data:
        try:
            error = _values.loads(data)
            if isinstance(error, BaseException):
                return error
        except Exception:
            pass
    name, message = str(fields.get("type", "")), str(fields.get("message", ""))
    parts = fields.get("parts")
    if parts:
        try:
            return _assembled(*_values.loads(parts))
        except Exception:
            pass
    cls = _find_class(name)
    if cls is not None:
        try:
            return _assembled(cls, (message,), (message,), {})
        except Exception:
            pass
    return PydronError(f"{name}: {message}" if message else name)


def _assembled(
    cls: Any, made_with: tuple[Any, ...], args: tuple[Any, ...], attributes: dict[str, Any]
) -> BaseException:
    """An exception that never went through an `__init__` of the user's."""
    error: Any = cls.__new__(cls, *made_with)
    if not isinstance(error, BaseException):
        raise TypeError(f"{cls} is not an exception")
    built_in: Any = next(base for base in cls.__mro__ if not is_heap_type(base))
    built_in.__init__(error, *made_with)
    error.args = args
    for name, value in attributes.items():
        object.__setattr__(error, name, value)
    return error


def _find_class(name: str) -> type | None:
    parts = name.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        found: Any = sys.modules.get(".".join(parts[:cut]))
        for part in parts[cut:]:
            found = getattr(found, part, None)
        if isinstance(found, type) and issubclass(found, BaseException):
            return found
    return None


def record_of(error: BaseException, task: str) -> bytes:
    """A record for a call that the driver ran itself. The driver keeps the exception; others only read the text."""
    cls = type(error)
    fields: dict[str, Any] = {
        "type": f"{cls.__module__}.{cls.__qualname__}",
        "message": str(error),
        "pickle": None,
        "frames": [],
        "notes": [],
        "task": task,
        "text": "",
        "cause": None,
        "context": None,
        "suppress": False,
    }
    return pickle.dumps(fields, 5)


def add_note(error: BaseException, note: str) -> None:
    """Python before 3.11 has no notes; str(e) is the user's and stays as it is."""
    add = getattr(error, "add_note", None)
    if add is not None and note:
        with suppress(Exception):
            add(note)
