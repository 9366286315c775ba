"""Loops, and what leads out of them."""

from __future__ import annotations

import ast
from typing import Any

from ._copying import Code
from ._nodes import assign, at, call, call_region, load, not_, ordered, test
from ._ops import Ops

FREE, IF_CHANGED, ALWAYS = range(3)  # when a loop must wait before it asks for the next item
REPEATABLE, HARMLESS = 1, 2  # what is checked of that which it iterates over


class Loops(Ops):
    """Emits loops."""

    def op_for(
        self,
        target: Code,
        iterable: Code,
        needs: list[Any],
        check_of: int,
        body: list[Any],
        orelse: list[Any],
        order: int,
        followed: int,
        line: int,
    ) -> list[ast.stmt]:
        del line
        needs = [needs[0], [guard for guard in needs[1] if guard[0] != iterable], *needs[2:]]
        before = ([ordered()] if order == ALWAYS else []) + self.steps.prepared(needs)
        items = self.copier.code(iterable)
        into = self.copier.code(target, False, ast.Store())
        check = ""
        if order == ALWAYS:
            check = "ordered"
        elif order == IF_CHANGED or check_of:
            held, safe = self.fresh("it"), self.fresh("g")
            before += [assign(held, items)]
            items = load(held)
            if check_of:
                before += [
                    assign(safe, call("$safe" if check_of == REPEATABLE else "$harmless", load(held))),
                    ordered(not_(load(safe))),
                ]
                check = safe
            if order == IF_CHANGED:
                check = f"{check} {held}".strip()
        iterator = f"$p{followed}"
        if followed >= 0:
            before += [assign(iterator, call("$peekable", items))]
            items = load(iterator)
            self.followed.append(followed)
        label = self.enter_loop(check)
        inner = self.block(body) + self.again(check)
        if followed >= 0:
            self.followed.pop()
        marked, unwind = self.leave_loop(label)
        otherwise = self.block(orelse) if orelse else []
        loop = ast.For(
            target=into,
            iter=items,
            body=[*unwind, *inner],
            orelse=[*unwind, *otherwise] if otherwise else [],
            type_comment=None,
        )
        if isinstance(iterable, int):
            ast.copy_location(loop, self.copier.nodes[iterable])
        end = [assign(iterator, ast.Constant(value=None))] if followed >= 0 else []
        return [*before, *marked, loop, *unwind, *end]

    def op_while(
        self, prepare: list[Any], condition: Code, needs: list[Any], body: list[Any], orelse: list[Any], line: int
    ) -> list[ast.stmt]:
        first = self.block(prepare) if prepare else []
        first = first + at(self.steps.prepared(needs), line)
        tested = self.copier.code(condition)
        label = self.enter_loop("")
        inner = self.block(body)
        marked, unwind = self.leave_loop(label)
        first = [*unwind, *first]
        if not first:
            return [ast.While(test=tested, body=inner, orelse=self.block(orelse) if orelse else [])]
        ended = self.fresh("e")
        leave: list[ast.stmt] = [assign(ended, ast.Constant(value=True))] if orelse else []
        leave.append(ast.Break())
        loop = ast.While(
            test=ast.Constant(value=True),
            body=[*first, *at([test(not_(tested), leave)], line), *inner],
            orelse=[],
        )
        if not orelse:
            return [*marked, loop, *unwind]
        return [
            *marked,
            assign(ended, ast.Constant(value=False)),
            loop,
            *unwind,
            test(load(ended), self.block(orelse)),
        ]

    def op_break(self, line: int) -> list[ast.stmt]:
        del line
        return [*self.astray(1), *self.fences("loop"), ast.Break()]

    def op_continue(self, line: int) -> list[ast.stmt]:
        del line
        made = self.fences("loop")
        for kind, check in reversed(self.enclosing):
            if kind == "loop":
                made += self.again(check.partition(" ")[2])
                break
        return [*made, ast.Continue()]

    @staticmethod
    def again(check: str) -> list[ast.stmt]:
        """What must be so before a loop asks for its next item."""
        made: list[ast.stmt] = []
        for part in check.split():
            if part == "ordered":
                made.append(ordered())
            elif part.startswith("$it"):
                made.append(ordered(call_region("touched", load(part))))
            else:
                made.append(ordered(not_(load(part))))
        return made

    def enter_loop(self, check: str) -> str:
        """Notes that what follows is in a loop.

        ``check`` says what has to be waited for before each turn: "ordered" for everything earlier, a variable for
        everything earlier if that variable is false.
        """
        label = self.fresh("l")
        self.enclosing.append(("loop", f"{label} {check}"))
        return label

    def leave_loop(self, label: str) -> tuple[list[ast.stmt], list[ast.stmt]]:
        """What to do before the loop, and wherever ``break`` and ``continue`` lead to.

        Bodies of ``try`` may have been left whose marks are still there.
        """
        self.enclosing.pop()
        if label not in self.crossed:
            return [], []
        return [assign(label, call_region("marks"))], [ast.Expr(value=call_region("unwind", load(label)))]
