"""Makes a failing program small: removes and simplifies parts of its syntax tree while it keeps failing.

Delta debugging in rounds. First whole runs of statements go, then compound statements give way to their bodies, then
expressions to their parts or to constants, then parameters with their arguments. A round that changed something is
followed by another.
"""

from __future__ import annotations

import ast
import copy
import time
import warnings
from collections.abc import Iterator
from typing import Callable

LISTS = ("body", "orelse", "finalbody", "handlers", "cases")
KEPT = ("ARGS", "REPEAT")


def shrink(text: str, fails: Callable[[str], bool], seconds: float = 120) -> str:
    """The smallest program found that still `fails`; the text itself if even its unparsed form does not."""
    return _Shrinker(text, fails, time.monotonic() + seconds).run()


class _Shrinker:
    def __init__(self, text: str, fails: Callable[[str], bool], until: float) -> None:
        self.text, self.fails, self.until = text, fails, until
        self.tried: set[str] = set()

    def run(self) -> str:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            self.tree = ast.parse(self.text)
            if not self.accepts(self.tree):
                return self.text
            best = ""
            while best != self.best and time.monotonic() < self.until:
                best = self.best
                self.statements()
                self.edits(_unwrapped)
                self.statements()
                self.edits(_without_parameter)
                self.edits(_simpler)
            return self.best

    def accepts(self, tree: ast.Module) -> bool:
        """Whether this program fails too; then it is the one to go on with."""
        ast.fix_missing_locations(tree)
        try:
            text = ast.unparse(tree) + "\n"
            if text in self.tried:
                return False
            compile(text, "?", "exec")
        except (SyntaxError, ValueError, AttributeError, TypeError):
            return False
        self.tried.add(text)
        if not self.fails(text):
            return False
        self.tree, self.best = ast.parse(text), text
        return True

    # --- statements, in runs of falling length

    def statements(self) -> None:
        size = max((len(block) for _, block in _blocks(self.tree)), default=1)
        while size:
            self.remove_runs(size)
            size //= 2

    def remove_runs(self, size: int) -> None:
        position = 0  # of the run among all runs of this size, from the end: what is used later goes first
        while time.monotonic() < self.until:
            candidate = copy.deepcopy(self.tree)
            runs = [
                (owner, name, start)
                for (owner, name), block in _blocks(candidate)
                for start in range(len(block) - 1, -1, -size)
                if start + 1 >= size
            ]
            runs.reverse()
            if position >= len(runs):
                return
            owner, name, last = runs[position]
            block = getattr(owner, name)
            del block[last + 1 - size : last + 1]
            if not block and name == "body" and not isinstance(owner, ast.Module):
                block.append(ast.Pass())
            if not self.accepts(candidate):
                position += 1

    # --- anything else: an edit is found by its number

    def edits(self, of: Callable[[ast.Module], Iterator[Callable[[], None]]]) -> None:
        position = 0
        while time.monotonic() < self.until:
            candidate = copy.deepcopy(self.tree)
            edit = next((each for number, each in enumerate(of(candidate)) if number == position), None)
            if edit is None:
                return
            edit()
            if not self.accepts(candidate):
                position += 1


def _blocks(tree: ast.AST) -> list[tuple[tuple[ast.AST, str], list]]:
    return [
        ((node, name), getattr(node, name))
        for node in ast.walk(tree)
        for name in LISTS
        if isinstance(getattr(node, name, None), list) and getattr(node, name)
    ]


