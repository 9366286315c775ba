"""What is known of the sizes that a script's pipelines work on, before it runs: numbers and lengths of what their
names are bound to, defaults of parameters, and arguments where the script calls them. For ``pydron plan``.

Nothing of the script's is executed beyond its import.
"""

from __future__ import annotations

import ast
import builtins
import inspect
from collections.abc import Collection, Sized
from types import FunctionType
from typing import Any, Union

#: A number, or how many items there are.
Size = Union[int, "Length"]
PLAIN = (list, tuple, dict, set, frozenset, str, bytes, range)
LARGEST = 1 << 62


class Length(int):
    """How many items something has."""


def sizes(
    pipeline: FunctionType, called: Collection[str], namespace: dict[str, Any], script: ast.Module
) -> dict[str, tuple[Size, int]]:
    """By name: the size, and the line of the call that it is from, or 0. The script calls the pipeline by `called`."""
    found: dict[str, tuple[Size, int]] = {}

    def note(name: str, size: Size | None, line: int) -> None:
        if size is not None:
            found[name] = size, line

    for name in pipeline.__code__.co_names:
        note(name, size_of(pipeline.__globals__.get(name)), 0)
    try:
        signature = inspect.signature(pipeline)
    except (TypeError, ValueError):
        return found
    for parameter in signature.parameters.values():
        found.pop(parameter.name, None)
        if parameter.default is not inspect.Parameter.empty:
            note(parameter.name, size_of(parameter.default), 0)
    for node in ast.walk(script):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in called:
            positional = [arg for arg in node.args if not isinstance(arg, ast.Starred)]
            if len(positional) < len(node.args):
                continue
            keywords = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
            try:
                bound = signature.bind_partial(*positional, **keywords)
            except TypeError:
                continue
            for name, value in bound.arguments.items():
                if isinstance(value, ast.AST):
                    found.pop(name, None)
                    note(name, evaluated(value, namespace), node.lineno)
            break
    return found


def size_of(value: Any) -> Size | None:
    if type(value) is int and abs(value) < LARGEST:
        return value
    library = type(value).__module__.partition(".")[0] in ("numpy", "pandas")
    if type(value) in PLAIN or (library and isinstance(value, Sized)):
        try:
            return Length(len(value))
        except Exception:
            return None
    return None


def evaluated(node: ast.AST, namespace: dict[str, Any]) -> Size | None:
    """The size of what an expression would give, where that is clear without executing it."""
    if isinstance(node, ast.Constant):
        return size_of(node.value)
    if isinstance(node, ast.Name):
        return size_of(namespace.get(node.id))
    if isinstance(node, (ast.List, ast.Tuple)):
        return None if any(isinstance(e, ast.Starred) for e in node.elts) else Length(len(node.elts))
    if isinstance(node, ast.BinOp):
        left, right = evaluated(node.left, namespace), evaluated(node.right, namespace)
        if type(left) is not int or type(right) is not int:
            return None
        if isinstance(node.op, ast.Add):
            return left + right
        if isinstance(node.op, ast.Sub):
            return left - right
        if isinstance(node.op, ast.Mult):
            return left * right
        return left // right if isinstance(node.op, ast.FloorDiv) and right else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        return _called(node.func.id, node.args, namespace)
    return None


def _called(name: str, args: list[ast.expr], namespace: dict[str, Any]) -> Size | None:
    if namespace.get(name, getattr(builtins, name, None)) is not getattr(builtins, name, None):
        return None
    known = [evaluated(arg, namespace) for arg in args]
    if name == "range" and known and all(type(size) is int for size in known):
        try:
            return Length(len(range(*known)))  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            return None
    if name in ("list", "tuple", "sorted", "len") and len(known) == 1 and isinstance(known[0], Length):
        return int(known[0]) if name == "len" else known[0]
    return None
