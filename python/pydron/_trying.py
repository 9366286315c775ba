"""``try``, ``finally`` and ``with``: failures surface at the end of the body that they happened in."""

from __future__ import annotations

import ast
from typing import Any

from ._copying import Code
from ._nodes import (
    assign,
    at,
    call,
    call_region,
    has_type,
    is_set,
    load,
    locate,
    not_,
    ordered,
    placed,
    region,
    test,
    wait,
)
from ._ops import Ops


class Trying(Ops):
    """Emits statements that are left by way of something."""

    def op_try(
        self, body: list[Any], handlers: list[Any], orelse: list[Any], rollback: list[str], plain: int, line: int
    ) -> list[ast.stmt]:
        otherwise = self.block(orelse) if orelse else []
        if plain:
            return [
                ast.Try(
                    body=at(self.block(body), line),
                    handlers=self.handlers(handlers, rollback, plain),
                    orelse=otherwise,
                    finalbody=[],
                )
            ]
        error, _, inner = self.guarded_body(body, "try")
        handled = ast.Try(
            body=at(self.surface(error), line),
            handlers=self.handlers(handlers, rollback, plain),
            orelse=[],
            finalbody=[],
        )
        return [*inner, test(is_set(error), [handled], otherwise)]

    def op_finally(
        self, body: list[Any], final: list[Any], rollback: list[str], plain: int, line: int
    ) -> list[ast.stmt]:
        if plain:
            return [ast.Try(body=self.block(body), handlers=[], orelse=[], finalbody=self.block(final))]
        error, marker, inner = self.guarded_body(body, "final")
        inner.append(test(is_set(error), self.surface(error)))
        alive = not_(region("dead"))
        cleaned = ast.Expr(value=call_region("clean_tb"))
        last = [ordered()] if marker in self.crossed else []
        finish = test(alive, at([cleaned, *self.restored(rollback), *self.block(final), *last], line))
        return [ast.Try(body=at(inner, line), handlers=[], orelse=[], finalbody=at([finish], line))]

    def op_with(
        self, context: Code, target: Code | None, needs: list[Any], body: list[Any], rollback: list[str], line: int
    ) -> list[ast.stmt]:
        before = [ordered(), *self.steps.waits(needs), *self.steps.checks_bound(needs)]
        item = ast.withitem(
            context_expr=placed(call("$managed", self.copier.code(context, False)), self.place(context)),
            optional_vars=None if target is None else self.copier.code(target, False, ast.Store()),
        )
        error, _, inner = self.guarded_body(body, "final")
        inner.append(test(is_set(error), self.surface(error)))
        # Leaving the context may have swallowed a failure.
        return [
            *before,
            ast.With(items=[item], body=at(inner, line), type_comment=None),
            *self.restored(rollback),
        ]

    def place(self, code: Code) -> ast.AST:
        """The node that code stands where."""
        return self.copier.nodes[code] if isinstance(code, int) else ast.Pass()

    def guarded_body(self, body: list[Any], kind: str) -> tuple[str, str, list[ast.stmt]]:
        """A body whose failure is the first one in program order, with the variables of that failure and of its mark.

        A failure that belongs to a ``try`` further out is raised again by ``settle``, and nothing of the user's between
        here and there may run: ``$r.dead`` is true so long.
        """
        marker, error, held = self.fresh("m"), self.fresh("x"), self.fresh("y")
        self.enclosing.append((kind, marker))
        self.tries += 1
        inner = self.block(body)
        self.tries -= 1
        self.enclosing.pop()
        inner = [*inner, ast.Expr(value=wait(call("$fence", load(marker))))]
        discarded = ast.ExceptHandler(type=load("$Discarded"), name=None, body=[ast.Raise(exc=None, cause=None)])
        raised = ast.ExceptHandler(type=load("$BaseException"), name=held, body=[assign(error, load(held))])
        settled = assign(error, call("$arrived", wait(call("$settle", load(marker), load(error)))))
        return (
            error,
            marker,
            [
                assign(error, ast.Constant(value=None)),
                assign(marker, call("$mark")),
                ast.Try(body=inner, handlers=[discarded, raised], orelse=[], finalbody=[]),
                test(is_set(error), [settled]),
            ],
        )

    def surface(self, error: str) -> list[ast.stmt]:
        """Raises the failure of a body, and forgets it: a frame that keeps its exception is a reference cycle."""
        forget: list[ast.stmt] = [assign(error, ast.Constant(value=None))]
        raising: list[ast.stmt] = [ast.Expr(value=call("$surface", load(error)))]
        return [ast.Try(body=raising, handlers=[], orelse=[], finalbody=forget)]

    def handlers(self, handlers: list[Any], rollback: list[str], plain: int) -> list[ast.ExceptHandler]:
        """Handlers see variables as they were when the exception was raised."""
        undone = [] if plain else rollback
        return [self.handler(cls, name, ops, undone, plain, line) for cls, name, ops, line in handlers]

    def handler(
        self, cls: Code | None, name: str | None, ops: list[Any], rollback: list[str], plain: int, line: int
    ) -> ast.ExceptHandler:
        body: list[ast.stmt] = []
        if not plain:
            body.append(ast.Expr(value=call_region("clean_tb")))
        body += self.astray(0)
        body += self.restored(rollback)
        body += self.block(ops)
        if name is not None and name in self.steps.unbound:
            # Python deletes the name at the end; here it is marked as unbound.
            held = self.fresh("h")
            body = [
                assign(name, load(held)),
                ast.Try(body=body, handlers=[], orelse=[], finalbody=[assign(name, load("$U"))]),
            ]
            name = held
        made = ast.ExceptHandler(
            type=None if cls is None else self.copier.code(cls, False), name=name, body=at(body, line)
        )
        made.lineno, made.col_offset, made.end_lineno, made.end_col_offset = line, 0, line, 0
        locate(made, line)
        return made

    def restored(self, rollback: list[str]) -> list[ast.stmt]:
        """Variables that something which never happened was to change go back to what they were."""
        return [test(has_type(name, "$P"), [assign(name, call_region("rollback", load(name)))]) for name in rollback]