def _unwrapped(tree: ast.Module) -> Iterator[Callable[[], None]]:
    """Compound statements replaced by one of their blocks; decorators, `finally`, `else` dropped."""
    for _, block in _blocks(tree):
        for index, statement in enumerate(block):
            for inner in ("body", "orelse", "finalbody"):
                parts = getattr(statement, inner, None)
                if isinstance(statement, (ast.FunctionDef, ast.ClassDef, ast.ExceptHandler)) or not isinstance(
                    parts, list
                ):
                    continue
                if parts and isinstance(parts[0], ast.stmt):
                    yield lambda b=block, i=index, p=parts: b.__setitem__(slice(i, i + 1), p)
            for handler in getattr(statement, "handlers", []):
                yield lambda b=block, i=index, h=handler: b.__setitem__(slice(i, i + 1), h.body)
            for case in getattr(statement, "cases", []):
                yield lambda b=block, i=index, c=case: b.__setitem__(slice(i, i + 1), c.body)
            if isinstance(statement, ast.While):
                yield lambda b=block, i=index, s=statement: b.__setitem__(i, ast.If(s.test, s.body, s.orelse))
            if isinstance(statement, ast.For):
                first = ast.Assign([statement.target], ast.Constant(1))
                yield lambda b=block, i=index, s=statement, f=first: b.__setitem__(slice(i, i + 1), [f, *s.body])
            if isinstance(statement, ast.AugAssign):
                plain = ast.Assign([statement.target], statement.value)
                yield lambda b=block, i=index, p=plain: b.__setitem__(i, p)
            if isinstance(statement, ast.FunctionDef) and statement.decorator_list:
                yield lambda s=statement: s.decorator_list.clear()
            if isinstance(statement, (ast.Assign, ast.Return, ast.AugAssign)) and statement.value is not None:
                yield lambda b=block, i=index, s=statement: b.__setitem__(i, ast.Expr(s.value))
            if isinstance(statement, ast.If) and not isinstance(statement.test, ast.Constant):
                first = ast.Expr(statement.test)
                yield lambda b=block, i=index, s=statement, f=first: b.__setitem__(slice(i, i + 1), [f, *s.body])


def _without_parameter(tree: ast.Module) -> Iterator[Callable[[], None]]:
    """A parameter goes, and at the calls by name the argument in its place (for `main`: of `ARGS`)."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for index in range(len(function.args.args)):
            yield lambda f=function, i=index: _drop(tree, f, i)


def _drop(tree: ast.Module, function: ast.FunctionDef, index: int) -> None:
    arguments = function.args
    name = arguments.args[index].arg
    without_default = len(arguments.args) - len(arguments.defaults)
    if index >= without_default:
        del arguments.defaults[index - without_default]
    del arguments.args[index]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function.name:
            node.keywords = [keyword for keyword in node.keywords if keyword.arg != name]
            if index < len(node.args):
                del node.args[index]
        if function.name == "main" and _is_args(node) and index < len(node.value.elts):
            del node.value.elts[index]


def _is_args(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "ARGS" and isinstance(node.value, ast.Tuple)


def _simpler(tree: ast.Module) -> Iterator[Callable[[], None]]:
    """Expressions replaced by a constant or by a part of themselves; elements, arguments, names, handlers dropped."""
    for owner in list(ast.walk(tree)):
        if isinstance(owner, ast.Assign) and isinstance(owner.targets[0], ast.Name) and owner.targets[0].id in KEPT:
            if owner.targets[0].id == "REPEAT" and getattr(owner.value, "value", 1) != 1:
                yield lambda o=owner: setattr(o, "value", ast.Constant(1))
            continue
        for field, value in ast.iter_fields(owner):
            if isinstance(value, list):
                for index, item in enumerate(value):
                    if isinstance(item, (ast.expr, ast.keyword, ast.withitem, ast.comprehension, ast.arg)) and (
                        len(value) > 1 or not isinstance(owner, (ast.stmt, ast.BoolOp, ast.Compare))
                    ):
                        yield lambda v=value, i=index: v.__delitem__(i)
                    if isinstance(item, ast.expr):
                        for better in _instead(item):
                            yield lambda v=value, i=index, b=better: v.__setitem__(i, b)
            elif isinstance(value, ast.expr):
                for better in _instead(value):
                    yield lambda o=owner, f=field, b=better: setattr(o, f, b)
                if isinstance(owner, (ast.Return, ast.Raise)) or field in ("optional_vars", "msg", "cause", "guard"):
                    yield lambda o=owner, f=field: setattr(o, f, None)
        if isinstance(owner, ast.ExceptHandler) and owner.name:
            yield lambda o=owner: setattr(o, "name", None)


def _instead(value: ast.expr) -> Iterator[ast.expr]:
    if not isinstance(getattr(value, "ctx", ast.Load()), ast.Load):
        return
    if isinstance(value, ast.Constant):
        if value.value not in (0, 1, None, True, False, ""):
            yield ast.Constant(1 if isinstance(value.value, int) else "")
        return
    if isinstance(value, (ast.List, ast.Dict, ast.Tuple)) and not ast.unparse(value)[1:-1].strip(" ,"):
        return
    yield ast.Constant(1)
    for part in ast.iter_child_nodes(value):
        if isinstance(part, ast.expr):
            yield part
        if isinstance(part, (ast.comprehension, ast.keyword)):
            yield part.iter if isinstance(part, ast.comprehension) else part.value
    if not isinstance(value, ast.Name):
        yield ast.List([], ast.Load())
    else:
        yield ast.Constant(True)
