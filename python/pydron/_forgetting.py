"""Lets temporary variables of emitted code go after their last use, as Python does with what it has on its stack.

Otherwise what they hold, be it a large array or an object with a finalizer, would live until the pipeline returns.
"""

from __future__ import annotations

import ast
import re
from collections import Counter

from ._nodes import assign, at, children, walk

_CHECKED = "$w"
_TEMPORARY = re.compile(r"\$c?[0-9]").match
_SCOPES = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.FunctionDef, ast.ClassDef)
_LEAVING = (ast.Return, ast.Raise, ast.Break, ast.Continue)


def forget_temporaries(function: ast.FunctionDef) -> None:
    """Assigns None to each temporary behind the last statement that uses it, where that is certain."""
    _forget_checked(function.body)
    parameters = {arg.arg for arg in walk(function.args) if isinstance(arg, ast.arg)}
    counts: dict[int, Counter[str]] = {}
    total = _count(function.body, counts)
    names = {name for name, n in total.items() if n > 0 and name not in parameters} - _inside(function)
    _forget(function.body, names, total, counts)


def _forget_checked(statements: list[ast.stmt]) -> None:
    """What was checked last in the middle of an expression is not needed behind its statement."""
    for index in range(len(statements) - 1, -1, -1):
        stmt = statements[index]
        blocks = _blocks(stmt)
        for block in blocks:
            _forget_checked(block)
        if not isinstance(stmt, _LEAVING) and any(
            isinstance(node, ast.Name) and node.id == _CHECKED for node in _without_blocks(stmt)
        ):
            line = getattr(stmt, "lineno", 1)
            for block in blocks:
                block[:0] = at([assign(_CHECKED, ast.Constant(value=None))], line)
            statements[index + 1 : index + 1] = at([assign(_CHECKED, ast.Constant(value=None))], line)


def _count(statements: list[ast.stmt], counts: dict[int, Counter[str]]) -> Counter[str]:
    """How often each temporary occurs, for each statement and in all."""
    total: Counter[str] = Counter()
    for stmt in statements:
        own = Counter(
            node.id for node in _without_blocks(stmt) if isinstance(node, ast.Name) and _TEMPORARY(node.id) is not None
        )
        for block in _blocks(stmt):
            own += _count(block, counts)
        counts[id(stmt)] = own
        total += own
    return total


def _blocks(stmt: ast.AST) -> list[list[ast.stmt]]:
    if isinstance(stmt, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return []
    found = [getattr(stmt, name) for name in ("body", "orelse", "finalbody") if getattr(stmt, name, None)]
    for handler in getattr(stmt, "handlers", ()):
        found.append(handler.body)
    for case in getattr(stmt, "cases", ()):
        found.append(case.body)
    return found


def _without_blocks(stmt: ast.stmt) -> list[ast.AST]:
    blocks = {id(inner) for block in _blocks(stmt) for inner in block}
    found: list[ast.AST] = []
    todo: list[ast.AST] = [stmt]
    while todo:
        node = todo.pop()
        found.append(node)
        todo += [child for child in children(node) if id(child) not in blocks]
    return found


def _inside(function: ast.FunctionDef) -> set[str]:
    """Names that code uses which may run later."""
    return {
        inner.id
        for node in walk(*function.body)
        if isinstance(node, _SCOPES)
        for inner in walk(node)
        if isinstance(inner, ast.Name)
    }


def _forget(statements: list[ast.stmt], names: set[str], total: Counter[str], counts: dict[int, Counter[str]]) -> None:
    """In this block and those inside; of the names, those count that occur nowhere else."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for index, stmt in enumerate(statements):
        for name in counts[id(stmt)].keys() & names:
            first.setdefault(name, index)
            last[name] = index
    ends: dict[int, list[str]] = {}
    for name, index in last.items():
        stmt = statements[index]
        if first[name] == index:
            for block in _blocks(stmt):
                if sum(counts[id(inner)][name] for inner in block) == total[name]:
                    _forget(block, {name}, total, counts)
                    break
            continue
        if _stores(statements[first[name]], name) and not isinstance(stmt, _LEAVING):
            ends.setdefault(index, []).append(name)
    for index in sorted(ends, reverse=True):
        stmt = statements[index]
        made: list[ast.stmt] = [assign(name, ast.Constant(value=None)) for name in sorted(ends[index])]
        statements[index + 1 : index + 1] = at(made, getattr(stmt, "lineno", 1))
        for each in made:
            counts[id(each)] = Counter()


def _stores(stmt: ast.stmt, name: str) -> bool:
    return isinstance(stmt, ast.Assign) and any(
        isinstance(node, ast.Name) and node.id == name for target in stmt.targets for node in walk(target)
    )
