"""Steps of a template, and what must be so before one of them runs in place."""

from __future__ import annotations

import ast
from typing import Any

from ._copying import Copier, checked
from ._nodes import (
    assign,
    call,
    call_method,
    either,
    forget,
    is_,
    is_free,
    load,
    not_,
    not_atom,
    ordered,
    pending,
    placed,
    set_context,
    set_free,
    store,
    test,
    tuple_of_expressions,
    wait,
    walk,
)

_OPERATORS = {
    name: getattr(ast, name)
    for name in (
        *("Add", "Sub", "Mult", "Div", "FloorDiv", "Mod", "Pow", "MatMult"),
        *("LShift", "RShift", "BitOr", "BitXor", "BitAnd"),
    )
}
_PLAIN = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Raise, ast.Assert, ast.FunctionDef)


class Steps:
    """Emits the steps of one template, and the waits and checks in front of them."""

    def __init__(self, copier: Copier, unbound: set[str]) -> None:
        self.copier = copier
        self.unbound = unbound  # variables that may cross an edge without a value: a mark stands for none

    def step(self, step: list[Any], guarded: bool) -> list[ast.stmt]:
        kind = step[0]
        if kind == "stmt":
            stmt = self.copier.nodes[step[1]]
            if isinstance(stmt, ast.Delete):
                return self.delete(stmt, guarded)
            if isinstance(stmt, _PLAIN):
                return [self.copier.copy(stmt, guarded)]
            return self.opaque(stmt)
        if kind == "bind":
            if step[1].startswith("$") and self.copier.substitutions.get(step[2]) == step[1]:
                # Only here the node stands for itself, everywhere else for this variable.
                node = self.copier.copy(self.copier.nodes[step[2]], guarded, True)
                set_context(node, ast.Load())
                return [assign(step[1], node)]
            return [assign(step[1], self.copier.code(step[2], guarded, ast.Load()))]
        if kind == "store":
            return [ast.Assign(targets=[self.copier.code(step[1], guarded, ast.Store())], value=load(step[2]))]
        if kind == "new":
            made: ast.expr
            if step[2] == "list":
                made = ast.List(elts=[], ctx=ast.Load())
            elif step[2] == "dict":
                made = ast.Dict(keys=[], values=[])
            else:
                made = call("$set")
            return [assign(step[1], made)]
        if kind == "collect":
            _, name, container, key, value = step
            item = self.copier.code(value, guarded)
            if container == "dict":
                place = ast.Subscript(value=load(name), slice=self.copier.code(key, guarded), ctx=ast.Store())
                return [ast.Assign(targets=[place], value=item)]
            method = ast.Attribute(value=load(name), attr="append" if container == "list" else "add", ctx=ast.Load())
            return [ast.Expr(value=ast.Call(func=method, args=[item], keywords=[]))]
        if kind == "update":
            added = self.copier.code(step[3], guarded)
            return [ast.AugAssign(target=store(step[1]), op=_OPERATORS[step[2]](), value=added)]
        if kind == "check":
            node = self.copier.nodes[step[1]]
            assert isinstance(node, ast.Name)
            name = load(self.copier.substitutions.get(step[1], node.id))
            set_free(name, is_free(node))
            return [ast.Expr(value=placed(checked(name), node))]
        if kind == "progress":
            return self.progress(*step[1:])
        if kind == "replay":
            return [assign(step[1], call("$Replay", load(step[2])))]
        return [assign(step[1], ast.Constant(value=bool(step[2])))]

    def progress(self, name: str, moment: str, bar: int | None) -> list[ast.stmt]:
        """The bar goes over an object of ours, which hands out items as the loop has taken them."""
        if bar is None:
            return [ast.Expr(value=call_method(name, moment))]
        made: ast.Call = self.copier.copy(self.copier.nodes[bar], False)
        items, made.args[0] = made.args[0], load(name)
        return [assign(name, call("$Progress", items)), ast.Expr(value=call_method(name, moment, made))]

    def opaque(self, stmt: ast.stmt) -> list[ast.stmt]:
        """A statement that runs as it is: there, variables without a value really have none."""
        names = sorted({node.id for node in walk(stmt) if isinstance(node, ast.Name)} & self.unbound)
        self.copier.maybe_unbound = set()
        body: list[ast.stmt] = [self.copier.copy(stmt, False)]
        if not names:
            return body
        marked: list[ast.stmt] = []
        for name in names:
            handler = ast.ExceptHandler(type=load("$NameError"), name=None, body=[assign(name, load("$U"))])
            look: list[ast.stmt] = [ast.Expr(value=load(name))]
            marked.append(ast.Try(body=look, handlers=[handler], orelse=[], finalbody=[]))
        return [*map(forget, names), ast.Try(body=body, handlers=[], orelse=[], finalbody=marked)]

    def delete(self, stmt: ast.Delete, guarded: bool) -> list[ast.stmt]:
        """A variable that may cross an edge unbound is marked instead of deleted."""
        made: list[ast.stmt] = []
        for target in stmt.targets:
            if isinstance(target, ast.Name) and target.id in self.unbound:
                made.append(assign(target.id, load("$U")))
            else:
                made.append(ast.copy_location(ast.Delete(targets=[self.copier.copy(target, guarded)]), stmt))
        return made

    # ---- what must be so before a step

    def prepared(self, needs: list[Any], step: list[Any] | None = None) -> list[ast.stmt]:
        """All that, and the guards for the copies that follow."""
        for number, kind, attribute in needs[1]:
            if kind != "inside":
                self.copier.guards[number] = (kind, attribute)
        before = [ordered()] if needs[5] else []
        return [*before, *self.waits(needs), *self.checks_bound(needs, step), *self.checks_types(needs)]

    def waits(self, needs: list[Any]) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for name, deep in needs[0]:
            value = call("$deep", load(name)) if deep else load(name)
            made.append(test(pending(name, deep), [assign(name, wait(value))]))
        return made

    def checks_bound(self, needs: list[Any], step: list[Any] | None = None) -> list[ast.stmt]:
        """Reading a variable without a value is an error, at the place in the expression where it is read."""
        self.copier.maybe_unbound = {name for name in needs[4] if name in self.unbound and not name.startswith("$")}
        stmt = self.copier.nodes[step[1]] if step is not None and step[0] == "stmt" else None
        # These read the variable before anything else.
        targets: list[ast.expr] = []
        if isinstance(stmt, ast.AugAssign):
            targets = [stmt.target]
        elif isinstance(stmt, ast.Delete):
            targets = stmt.targets
        return [
            test(is_(each.id, "$U"), [ast.Expr(value=call("$unbound", ast.Constant(value=each.id)))])
            for each in targets
            if isinstance(each, ast.Name) and each.id in self.copier.maybe_unbound
        ]

    def checks_types(self, needs: list[Any]) -> list[ast.stmt]:
        conditions: list[ast.expr] = [not_(call("$deep_safe", load(name))) for name in needs[2]]
        details = [ast.Constant(value=attribute) for _, kind, attribute in needs[1] if kind == "inside"]
        if details:
            conditions += [not_(call("$known_inside", load(name), tuple_of_expressions(details))) for name in needs[2]]
        conditions += [not_atom(name) for name in needs[3]]
        return [ordered(either(conditions))] if conditions else []
