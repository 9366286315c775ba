"""Small pieces of emitted code, the idioms that the runtime understands among them.

They have no positions yet: ``placed`` and ``at`` give them those of the user's code that they stand for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

# What is known of a node of the user's is kept in the node: copying the tree copies it too.
_NUMBER = "_pydron"
_FREE = "_pydron_free"


def set_number(node: ast.AST, number: int) -> None:
    setattr(node, _NUMBER, number)


def number_of(node: ast.AST) -> int:
    """The number of a node in the template, -1 for what has none."""
    number: int = getattr(node, _NUMBER, -1)
    return number


def set_free(name: ast.AST, free: bool = True) -> None:
    setattr(name, _FREE, free)


def is_free(name: ast.AST) -> bool:
    """Is the name, where it stands, a variable of a scope further out?"""
    free: bool = getattr(name, _FREE, False)
    return free


def children(node: ast.AST) -> list[ast.AST]:
    """As `ast.iter_child_nodes`, in a third of the time: a pipeline's first call looks at each node a dozen times."""
    found: list[ast.AST] = []
    values = node.__dict__
    for field in node._fields:
        value = values.get(field)
        if isinstance(value, list):
            found += [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def walk(*trees: ast.AST) -> list[ast.AST]:
    """All nodes of the trees, those that contain others first."""
    found = list(trees)
    for node in found:  # which grows meanwhile
        found += children(node)
    return found


def definition_copy(node: ast.FunctionDef) -> ast.FunctionDef:
    """A copy of a definition that may be numbered and taken apart."""
    made: ast.FunctionDef = _WithoutEmpty().visit(_copied(node))
    return made


def _copied(value: Any) -> Any:
    if isinstance(value, list):
        return [_copied(item) for item in value]
    if not isinstance(value, ast.AST) or not value.__dict__:
        return value  # a constant, or an operator: those are shared between all trees
    made = value.__class__.__new__(value.__class__)
    made.__dict__.update({name: _copied(part) for name, part in value.__dict__.items()})
    return made


class _WithoutEmpty(ast.NodeTransformer):
    """`(x): int` says nothing at all, not even that `x` is a variable of the function."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if isinstance(node.target, ast.Name) and not node.simple and node.value is None:
            return ast.copy_location(ast.Pass(), node)
        return node


def load(name: str) -> ast.Name:
    return ast.Name(id=name, ctx=ast.Load())


def store(name: str) -> ast.Name:
    return ast.Name(id=name, ctx=ast.Store())


def call(function: str, *args: ast.expr) -> ast.Call:
    return ast.Call(func=load(function), args=list(args), keywords=[])


def call_method(variable: str, method: str, *args: ast.expr) -> ast.Call:
    return ast.Call(func=ast.Attribute(value=load(variable), attr=method, ctx=ast.Load()), args=list(args), keywords=[])


def tuple_of_expressions(parts: Iterable[ast.expr]) -> ast.Tuple:
    return ast.Tuple(elts=list(parts), ctx=ast.Load())


def assign(name: str, value: ast.expr) -> ast.Assign:
    return ast.Assign(targets=[store(name)], value=value, type_comment=None)


def test(condition: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt] | None = None) -> ast.If:
    return ast.If(test=condition, body=body or [ast.Pass()], orelse=orelse or [])


def is_(name: str, constant: str) -> ast.Compare:
    return ast.Compare(left=load(name), ops=[ast.Is()], comparators=[load(constant)])


def has_type(name: str, cls: str) -> ast.Compare:
    return ast.Compare(left=call("$type", load(name)), ops=[ast.Is()], comparators=[load(cls)])


def is_set(name: str) -> ast.expr:
    return ast.Compare(left=load(name), ops=[ast.IsNot()], comparators=[ast.Constant(value=None)])


def either(conditions: list[ast.expr]) -> ast.expr:
    if len(conditions) == 1:
        return conditions[0]
    return ast.BoolOp(op=ast.Or(), values=conditions)


def not_(condition: ast.expr) -> ast.expr:
    return ast.UnaryOp(op=ast.Not(), operand=condition)


def not_atom(name: str) -> ast.expr:
    """Is what the variable holds, or is to hold, perhaps an object that can be changed?"""
    return ast.Compare(left=call("$type", load(name)), ops=[ast.NotIn()], comparators=[load("$atoms")])


def wait(value: ast.expr) -> ast.Yield:
    return ast.Yield(value=value)


def region(attribute: str) -> ast.expr:
    """An attribute of the region that runs the code."""
    return ast.Attribute(value=load("$r"), attr=attribute, ctx=ast.Load())


def call_region(method: str, *args: ast.expr) -> ast.Call:
    return ast.Call(func=region(method), args=list(args), keywords=[])


def ordered(condition: ast.expr | None = None) -> ast.stmt:
    """Waits until everything earlier is complete; with a condition, only if it holds."""
    outstanding = call("$barrier")
    needed = ast.BoolOp(op=ast.And(), values=[condition, outstanding]) if condition is not None else outstanding
    return test(needed, [ast.Expr(value=wait(load("$ORDERED")))])


def pending(name: str, deep: int) -> ast.expr:
    """Does the variable have to be waited for?"""
    return call("$needs", load(name)) if deep else has_type(name, "$P")


def unbound(names: Iterable[str]) -> list[ast.stmt]:
    """Marks variables as such that have no value."""
    return [assign(name, load("$U")) for name in names]


def forget(name: str) -> ast.stmt:
    """Makes a variable that is marked as having no value really have none."""
    return test(is_(name, "$U"), [ast.Delete(targets=[ast.Name(id=name, ctx=ast.Del())])])


def plain_parameters(names: list[str]) -> ast.arguments:
    return ast.arguments(
        posonlyargs=[],
        args=[ast.arg(arg=name) for name in names],
        vararg=None,
        kwonlyargs=[],
        kw_defaults=[],
        kwarg=None,
        defaults=[],
    )


def tuple_of(names: list[str]) -> ast.expr:
    if len(names) == 1:
        return load(names[0])
    return ast.Tuple(elts=[load(name) for name in names], ctx=ast.Load())


def set_context(node: ast.AST, ctx: ast.expr_context) -> None:
    if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript, ast.Starred, ast.List, ast.Tuple)):
        node.ctx = ctx
    if isinstance(node, ast.Starred):
        set_context(node.value, ctx)
    if isinstance(node, (ast.List, ast.Tuple)):
        for element in node.elts:
            set_context(element, ctx)


def placed(made: ast.expr, original: ast.AST) -> ast.expr:
    """Gives what stands in for an expression its position. Parts that have one are the user's, whole."""
    todo: list[ast.AST] = [made]
    while todo:
        part = todo.pop()
        if "lineno" in part._attributes:
            if getattr(part, "lineno", None) is not None:
                continue
            ast.copy_location(part, original)
        todo += children(part)
    return made


def _line(node: Any, line: int) -> int:
    """The line of a node, which becomes the given one if it has none."""
    known: int | None = getattr(node, "lineno", None)
    if known is not None:
        return known
    node.lineno, node.col_offset = line, 0
    node.end_lineno, node.end_col_offset = line, 0
    return line


def locate(tree: ast.AST, line: int) -> None:
    """Gives nodes of ours the position of what they stand for."""
    for node in children(tree):
        if "lineno" in node._attributes:
            locate(node, _line(node, line))
        else:
            locate(node, line)


def at(statements: list[ast.stmt], line: int) -> list[ast.stmt]:
    """Gives statements of ours, and what is in them, the line of the op that they are made for."""
    for stmt in statements:
        locate(stmt, _line(stmt, line))
    return statements
