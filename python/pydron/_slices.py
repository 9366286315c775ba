"""The slice of a pipeline that is followed ahead, made of what the scheduler says of it and the user's own nodes."""

from __future__ import annotations

import ast
from types import FunctionType
from typing import Any

from ._evaluate import Env, Evaluator, Scope, expression, several, variable
from ._expected import Expectations
from ._foresee import (
    Block,
    Blocks,
    CallOp,
    Code,
    Following,
    For,
    Forget,
    If,
    Leave,
    Look,
    Op,
    Settle,
    Steps,
    Target,
    While,
)
from ._known import ATOMS, binary
from ._known import callee as callee_of
from ._pending import TASK, WAITING, Pending, shallow
from ._spec import UNBOUND, Site


def _bound(base: Evaluator, name: str) -> Evaluator:
    return lambda env: callee_of(base(env), name)


class Slice:
    """What is followed of one function."""

    def __init__(
        self,
        forms: list[Any],
        nodes: list[Any],
        substitutions: dict[int, str],
        looks: dict[int, list[str]],
        sites: dict[str, Site],
        function: FunctionType,
    ) -> None:
        self._made = forms, nodes, sites
        self._scope = Scope(function, substitutions)
        self._places: dict[int, Op] | None = None
        self.variables = looks  # by position: what a look there is given, the iterators of loops (``$p…``) last
        self.given: dict[int, tuple[int, ...]] = {}  # by position: indices of variables that nothing followed assigns

    def calls(self, at: Following, position: int) -> Steps:
        """The calls that seem to come after a place, in order, for as long as they can be foreseen."""
        if self._places is None:
            self._places = {}
            self._block(self._made[0])
        op = self._places[position]
        block, index = op.block, op.index
        left = yield from block.follow(at, index + 1)
        while block.owner is not None:
            owner = block.owner
            left = yield from owner.resumed(at, block, left)
            block, index = owner.block, owner.index
            if left is None:
                left = yield from block.follow(at, index + 1)

    def following(self, position: int, values: tuple[Any, ...], expectations: Expectations) -> Following:
        """Where a walk begins: with what is there at a place."""
        env: Env = {}
        iterators: dict[int, Any] = {}
        at = Following(env, iterators)
        for name, value in zip(self.variables[position], values):
            if name.startswith("$p"):
                iterators[int(name[2:])] = value
                continue
            if type(value) is Pending:
                value = shallow(value, [])
                if type(value) is Pending and value.kind == TASK and value.state == WAITING:
                    value = expectations.of(value.n)
            if type(value) is not Pending and value is not UNBOUND:
                at.give(name, value)
        return at

    # ---- from forms to ops

    def _block(self, forms: list[Any]) -> Block:
        return Block([getattr(self, "_" + form[0])(*form[1:]) for form in forms])

    def _value(self, code: Any, itself: bool = False) -> Evaluator:
        if isinstance(code, str):
            return variable(code, self._scope)
        return expression(self._made[1][code], self._scope, itself)

    def _target(self, code: Any) -> Target:
        if not isinstance(code, str):
            code = self._made[1][code]
        return Target(code, self._scope)

    def _code(self, step: list[Any], names: list[str]) -> Op:
        kind = step[0]
        if kind == "bind":
            itself = not isinstance(step[2], str) and self._scope.substitutions.get(step[2]) == step[1]
            return Code(names, self._value(step[2], itself), [Target(step[1], self._scope)])
        if kind == "store":
            return Code(names, variable(step[2], self._scope), [self._target(step[1])])
        if kind == "flag":
            flag = bool(step[2])
            return Code(names, lambda env: flag, [Target(step[1], self._scope)])
        if kind == "update":
            return self._updated(names, step[1], getattr(ast, step[2]), self._value(step[3]))
        assert kind == "stmt"
        stmt = self._made[1][step[1]]
        if isinstance(stmt, ast.AugAssign):
            assert isinstance(stmt.target, ast.Name)
            return self._updated(names, stmt.target.id, type(stmt.op), expression(stmt.value, self._scope))
        targets = stmt.targets if isinstance(stmt, ast.Assign) else [stmt.target]
        return Code(names, expression(stmt.value, self._scope), [Target(each, self._scope) for each in targets])

    def _updated(self, names: list[str], name: str, kind: type[ast.operator], change: Evaluator) -> Op:
        old = variable(name, self._scope)

        def value(env: Env) -> Any:
            before = old(env)
            if type(before) not in ATOMS and type(before) is not tuple:
                raise TypeError  # It would be changed in place.
            return binary(kind, before, change(env))

        return Code(names, value, [Target(name, self._scope)])

    def _forget(self, names: list[str]) -> Op:
        return Forget(names)

    def _settle(self, names: list[str]) -> Op:
        return Settle(names)

    def _call(self, target: str, callee: Any, args: list[Any], keywords: list[Any], site: int) -> Op:
        node = None if isinstance(callee, str) else self._made[1][callee]
        if isinstance(node, ast.Attribute) and callee not in self._scope.substitutions:
            function = _bound(expression(node.value, self._scope), node.attr)
        else:
            function = self._value(callee)
        nodes = self._made[1]
        # A variable of ours as an argument is a name without a number.
        given = [ast.Name(id=arg, ctx=ast.Load()) if isinstance(arg, str) else nodes[arg] for arg in args]
        values = several(given, self._scope)
        named = [(name, self._value(value)) for name, value in keywords]
        if any(name is None for name, _ in named):
            return Forget([target])
        made = CallOp(target, function, values, named, self._made[2][f"$s{site}"])
        made.site.foreseen = made
        return made

    def _if(self, test: Any, body: list[Any], orelse: list[Any], assigned: list[str]) -> Op:
        return If(self._value(test), self._block(body), self._block(orelse), assigned)

    def _for(
        self,
        number: int,
        target: Any,
        iterable: Any,
        body: list[Any],
        orelse: list[Any],
        assigned: list[str],
        idle: int,
    ) -> Op:
        return For(
            number,
            self._target(target),
            self._value(iterable),
            self._block(body),
            self._block(orelse),
            assigned,
            bool(idle),
        )

    def _while(
        self, prepare: list[Any], test: Any, body: list[Any], orelse: list[Any], assigned: list[str], idle: int
    ) -> Op:
        return While(
            self._block(prepare), self._value(test), self._block(body), self._block(orelse), assigned, bool(idle)
        )

    def _blocks(self, in_order: list[Any], aside: list[Any]) -> Op:
        return Blocks([self._block(each) for each in in_order], [self._block(each) for each in aside])

    def _leave(self, how: str) -> Op:
        return Leave(how)

    def _look(self, position: int) -> Op:
        assert self._places is not None
        place = self._places[position] = Look()
        return place
