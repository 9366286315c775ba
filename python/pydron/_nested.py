"""Functions that a pipeline defines inside itself: calling one is like calling a pipeline."""

from __future__ import annotations

import ast
import types
from collections.abc import Iterator
from typing import Any

from ._nodes import children, walk

_GENERATOR = 0x20 | 0x80 | 0x100 | 0x200  # CO_GENERATOR, CO_COROUTINE, CO_ITERABLE_COROUTINE, CO_ASYNC_GENERATOR


class Nested:
    """A function that is defined in a pipeline, once, and not decorated.

    Each activation of the pipeline makes a function object of its own. What they have in common is compiled once, from
    a stand-in with the same code; its variables from outside have no values.
    """

    def __init__(self, code: types.CodeType, outer: types.FunctionType) -> None:
        self.code = code
        self.prepared: Any = None  # what is known from its source
        self.known: dict[int, tuple[int, Any]] = {}  # by session: compiled for the names of an epoch
        free = dict(zip(outer.__code__.co_freevars, outer.__closure__ or ()))
        cells = tuple(free.get(name) or types.CellType() for name in code.co_freevars)
        self.__wrapped__ = types.FunctionType(code, outer.__globals__, code.co_name, None, cells)
        self.__wrapped__.__qualname__ = f"{outer.__qualname__}.<locals>.{code.co_name}"
        self.__qualname__ = self.__wrapped__.__qualname__

    def know(self, siblings: dict[str, Nested]) -> None:
        """Names that the function takes from the pipeline may be functions of the same kind."""
        for name, cell in zip(self.code.co_freevars, self.__wrapped__.__closure__ or ()):
            if name in siblings:
                cell.cell_contents = siblings[name]


def find(definition: ast.FunctionDef, function: types.FunctionType) -> dict[str, Nested]:
    """Those functions of a pipeline, by name."""
    shared = {name for node in walk(definition) if isinstance(node, ast.Nonlocal) for name in node.names}
    codes = {(code.co_name, code.co_firstlineno): code for code in _codes(function.__code__)}
    found: dict[str, Nested] = {}
    for node in _definitions(definition.body):
        code = codes.get((node.name, node.lineno))
        if code is None or node.decorator_list or node.name in shared or code.co_flags & _GENERATOR:
            continue
        found[node.name] = Nested(code, function)
    for nested in found.values():
        nested.know(found)
    return found


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    return (constant for constant in code.co_consts if isinstance(constant, types.CodeType))


def all_codes(code: types.CodeType) -> Iterator[types.CodeType]:
    for inner in _codes(code):
        yield inner
        yield from all_codes(inner)


def _definitions(statements: list[ast.stmt]) -> Iterator[ast.FunctionDef]:
    todo: list[ast.AST] = list(statements)
    while todo:
        node = todo.pop(0)
        if isinstance(node, ast.FunctionDef):
            yield node
        elif not isinstance(node, (ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.expr)):
            todo += children(node)
