"""Makes Python generators of a graph template (docs/template.md).

Everything that comes from the user's function is made of copies of its own AST nodes, so positions in tracebacks are
the user's. Names that begin with ``$`` are ours; no Python source can spell them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from ._copying import Code, Copier
from ._loops import Loops
from ._nodes import (
    assign,
    at,
    call,
    either,
    has_type,
    load,
    not_,
    not_atom,
    number_of,
    ordered,
    pending,
    plain_parameters,
    store,
    test,
    tuple_of,
    unbound,
    wait,
)
from ._shells import Shells
from ._steps import Steps
from ._trying import Trying

_OF_METHODS = ("method", "within", "inside")


class Spec:
    """A region the emitted code can park: what the runtime's ``RegionSpec`` is made of."""

    def __init__(
        self,
        kind: str,
        ins: list[str],
        needs: list[int],
        outs: list[str],
        guard: list[int],
        methods: Iterable[str] = (),
    ):
        self.kind = kind
        self.ins = ins
        self.needs = needs
        self.outs = outs
        self.guard = guard
        self.methods = tuple(methods)  # guards of methods called in it
        self.function = ""  # name of the emitted function
        self.in_try = False  # a handler may need the earlier values of what it defines


class Emitter(Loops, Trying):
    """Emits the functions of one template."""

    def __init__(
        self,
        definition: ast.FunctionDef,
        nodes: list[ast.AST],
        template: list[Any],
        variables: Iterable[str] = (),
        captured: Iterable[str] = (),
    ):
        _, _, substitutions, without_value, self.body, ahead = template
        copier = Copier(nodes, dict(substitutions))
        super().__init__(copier, Steps(copier, set(without_value)))
        self.ahead = ahead
        self.shells = Shells(definition, variables)
        self.captured = frozenset(captured)  # variables that functions inside use
        self.functions: list[ast.FunctionDef] = []
        self.specs: dict[str, Spec] = {}
        self.sites: dict[str, ast.AST] = {}

    def main(self) -> ast.FunctionDef:
        """The pipeline's own generator function: its parameters are ``$r``, the region, and the original ones."""
        args = self.shells.parameters_only()
        if args.posonlyargs:
            args.posonlyargs.insert(0, ast.arg(arg="$r"))
        else:
            args.args.insert(0, ast.arg(arg="$r"))
        body: list[ast.stmt] = []
        global_names, nonlocal_names = self.shells.declared(ast.Global), self.shells.declared(ast.Nonlocal)
        if global_names:
            body.append(ast.Global(names=global_names))
        if nonlocal_names:
            body.append(ast.Nonlocal(names=nonlocal_names))
        taken = {*self.shells.parameters, *global_names, *nonlocal_names}
        body += unbound(sorted(self.steps.unbound - taken))
        for name in sorted(set(self.shells.parameters) & self.captured):
            # Functions inside see it.
            body.append(test(call("$needs", load(name)), [assign(name, wait(call("$deep", load(name))))]))
        body += self.block(self.body)
        return self.shells.function("$main", args, body, generator=True)

    # ---- ops

    def op_local(
        self, mode: str, needs: list[Any], step: list[Any], ins: list[str], outs: list[str], reason: Any, line: int
    ) -> list[ast.stmt]:
        del reason
        if mode == "inline":
            return self.steps.prepared(needs, step) + self.steps.step(step, True)
        if mode == "block":
            return [
                ordered(),
                *self.steps.waits(needs),
                *self.steps.checks_bound(needs, step),
                *self.steps.step(step, False),
            ]
        depth = {name: 2 if deep else 1 for name, deep in needs[0]}
        methods = [one for _, kind, detail in needs[1] if kind in _OF_METHODS for one in detail.split(";")]
        guard = self.checked(needs, ins, depth, mode)
        kind = "output" if mode == "ordered" else "local"
        body = self.steps.checks_bound(needs, step) + self.steps.step(step, False)
        if outs:
            body.append(ast.Return(value=tuple_of(outs)))
        guard = guard if kind == "local" else []
        spec = Spec(kind, ins, [depth.get(name, 0) for name in ins], outs, guard, methods)
        name = self.region(spec, self.shells.function("$f", plain_parameters(ins), at(body, line), False))
        fork = self.fork(name, ins, outs)
        early = self.checked_early(needs, ins)
        if early:
            strict = any(detail.partition(" ")[0].endswith("+") for detail in methods)
            told: list[ast.stmt] = [ast.Expr(value=call("$in_order"))] if strict else []
            fork = test(either(early), [*told, ordered(), *self.in_place(needs, step)], [fork])
        if mode == "ordered":
            return [fork]
        waiting = either([pending(variable, deep) for variable, deep in needs[0]])
        without_reads = [[], *needs[1:]]
        in_place = self.steps.prepared(without_reads, step) + self.steps.step(step, True)
        return [test(waiting, [fork], in_place)]

    def checked(self, needs: list[Any], ins: list[str], depth: dict[str, int], mode: str) -> list[int]:
        """Inputs of a parked op that have to be deeply harmless: those from which what a guard looks at is made.

        Not one more: looking through a list that grows with every iteration takes longer with every iteration.
        """
        guards, nested = needs[1], needs[2]
        if nested:
            return [i for i, name in enumerate(ins) if name in depth or mode == "park"]
        names = self.copier.names(number for number, _, _ in guards)
        return [i for i, name in enumerate(ins) if name in names]

    def checked_early(self, needs: list[Any], ins: list[str]) -> list[ast.expr]:
        """When code must not be set aside: an object whose method it calls is there, and not what was planned for.

        Objects that are not there yet are checked where the code runs.
        """
        conditions: list[ast.expr] = []
        for number, kind, detail in needs[1]:
            node = root = self.copier.nodes[number] if kind == "method" else None
            while isinstance(root, ast.Attribute) and number_of(root) not in self.copier.substitutions:
                root = root.value
            if root is None:
                continue
            name = self.copier.substitutions.get(number_of(root)) or (root.id if isinstance(root, ast.Name) else None)
            if name is None or (name in ins and node is not root):
                continue
            check: ast.expr = not_(call("$known", self.copier.copy(node, False), ast.Constant(value=detail)))
            if name in ins:
                check = ast.BoolOp(op=ast.And(), values=[not_(has_type(name, "$P")), check])
            conditions.append(check)
        return conditions

    def in_place(self, needs: list[Any], step: list[Any]) -> list[ast.stmt]:
        """The step, without any check of types: everything earlier is complete."""
        return [*self.steps.waits(needs), *self.steps.checks_bound(needs, step), *self.steps.step(step, False)]

    def op_region(
        self, ins: list[str], outs: list[str], atoms: list[str], body: list[Any], line: int
    ) -> list[ast.stmt]:
        enclosing, self.enclosing = self.enclosing, []
        self.in_regions += 1
        assigned = sorted(self.steps.unbound - set(ins))
        statements = unbound(assigned) + self.op(body)
        if outs:
            statements.append(ast.Return(value=tuple_of(outs)))
        self.enclosing = enclosing
        self.in_regions -= 1
        parameters = plain_parameters(["$r", *ins])
        spec = Spec("gen", ins, [0] * len(ins), outs, [])
        name = self.region(spec, self.shells.function("$f", parameters, at(statements, line), True))
        fork = self.fork(name, ins, outs)
        if not atoms:
            return [fork]
        seen = self.fresh("g")
        return [assign(seen, either([not_atom(name) for name in atoms])), fork, ordered(load(seen))]

    def op_call(
        self,
        target: str,
        kind: str,
        callee: Code,
        args: list[Code],
        keywords: list[Any],
        site: int,
        needs: list[Any],
        blocks: int,
        line: int,
    ) -> list[ast.stmt]:
        del kind, line
        before = self.steps.prepared([*needs[:5], 0])
        node = self.copier.nodes[site]
        site_name = f"$s{site}"
        self.sites[site_name] = node
        function = self.copier.code(callee)
        given = [self.copier.code(arg) for arg in args]
        named = [ast.keyword(arg=name, value=self.copier.code(value)) for name, value in keywords]
        if any(isinstance(arg, ast.Starred) for arg in given) or any(keyword.arg is None for keyword in named):
            # What cannot be unpacked is an error that names the function.
            packer = call("$packer", function)
            packed = ast.Call(func=packer, args=given, keywords=named)
            made = call("$call_packed", load(site_name), packed)
        else:
            made = ast.Call(func=load("$call"), args=[load(site_name), function, *given], keywords=named)
        stmt = assign(target, made)
        for part in (stmt, made, *made.args, *named, stmt.targets[0]):
            if hasattr(part, "lineno"):
                continue
            ast.copy_location(part, node)
        if not blocks:
            return [*before, stmt]
        return [ordered(), *before, stmt, test(has_type(target, "$P"), [assign(target, wait(load(target)))])]

    def op_look(self, position: int, ins: list[str], reads: list[Any], line: int) -> list[ast.stmt]:
        del line
        names = self.looks[position] = [*ins, *(f"$p{loop}" for loop in self.followed)]
        values = ast.Tuple(elts=[load(name) for name in names], ctx=ast.Load())
        look = ast.Expr(value=call("$look", load("$slice"), ast.Constant(value=position), values))
        return [test(either([pending(name, deep) for name, deep in reads]), [look])] if reads else [look]

    def op_if(self, condition: Code, needs: list[Any], body: list[Any], orelse: list[Any], line: int) -> list[ast.stmt]:
        del line
        before = self.steps.prepared(needs)
        made = test(self.copier.code(condition), self.block(body), self.block(orelse) if orelse else [])
        return [*before, made]

    def op_return(self, value: Code | None, needs: list[Any], line: int) -> list[ast.stmt]:
        del line
        before = self.steps.prepared(needs)
        fences = self.fences("function")
        if value is None:
            return [*before, *fences, ast.Return(value=None)]
        if not fences:
            return [*before, ast.Return(value=self.copier.code(value))]
        held = self.fresh("v")
        return [*before, assign(held, self.copier.code(value)), *fences, ast.Return(value=load(held))]

    # ---- regions

    def region(self, spec: Spec, function: ast.FunctionDef) -> str:
        """Takes a function in as that of a region; the answer is the name of its spec in the emitted code."""
        name = self.fresh("k")
        function.name = f"$f{name}"
        spec.function = function.name
        spec.in_try = self.tries > 0
        self.functions.append(function)
        self.specs[name] = spec
        return name

    def fork(self, spec: str, ins: list[str], outs: list[str]) -> ast.stmt:
        """Runs a region or parks it, and gives the variables it defines their values."""
        forked = call("$fork", load(spec), *[load(name) for name in ins])
        if not outs:
            return ast.Expr(value=forked)
        target: ast.expr = (
            store(outs[0]) if len(outs) == 1 else ast.Tuple(elts=[store(name) for name in outs], ctx=ast.Store())
        )
        return ast.Assign(targets=[target], value=forked, type_comment=None)
