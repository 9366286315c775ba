"""Tracebacks that show what the user wrote: the lines of the pipeline and of the task, and nothing of the runtime.

Frames of a task exist in another process, and those of an outer pipeline may long be gone. A traceback entry needs a
frame, so one is made by running a code object of one `raise` that bears the right file, name and line.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Sequence
from types import CodeType, FrameType, FunctionType, TracebackType
from typing import Any, Callable

Entry = tuple[str, int, str]
_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep


class _Raised(Exception):
    pass


_raising: CodeType | None = None


def _without_columns(tree: ast.AST) -> None:
    """Carets under a guess would mislead."""
    for node in ast.walk(tree):
        if hasattr(node, "col_offset"):
            node.col_offset = node.end_col_offset = -1  # type: ignore[attr-defined]


def _raiser() -> CodeType:
    global _raising
    if _raising is None:
        tree = ast.parse("raise error")
        _without_columns(tree)
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


def stack_depth() -> int:
    """How many frames are on the stack of this thread, ours included."""
    frame: FrameType | None = sys._getframe()
    depth = 0
    while frame is not None:
        depth += 1
        frame = frame.f_back
    return depth


def linked(entries: Sequence[TracebackType]) -> TracebackType | None:
    below: TracebackType | None = None
    for entry in reversed(entries):
        below = TracebackType(below, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return below


# --- the frame of an outermost pipeline call -------------------------------------------------------------------
#
# What the user calls must leave one entry in a traceback, that of the pipeline, on the line that failed. So the
# function that is called carries the pipeline's file, name and first line, and has one `raise` for each of its lines.

_templates: dict[int, CodeType] = {}


def _template(lines: int) -> CodeType:
    size = 64
    while size < lines:
        size *= 2
    code = _templates.get(size)
    if code is None:
        source = (
            "def entry(*args, **kwargs):\n"
            "    error, offset, value, context = run(args, kwargs)\n"
            "    if error is None:\n"
            "        return value\n"
            "    try:\n"
            "        pass\n"
            "    finally:\n"
            "        error = forget(error, offset, context)\n"
        )
        tree = ast.parse(source)
        function = tree.body[0]
        assert isinstance(function, ast.FunctionDef) and isinstance(function.body[2], ast.Try)
        for node in ast.walk(tree):
            if hasattr(node, "lineno"):
                node.lineno = node.end_lineno = 1  # type: ignore[attr-defined]
        _without_columns(tree)
        raises: list[ast.stmt] = []
        for offset in range(size):
            test = ast.parse(f"if offset == {offset}: raise error").body[0]
            _without_columns(test)
            for node in ast.walk(test):
                if hasattr(node, "lineno"):
                    node.lineno = node.end_lineno = offset + 1  # type: ignore[attr-defined]
            raises.append(test)
        last = ast.parse("raise error").body[0]
        _without_columns(last)
        function.body[2].body = [*raises, last]
        module = compile(tree, "?", "exec")
        code = next(c for c in module.co_consts if isinstance(c, CodeType))
        _templates[size] = code
    return code


#: The code below has a size for each line. A function with more lines runs as it is.
MOST_LINES = 1 << 14


def too_long(plain: CodeType) -> bool:
    return _lines(plain) > MOST_LINES


def _lines(plain: CodeType) -> int:
    return _last_line(plain) - plain.co_firstlineno + 1


def entry_code(plain: CodeType) -> CodeType:
    return named(_template(_lines(plain)), *_where(plain))


def _where(code: CodeType) -> Entry:
    return code.co_filename, code.co_firstlineno, code.co_name


def _last_line(code: CodeType) -> int:
    if sys.version_info >= (3, 10):
        last = max((line for _, _, line in code.co_lines() if line), default=code.co_firstlineno)
    else:
        steps = code.co_lnotab[1::2]
        last = code.co_firstlineno + sum(step for step in steps if step < 128)
    return max([last, *(_last_line(c) for c in code.co_consts if isinstance(c, CodeType))])


def forget(error: BaseException, offset: int, context: BaseException | None) -> None:
    """`raise` has set the context anew; it gets back what it was. (And the frame lets go of the exception.)

    A call with wrong arguments never was in the function: then the offset is negative."""
    error.__context__ = context
    if offset < 0:
        error.__traceback__ = None


def entry_function(plain: Any, run: Callable[..., Any], context: dict[str, Any]) -> Any:
    """The function that stands in for `plain`; `run` answers (error or None, line offset or -1, value, context)."""
    return FunctionType(entry_code(plain.__code__), {**context, "run": run, "forget": forget}, plain.__name__)
