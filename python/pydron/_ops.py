"""What the ops of a template have in common: blocks of them, names of ours, and the ways out of what is around."""

from __future__ import annotations

import ast
from typing import Any

from ._copying import Copier
from ._nodes import at, call, call_region, load, ordered, wait
from ._steps import Steps


class Ops:
    """Emits ops: for each kind there is a method ``op_<kind>`` that takes what the template says about it."""

    def __init__(self, copier: Copier, steps: Steps) -> None:
        self.copier = copier
        self.steps = steps
        self.count = 0
        self.tries = 0
        # Around the current op: ("loop", check), ("try", marker), and ("final", marker) where code runs when it is
        # left.
        self.enclosing: list[tuple[str, str]] = []
        self.in_regions = 0
        self.ahead: list[Any] = []  # what is followed ahead
        self.looks: dict[int, list[str]] = {}  # by position, the variables that a look there takes
        self.followed: list[int] = []  # loops around the current op whose iterators such a look takes
        self.crossed: set[str] = set()  # markers and loops that something leaves through code that runs on the way

    def fresh(self, prefix: str) -> str:
        self.count += 1
        return f"${prefix}{self.count}"

    def block(self, ops: list[Any]) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for op in ops:
            made += self.op(op)
        return made or [ast.Pass()]

    def op(self, op: list[Any]) -> list[ast.stmt]:
        method = getattr(self, "op_" + op[0])
        made: list[ast.stmt] = method(*op[1:])
        return at(made, op[-1])

    def astray(self, loops: int) -> list[ast.stmt]:
        """Something is left early: what was foreseen does not come, or not now if there are more loops around."""
        if not self.ahead or self.in_regions:
            return []
        for_good = sum(kind == "loop" for kind, _ in self.enclosing) <= loops
        return [ast.Expr(value=call_region("astray", ast.Constant(value=for_good)))]

    def fences(self, until: str) -> list[ast.stmt]:
        """Bodies of ``try`` that are left must have succeeded: innermost first, up to the loop or the function.

        Where code runs on the way out, it belongs to the bodies further out: these are not over yet.
        """
        left: list[tuple[str, str]] = []
        for kind, name in reversed(self.enclosing):
            if kind == until:
                if any(each == "final" for each, _ in left):
                    self.crossed.add(name.split()[0])
                break
            left.append((kind, name))
        if any(kind == "final" for kind, _ in left):
            self.crossed.update(name for kind, name in left if kind == "final")
            return [ordered()]
        return [ast.Expr(value=wait(call("$fence", load(name)))) for kind, name in left if kind == "try"]
