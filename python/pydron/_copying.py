"""Copies of the user's nodes: variables of the template in place of what it lowered, and checks where they are needed.

A copy keeps its position, so positions in tracebacks are the user's.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any, Union

from ._nodes import call, children, either, is_free, load, number_of, placed, set_context, set_free, store, wait

Code = Union[int, str]  # number of a node, or name of a variable of ours


class Copier:
    """Copies nodes of one function."""

    def __init__(self, nodes: list[ast.AST], substitutions: dict[int, str]) -> None:
        self.nodes = nodes
        self.substitutions = substitutions  # what stands in for a node everywhere but where it is evaluated
        self.guards: dict[int, tuple[str, str]] = {}  # number of a node to how it is checked, and which attribute of it
        self.maybe_unbound: set[str] = set()  # variables that the op at hand may find without a value

    def code(self, code: Code, guarded: bool = True, ctx: ast.expr_context | None = None) -> ast.expr:
        """What a template names: a variable, or a copy of an expression."""
        if isinstance(code, str):
            return ast.Name(id=code, ctx=ctx or ast.Load())
        node: ast.expr = self.copy(self.nodes[code], guarded)
        if ctx is not None:
            set_context(node, ctx)
        return node

    def names(self, numbers: Iterable[int]) -> set[str]:
        """Variables that the expressions with these numbers are made of."""
        found: set[str] = set()
        seen: set[int] = set()
        todo: list[ast.AST] = [self.nodes[number] for number in numbers]
        while todo:
            node = todo.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            stands_in = self.substitutions.get(number_of(node))
            if stands_in is not None:
                found.add(stands_in)
            elif isinstance(node, ast.Name):
                found.add(node.id)
            else:
                todo += children(node)
        return found

    def copy(self, node: Any, guarded: bool, itself: bool = False) -> Any:
        """A deep copy with lowered nodes replaced and, in code that runs in place, type checks around operands."""
        if isinstance(node, list):
            return [self.copy(item, guarded) for item in node]
        if not isinstance(node, ast.AST):
            return node
        number = number_of(node)
        name = self.substitutions.get(number)
        if name is not None and not itself:
            made: ast.AST = ast.Name(id=name, ctx=getattr(node, "ctx", None) or ast.Load())
            ast.copy_location(made, node)
        else:
            inside = guarded and not isinstance(
                node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
            )
            made = type(node)(
                **{field: self.copy_field(node, field, value, inside) for field, value in ast.iter_fields(node)}
            )
            for attribute in node._attributes:
                if hasattr(node, attribute):
                    setattr(made, attribute, getattr(node, attribute))
            if isinstance(made, ast.Name) and isinstance(made.ctx, ast.Load) and made.id in self.maybe_unbound:
                set_free(made, is_free(node))
                made = placed(checked(made), made)
        guard = self.guards.get(number) if guarded else None
        if guard is not None and isinstance(made, ast.expr):
            return self.guard(made, *guard)
        return made

    def copy_field(self, node: ast.AST, field: str, value: Any, guarded: bool) -> Any:
        if field == "body" and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            # Names in there are of another scope.
            outside, self.maybe_unbound = self.maybe_unbound, set()
            made = self.copy(value, guarded)
            self.maybe_unbound = outside
            return made
        return self.copy(value, guarded)

    def guard(self, value: ast.expr, kind: str, attribute: str) -> ast.expr:
        """``value if safe(value) else (wait for everything earlier, then value)``"""
        plain_name = isinstance(value, ast.Name)
        held = value.id if isinstance(value, ast.Name) else "$w"
        first: ast.expr = load(held) if plain_name else ast.NamedExpr(target=store("$w"), value=value)
        if kind == "attribute":
            check: ast.expr = call("$safe_attribute", first, ast.Constant(value=attribute))
        elif kind == "within":
            check = call("$known_within", first, ast.Constant(value=attribute))
        elif kind == "method":
            check = call("$known", first, ast.Constant(value=attribute))
        else:
            is_atom = ast.Compare(left=call("$type", first), ops=[ast.In()], comparators=[load("$atoms")])
            check = either([is_atom, call("$safe" if kind == "shallow" else "$deep_safe", load(held))])
        # Where a wrong guess could make a difference later, all that is behind it happens in order.
        barrier = "$in_order" if kind == "method" and attribute.partition(" ")[0].endswith("+") else "$barrier"
        wait_for_all = ast.BoolOp(op=ast.And(), values=[call(barrier), wait(load("$ORDERED"))])
        late = ast.Subscript(
            value=ast.Tuple(elts=[load(held), wait_for_all], ctx=ast.Load()),
            slice=ast.Constant(value=0),
            ctx=ast.Load(),
        )
        return placed(ast.IfExp(test=check, body=load(held), orelse=late), value)


def checked(name: ast.Name) -> ast.expr:
    """The variable, or the error that it has no value."""
    return ast.IfExp(
        test=ast.Compare(left=load(name.id), ops=[ast.IsNot()], comparators=[load("$U")]),
        body=name,
        orelse=call("$unbound", ast.Constant(value=name.id), ast.Constant(value=is_free(name))),
    )
