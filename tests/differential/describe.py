"""Turns a value or an exception into lines of text that are equal exactly when the outcomes are.

Types, order, shared references inside one value and array details are part of the text. The one thing that Pydron may
add is a note on an exception that names the task it comes from. Objects of unknown classes are
described by their attributes, so a value that belongs to Pydron itself and slipped through shows up as a difference.
"""

from __future__ import annotations

import hashlib
import traceback
import types
from collections import deque
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePath
from typing import Any

ATOMS = (
    int,
    float,
    complex,
    str,
    bytes,
    bool,
    type(None),
    type(Ellipsis),
    type(NotImplemented),
    Decimal,
    Fraction,
    range,
    slice,
    PurePath,
)
LONGEST = 2000
COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")


def describe(value: Any) -> list[str]:
    """The lines for a value, nested ones indented."""
    return _lines(value, {}, 0)


def describe_exception(error: BaseException, user_file: str) -> list[str]:
    """The lines for an exception: what it is, where it passed through the user's file, what it was raised from."""
    lines = [f"raised {_type_name(type(error))}: {error}", "args:"]
    lines += ["  " + line for line in describe(list(error.args))]
    own = {k: v for k, v in vars(error).items() if k != "__notes__" and not k.startswith("_pydron")}
    if own:
        lines += ["attributes:"] + ["  " + line for line in describe(own)]
    lines.append("frames:")
    lines += ["  " + line for line in user_frames(error, user_file)]
    lines.append(f"cause: {_chain(error, '__cause__')}")
    lines.append(f"context: {_chain(error, '__context__')}")
    lines.append(f"suppress context: {error.__suppress_context__}")
    notes = [note for note in getattr(error, "__notes__", []) if not note.startswith("pydron: in task ")]
    if notes:
        lines += ["notes:"] + ["  " + line for line in describe(notes)]
    return lines


def user_frames(error: BaseException, user_file: str) -> list[str]:
    """`function line` of each traceback entry in the user's file.

    Comprehensions have frames of their own up to Python 3.11 and none (except generator expressions) later, so a
    comprehension's frame is dropped when it only repeats the line of the frame around it.
    """
    frames: list[tuple[str, int]] = []
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename != user_file:
            continue
        if frame.name in COMPREHENSIONS and frames and frames[-1][1] == frame.lineno:
            continue
        frames.append((frame.name, frame.lineno or 0))
    return [f"{name} {line}" for name, line in frames]


def _chain(error: BaseException, attribute: str) -> str:
    names = []
    seen = {id(error)}
    current = getattr(error, attribute)
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        names.append(f"{_type_name(type(current))}({current})")
        current = getattr(current, attribute)
    return " <- ".join(names) if names else "none"


def _type_name(kind: type) -> str:
    return (
        kind.__qualname__ if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}.{kind.__qualname__}"
    )


def _lines(value: Any, seen: dict[int, int], depth: int) -> list[str]:
    if depth > 200:
        return ["(too deep)"]
    kind = type(value)
    if kind in ATOMS:
        return [_shorten(repr(value))]
    if isinstance(value, type):
        return [f"class {_type_name(value)}"]
    if isinstance(value, (types.FunctionType, types.BuiltinFunctionType, types.MethodType)):
        return [f"function {value.__qualname__}"]
    if type(value).__module__ == "pydron._functions" and hasattr(value, "__wrapped__"):
        return [f"function {value.__qualname__}"]  # what a decorator made stands for the function itself
    if isinstance(value, types.ModuleType):
        return [f"module {value.__name__}"]
    if isinstance(value, BaseException):
        return [f"{_type_name(kind)} exception {value}"] + _indented(list(value.args), seen, depth)
    if id(value) in seen:
        return [f"{_type_name(kind)} same as &{seen[id(value)]}"]
    label = ""
    if kind is not tuple and kind is not frozenset:
        seen[id(value)] = len(seen) + 1
        label = f" &{seen[id(value)]}"
    head = _type_name(kind) + label
    if kind.__module__ == "numpy":
        return _array(value, head, seen, depth)
    if isinstance(value, dict):
        return _mapping(head, value, seen, depth)
    if isinstance(value, (set, frozenset)):
        members = sorted("\n".join(_lines(member, {}, depth + 1)) for member in value)
        return [f"{head} of {len(members)}"] + ["  " + line for member in members for line in member.split("\n")]
    if isinstance(value, (list, tuple, deque)):
        if all(type(item) in ATOMS for item in value):
            text = f"{head} {list(value)!r}"
            if len(text) <= 100:
                return [text]
        return [f"{head} of {len(value)}"] + _indented(value, seen, depth)
    if isinstance(value, (bytearray, memoryview)):
        return [f"{head} {bytes(value)!r}"]
    return _object(head, value, seen, depth)


def _object(head: str, value: Any, seen: dict[int, int], depth: int) -> list[str]:
    attributes: dict[str, Any] = {}
    for base in type(value).__mro__:
        slots = base.__dict__.get("__slots__", ())
        for slot in (slots,) if isinstance(slots, str) else slots:
            if slot not in ("__dict__", "__weakref__") and hasattr(value, slot):
                attributes[slot] = getattr(value, slot)
    attributes.update(getattr(value, "__dict__", {}))
    return _mapping(head, attributes, seen, depth)


def _mapping(head: str, value: dict, seen: dict[int, int], depth: int) -> list[str]:
    lines = [f"{head} of {len(value)}"]
    for key, item in value.items():
        item_lines = _lines(item, seen, depth + 1)
        key_lines = _lines(key, seen, depth + 1)
        lines.append(f"  {' '.join(part.strip() for part in key_lines)}: {item_lines[0]}")
        lines += ["  " + line for line in item_lines[1:]]
    return lines


def _array(value: Any, head: str, seen: dict[int, int], depth: int) -> list[str]:
    if not hasattr(value, "flags") or (getattr(value, "shape", ()) == () and not hasattr(value, "setflags")):
        return [f"{head} {value!r}"]
    lines = [f"{head} {value.dtype} {value.shape} writeable={value.flags.writeable}"]
    if value.dtype == object:
        return lines + _indented(value.ravel().tolist(), seen, depth)
    if value.size > 50:
        return lines + [f"  sha256 {hashlib.sha256(value.tobytes()).hexdigest()[:24]}"]
    return lines + [f"  {value.tolist()!r}"]


def _indented(items: Any, seen: dict[int, int], depth: int) -> list[str]:
    return ["  " + line for item in items for line in _lines(item, seen, depth + 1)]


def _shorten(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    return f"{text[:60]}… ({len(text)} characters, sha256 {hashlib.sha256(text.encode()).hexdigest()[:24]})"
