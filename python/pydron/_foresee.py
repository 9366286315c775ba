"""Follows a pipeline ahead of its turn, to see which functional calls come next (docs/template.md, "Looking ahead").

With variables of its own, from the values that are there. What cannot be evaluated without an effect is not known, and
so is what depends on it.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Generator, Iterable, Iterator
from typing import Any, Optional

from ._evaluate import Env, Evaluator, Scope
from ._expected import Expected
from ._known import clone, items_of, may_be_held, truth
from ._nodes import number_of
from ._spec import Site

BREAK, CONTINUE, STOP = "break", "continue", "stop"
Exit = Optional[str]
#: Asked with what the call that was met last is expected to come to, or None.
Steps = Generator["Foreseen", Optional[Expected], None]

#: Operations that may be followed in one go without coming to a call.
_PATIENCE = 2000


class TooFar(Exception):
    """There may be a call, but not soon."""


class Foreseen:
    """A call that seems to come."""

    __slots__ = ("args", "call", "function", "kwargs")

    def __init__(self, call: CallOp, function: Any, args: list[Any], kwargs: dict[str, Any]) -> None:
        self.call = call
        self.function = function
        self.args = args
        self.kwargs = kwargs


class Following:
    """One walk along the slice: its variables, and how long it has gone on without meeting a call."""

    __slots__ = ("env", "iterators", "met", "patience")

    def __init__(self, env: Env, iterators: dict[int, Any]) -> None:
        self.env = env
        self.iterators = iterators
        self.patience = _PATIENCE
        self.met = 0  # calls

    def meet(self) -> None:
        self.met += 1
        self.patience = _PATIENCE

    def step(self) -> None:
        self.patience -= 1
        if self.patience < 0:
            raise TooFar

    def forget(self, names: Iterable[str]) -> None:
        for name in names:
            self.env.pop(name, None)

    def give(self, name: str, value: Any) -> None:
        if may_be_held(value):
            self.env[name] = value
        else:
            self.env.pop(name, None)


class Op:
    """Something to follow. `then` does it, and yields the calls met; its value says how it is left."""

    block: Block
    index: int

    def then(self, at: Following) -> Any:
        raise NotImplementedError

    def resumed(self, at: Following, block: Block, left: Exit) -> Any:
        """The rest of the op, after a block inside it that was left like that."""
        del at, block
        return left
        yield


class Block:
    __slots__ = ("index", "ops", "owner")

    def __init__(self, ops: list[Op]) -> None:
        self.ops = ops
        self.owner: Op | None = None
        self.index = 0
        for index, op in enumerate(ops):
            op.block = self
            op.index = index

    def owned(self, owner: Op, index: int = 0) -> Block:
        self.owner = owner
        self.index = index
        return self

    def follow(self, at: Following, start: int = 0) -> Any:
        for op in self.ops[start:]:
            at.step()
            left = yield from op.then(at)
            if left is not None:
                return left
        return None


class Code(Op):
    def __init__(self, names: list[str], value: Evaluator | None, targets: list[Target]) -> None:
        self.names = names
        self.value = value
        self.targets = targets

    def then(self, at: Following) -> Any:
        try:
            assert self.value is not None
            value = self.value(at.env)
            for target in self.targets:
                target.assign(at, value)
        except Exception:
            at.forget(self.names)
        return None
        yield


class Target:
    """A name, or names to which the items of a value are given; other places do not matter here."""

    def __init__(self, node: Any, scope: Scope) -> None:
        self.name: str | None = None
        self.parts: list[Target] | None = None
        self.starred = -1
        lowered = node if isinstance(node, str) else scope.substitutions.get(number_of(node))
        if lowered is not None:
            self.name = lowered
        elif isinstance(node, ast.Name):
            self.name = node.id
        elif isinstance(node, (ast.Tuple, ast.List)):
            self.parts = []
            for index, part in enumerate(node.elts):
                if isinstance(part, ast.Starred):
                    self.starred, part = index, part.value
                self.parts.append(Target(part, scope))

    def assign(self, at: Following, value: Any) -> None:
        if self.name is not None:
            at.give(self.name, value)
        elif self.parts is not None:
            items = list(value) if type(value) in (tuple, list) else list(items_of(value))
            rest = len(items) - len(self.parts)
            if self.starred >= 0:
                end = self.starred + rest + 1
                items[self.starred : end] = [items[self.starred : end]]
            if len(items) != len(self.parts):
                raise ValueError
            for part, item in zip(self.parts, items):
                part.assign(at, item)


class Forget(Op):
    def __init__(self, names: list[str]) -> None:
        self.names = names

    def then(self, at: Following) -> Any:
        at.forget(self.names)
        return None
        yield


class Settle(Op):
    """The pipeline waits for results: a later call has their values for arguments, and nobody knows these yet."""

    def __init__(self, names: list[str]) -> None:
        self.names = names

    def then(self, at: Following) -> Any:
        for name in self.names:
            if type(at.env.get(name)) is Expected:
                del at.env[name]
        return None
        yield


class CallOp(Op):
    """A functional call, and how well it was foreseen so far."""

    def __init__(self, target: str, callee: Evaluator, args: Any, keywords: list[Any], site: Site) -> None:
        self.target = target
        self.callee = callee
        self.args = args
        self.keywords = keywords
        self.site = site
        self.right = 0
        self.wrong = 0
        self.refused = 0
        self.missed = 0
        self.outstanding = 0

    def is_given_up(self) -> bool:
        """More often wrong than right, or never possible: not worth the trouble."""
        return self.refused >= 8 or (self.wrong >= 8 and self.right < self.wrong)

    def then(self, at: Following) -> Any:
        foreseen = None
        try:
            if not self.is_given_up():
                kwargs: dict[str, Any] = {name: value(at.env) for name, value in self.keywords}
                foreseen = Foreseen(self, self.callee(at.env), self.args(at.env), kwargs)
        except Exception:
            pass
        if foreseen is not None:
            at.meet()
            result = yield foreseen
            if result is not None:
                at.env[self.target] = result
                return None
        at.forget((self.target,))
        return None


class If(Op):
    def __init__(self, test: Evaluator, body: Block, orelse: Block, assigned: list[str]) -> None:
        self.test = test
        self.body = body.owned(self)
        self.orelse = orelse.owned(self, 1)
        self.assigned = assigned

    def then(self, at: Following) -> Any:
        try:
            block = self.body if truth(self.test(at.env)) else self.orelse
        except Exception:
            # Whichever way it goes: what the pipeline would leave by, it probably does not.
            yield from self.body.follow(at)
            yield from self.orelse.follow(at)
            at.forget(self.assigned)
            return None
        left = yield from block.follow(at)
        return left


class Loop(Op):
    assigned: list[str]
    body: Block
    orelse: Block
    idle: bool

    def passed_over(self, at: Following) -> Any:
        at.forget(self.assigned)
        left = yield from self.orelse.follow(at)
        return left


class For(Loop):
    def __init__(
        self,
        number: int,
        target: Target,
        iterable: Evaluator,
        body: Block,
        orelse: Block,
        assigned: list[str],
        idle: bool,
    ) -> None:
        self.number = number
        self.target = target
        self.iterable = iterable
        self.body = body.owned(self)
        self.orelse = orelse.owned(self, 1)
        self.assigned = assigned
        self.idle = idle

    def then(self, at: Following) -> Any:
        items = None
        if not self.idle:
            with contextlib.suppress(Exception):
                items = items_of(self.iterable(at.env))
        left = yield from self.turns(at, items)
        return left

    def turns(self, at: Following, items: Iterator[Any] | None) -> Any:
        if items is None:
            left = yield from self.passed_over(at)
            return left
        for item in items:
            at.step()
            try:
                self.target.assign(at, item)
            except Exception:
                at.forget(self.assigned)
            left = yield from self.body.follow(at)
            if left == STOP:
                return STOP
            if left == BREAK:
                return None
        left = yield from self.orelse.follow(at)
        return left

    def resumed(self, at: Following, block: Block, left: Exit) -> Any:
        if block is self.orelse or left == STOP:
            return left
        if left == BREAK:
            return None
        items = None
        if not self.idle:
            with contextlib.suppress(Exception):
                items = clone(at.iterators[self.number])
        left = yield from self.turns(at, items)
        return left


class While(Loop):
    def __init__(
        self, prepare: Block, test: Evaluator, body: Block, orelse: Block, assigned: list[str], idle: bool
    ) -> None:
        self.prepare = prepare.owned(self)
        self.test = test
        self.body = body.owned(self, 1)
        self.orelse = orelse.owned(self, 2)
        self.assigned = assigned
        self.idle = idle

    def then(self, at: Following) -> Any:
        left = yield from self.turns(at, prepared=False)
        return left

    def turns(self, at: Following, prepared: bool) -> Any:
        if self.idle:
            left = yield from self.passed_over(at)
            return left
        while True:
            at.step()
            if not prepared:
                yield from self.prepare.follow(at)
            prepared = False
            met = at.met
            try:
                known = True
                if not truth(self.test(at.env)):
                    left = yield from self.orelse.follow(at)
                    return left
            except Exception:
                known = False
            left = yield from self.body.follow(at)
            if left == STOP:
                return STOP
            if left == BREAK:
                return None
            if not known and at.met == met:
                # No call met on a turn that may not even come.
                left = yield from self.passed_over(at)
                return left

    def resumed(self, at: Following, block: Block, left: Exit) -> Any:
        if block is self.orelse or left == STOP:
            return left
        if left == BREAK:
            return None
        left = yield from self.turns(at, prepared=block is self.prepare)
        return left


class Blocks(Op):
    def __init__(self, in_order: list[Block], aside: list[Block]) -> None:
        self.in_order = [block.owned(self, index) for index, block in enumerate(in_order)]
        for block in aside:
            block.owned(self, len(in_order))

    def then(self, at: Following) -> Any:
        left = yield from self.rest(at, 0)
        return left

    def rest(self, at: Following, start: int) -> Any:
        for block in self.in_order[start:]:
            left = yield from block.follow(at)
            if left is not None:
                return left
        return None

    def resumed(self, at: Following, block: Block, left: Exit) -> Any:
        if left is None:
            left = yield from self.rest(at, block.index + 1)
        return left


class Leave(Op):
    def __init__(self, how: str) -> None:
        self.how = how

    def then(self, at: Following) -> Any:
        return self.how
        yield


class Look(Op):
    def then(self, at: Following) -> Any:
        return None
        yield
