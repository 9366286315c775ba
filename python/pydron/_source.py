"""The AST of a function, taken from its source and proved to be that of its code."""

from __future__ import annotations

import ast
import copy
import linecache
import sys
import types
from typing import Any, Callable, Union

from ._nodes import children, walk
from ._traceback import MOST_LINES, too_long

FUTURE_FLAGS = 0x1FF0000  # every flag a ``from __future__`` import can set on a code object

Definition = Union[ast.FunctionDef, ast.AsyncFunctionDef]

#: Files whose tree was changed before it was compiled, and how; and what constants stand for in it.
rewriting: dict[str, Callable[[ast.AST], None]] = {}
constants: dict[str, Any] = {}

_trees: dict[str, tuple[int, dict[int, list[Definition]], list[ast.stmt]]] = {}


class SourceError(Exception):
    """The source cannot be had, or is not that of the running code; the message says why."""


def function_node(function: types.FunctionType) -> ast.FunctionDef:
    """Find the ``def`` of a function in its file.

    Line numbers are those of the file. Raises :class:`SourceError` when there is no source, or when it was
    changed after the function was defined.
    """
    code = function.__code__
    if too_long(code):
        raise SourceError(f"it has more than {MOST_LINES} lines")
    if code.co_name == "<lambda>":
        raise SourceError("it is a lambda")
    try:
        lines = linecache.getlines(code.co_filename, function.__globals__)
    except Exception:  # a loader of the user's, or an `open` that was replaced
        lines = []
    if not lines:
        raise SourceError("its source is not available")
    candidates = _definitions(code.co_filename, lines).get(code.co_firstlineno, [])
    for node in candidates:
        if node.name == code.co_name:
            if isinstance(node, ast.AsyncFunctionDef):
                raise SourceError("it is a coroutine")
            if not same_code(code, _compile_alone(node, function)):
                break
            return node
    raise SourceError("its source has changed since it was defined")


def _definitions(filename: str, lines: list[str]) -> dict[int, list[Definition]]:
    source = "".join(lines)
    known = _trees.get(filename)
    stamp = hash(source)
    if known is not None and known[0] == stamp:
        return known[1]
    try:
        tree = ast.parse(source, filename)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise SourceError(f"its source cannot be parsed ({type(error).__name__})") from None
    if filename in rewriting:
        rewriting[filename](tree)
    found: dict[int, list[Definition]] = {}
    for node in walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.decorator_list[0].lineno if node.decorator_list else node.lineno
            found.setdefault(first, []).append(node)
    _trees[filename] = (stamp, found, _module_imports(tree))
    return found


def _module_imports(tree: ast.Module) -> list[ast.stmt]:
    """The import statements in the scope of the module itself."""
    found: list[ast.stmt] = []
    todo: list[ast.AST] = list(tree.body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.module != "__future__"):
            found.append(node)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.expr)):
            todo += children(node)
    return found


def _imports(filename: str) -> list[ast.stmt]:
    known = _trees.get(filename)
    return known[2] if known is not None else []


def factory(body: list[ast.stmt], parameters: list[str]) -> ast.Module:
    """A module that defines ``$factory(parameters…)`` with the given body; free variables become its parameters."""
    arguments = ast.arguments(
        posonlyargs=[],
        args=[ast.arg(arg=name) for name in parameters],
        vararg=None,
        kwonlyargs=[],
        kw_defaults=[],
        kwarg=None,
        defaults=[],
    )
    definition = ast.FunctionDef(
        name="$factory", args=arguments, body=body, decorator_list=[], returns=None, type_comment=None
    )
    if sys.version_info >= (3, 12):
        definition.type_params = []
    module = ast.Module(body=[definition], type_ignores=[])
    ast.fix_missing_locations(module)
    return module


def inner_code(module_code: types.CodeType, name: str) -> types.CodeType:
    """The code of a function defined in the factory of a compiled factory module."""
    for constant in factory_code(module_code).co_consts:
        if isinstance(constant, types.CodeType) and constant.co_name == name:
            return constant
    raise LookupError(name)


def factory_code(module_code: types.CodeType) -> types.CodeType:
    """The code of ``$factory`` in a compiled factory module."""
    for constant in module_code.co_consts:
        if isinstance(constant, types.CodeType) and constant.co_name == "$factory":
            return constant
    raise LookupError("$factory")


def compile_module(module: ast.Module, function: types.FunctionType) -> types.CodeType:
    """Compile with the ``from __future__`` imports of the function's module."""
    code = function.__code__
    compiled: types.CodeType = compile(module, code.co_filename, "exec", code.co_flags & FUTURE_FLAGS, True)
    return with_constants(compiled) if code.co_filename in rewriting else compiled


def with_constants(code: types.CodeType) -> types.CodeType:
    """The same code with what its constants stand for."""

    def replaced(constant: Any) -> Any:
        if isinstance(constant, types.CodeType):
            return with_constants(constant)
        return constants.get(constant, constant) if type(constant) is str else constant

    return code.replace(co_consts=tuple(map(replaced, code.co_consts)))


def _compile_alone(definition: ast.FunctionDef, function: types.FunctionType) -> types.CodeType:
    bare = copy.copy(definition)
    bare.decorator_list = []
    body: list[ast.stmt] = [bare]
    mangler = class_name(function)
    free = [name for name in function.__code__.co_freevars if name != "__class__"]
    if mangler is not None:
        holder = ast.ClassDef(name=mangler, bases=[], keywords=[], body=[bare], decorator_list=[])
        if sys.version_info >= (3, 12):
            holder.type_params = []
        body = [holder]
    elif definition.name not in free:
        # Inside the factory a function that calls itself would find itself there, not in its module.
        body.insert(0, ast.Global(names=[definition.name]))
    module = factory(body, free)
    # Calls of what the module imports are compiled in a way of their own.
    module.body[:0] = _imports(function.__code__.co_filename)
    try:
        compiled = compile_module(module, function)
    except (SyntaxError, ValueError, RecursionError) as error:
        raise SourceError(f"its source cannot be compiled alone ({error})") from None
    if mangler is None:
        return inner_code(compiled, definition.name)
    for constant in inner_code(compiled, mangler).co_consts:
        if isinstance(constant, types.CodeType) and constant.co_name == definition.name:
            return constant
    raise SourceError("its source cannot be compiled alone")


def _same_constant(one: Any, other: Any) -> bool:
    # As text, since 0.0 == -0.0, and a tuple may hold such. Large integers have no decimal form.
    return bool(one == other) if type(one) is int else repr(one) == repr(other)


def class_name(function: types.FunctionType) -> str | None:
    """Name of the class a function was defined in, None for a function outside classes."""
    parts = function.__qualname__.split(".")
    if len(parts) < 2 or parts[-2] == "<locals>" or not parts[-2].isidentifier():
        return None
    return parts[-2]


def same_code(a: types.CodeType, b: types.CodeType) -> bool:
    if a.co_code != b.co_code or a.co_names != b.co_names or a.co_varnames != b.co_varnames:
        return False
    if len(a.co_consts) != len(b.co_consts):
        return False
    for one, other in zip(a.co_consts, b.co_consts):
        if isinstance(one, types.CodeType):
            if not isinstance(other, types.CodeType) or not same_code(one, other):
                return False
        elif isinstance(one, str) and isinstance(other, str):
            # Before 3.11 the qualified names of inner functions are constants; they name the place of compilation.
            if one != other and one.rsplit(".", 1)[-1] != other.rsplit(".", 1)[-1]:
                return False
        elif type(one) is not type(other) or not _same_constant(one, other):
            return False
    return True
