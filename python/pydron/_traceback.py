"""Tracebacks that show what the user wrote: the lines of the pipeline and of the task, and nothing of the runtime.

Frames of a task exist in another process, and those of an outer pipeline may long be gone. A traceback entry needs a
frame, so one is made by running a code object of one `raise` that bears the right file, name and line.
"""

from __future__ import annotations

import ast
import opcode
import os
import sys
from collections.abc import Sequence
from types import CodeType, TracebackType
from typing import Any

Entry = tuple[str, int, str]
_RAISE = opcode.opmap["RAISE_VARARGS"]
_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep


class _Raised(Exception):
    pass


_raising: CodeType | None = None


def without_columns(tree: ast.AST) -> None:
    """Carets under a guess would mislead."""
    for node in ast.walk(tree):
        if hasattr(node, "col_offset"):
            node.col_offset = node.end_col_offset = -1  # type: ignore[attr-defined]


def _raiser() -> CodeType:
    global _raising
    if _raising is None:
        tree = ast.parse("raise error")
        without_columns(tree)
        _raising = compile(tree, "?", "exec")
    return _raising


def named(code: CodeType, file: str, line: int, name: str) -> CodeType:
    """The same code as if it had been written there."""
    changes: dict[str, Any] = {"co_filename": file, "co_firstlineno": max(line, 1), "co_name": name}
    if sys.version_info >= (3, 11):
        changes["co_qualname"] = name
    return code.replace(**changes)


def _frame(file: str, line: int, name: str) -> TracebackType:
    try:
        exec(named(_raiser(), file, line, name), {"error": _Raised(), "__name__": name, "__file__": file})
    except _Raised as raised:
        traceback = raised.__traceback__
        assert traceback is not None and traceback.tb_next is not None
        return traceback.tb_next
    raise AssertionError("raise did not raise")


def synthetic(entries: Sequence[Entry], below: TracebackType | None) -> TracebackType | None:
    """Entries (file, line, function), outermost first, on top of what is `below`."""
    for file, line, name in reversed(entries):
        frame = _frame(file, line, name)
        below = TracebackType(below, frame.tb_frame, frame.tb_lasti, frame.tb_lineno)
    return below


_REPLACING = (_HERE + "replacing", 1, "replacing")
_same_activation: set[CodeType] = set()


def same_activation(function: Any) -> Any:
    """Decorates a function of the runtime that leads from one part of a pipeline's activation into another."""
    _same_activation.add(function.__code__)
    return function


def is_ours(code: CodeType) -> bool:
    return code.co_filename.startswith(_HERE)


def replacing(below: TracebackType | None) -> TracebackType | None:
    """For an exception that is thrown into a generator: the generator's own entry will give way to what is below."""
    return synthetic([_REPLACING], below)


def user_part(traceback: TracebackType | None) -> list[TracebackType]:
    """The entries of a traceback that are not the runtime's.

    A compound statement runs in a generator of its own, below the one of its pipeline; where one activation has two
    entries in a row, the outer one goes.
    """
    found: list[TracebackType] = []
    merge = False
    while traceback is not None:
        frame = traceback.tb_frame
        if frame.f_code.co_filename.startswith(_HERE):
            merge = merge or frame.f_code in _same_activation or frame.f_code.co_filename == _REPLACING[0]
        else:
            if merge and found:
                found.pop()
            found.append(traceback)
            merge = False
        traceback = traceback.tb_next
    return found


def raised_by(generator: Any, error: RuntimeError) -> bool:
    """Is it the one that a generator makes of a StopIteration in its own code? (Not one that came through it.)"""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if sys.version_info < (3, 12):
        # The generator is not in the traceback of what it has made.
        return last is error.__traceback__
    return last is not None and last.tb_frame.f_code is generator.gi_code


def was_raised(error: BaseException) -> bool:
    """Did a `raise` statement raise it, so that it is no signal that came from outside?"""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return last is not None and last.tb_frame.f_code.co_code[last.tb_lasti] == _RAISE


def linked(entries: Sequence[TracebackType]) -> TracebackType | None:
    """A traceback of these entries; what they already have below them stays the same object."""
    below: TracebackType | None = None
    for entry in reversed(entries):
        if entry.tb_next is below:
            below = entry
            continue
        below = TracebackType(below, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return below


#: The code that stands in for a pipeline has a size for each line. A function with more lines runs as it is.
MOST_LINES = 1 << 14


def too_long(plain: CodeType) -> bool:
    return lines_of(plain) > MOST_LINES


def lines_of(plain: CodeType) -> int:
    """How many lines there are from the first of a function to its last."""
    return _last_line(plain) - plain.co_firstlineno + 1


def _last_line(code: CodeType) -> int:
    if sys.version_info >= (3, 10):
        last = max((line for _, _, line in code.co_lines() if line), default=code.co_firstlineno)
    else:
        steps = code.co_lnotab[1::2]
        last = code.co_firstlineno + sum(step for step in steps if step < 128)
    return max([last, *(_last_line(c) for c in code.co_consts if isinstance(c, CodeType))])
