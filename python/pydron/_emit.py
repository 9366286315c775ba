"""Makes Python generators of a graph template (docs/template.md).

Everything that comes from the user's function is made of copies of its own AST nodes, so positions in tracebacks are the
user's. Names that begin with ``$`` are ours; no Python source can spell them.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable
from typing import Any

Code = Any  # number of a node, or name of a variable of ours
NEEDS = {"carry": 0, "shallow": 1, "deep": 2}

_OPERATORS = {
    name: getattr(ast, name)
    for name in (
        ["Add", "Sub", "Mult", "Div", "FloorDiv", "Mod", "Pow", "MatMult", "LShift", "RShift", "BitOr", "BitXor", "BitAnd"]
    )
}


FREE, IF_CHANGED, ALWAYS = range(3)  # when a loop must wait before it asks for the next item
_PLAIN = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Raise, ast.Assert, ast.FunctionDef)


def _reads(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Load)


class Spec:
    """A region the emitted code can park: what the runtime's ``RegionSpec`` is made of."""

    def __init__(self, kind: str, ins: list[str], needs: list[int], outs: list[str], guard: list[int], line: int):
        self.kind = kind
        self.ins = ins
        self.needs = needs
        self.outs = outs
        self.guard = guard
        self.line = line
        self.function = ""  # name of the emitted function
        self.in_try = False  # a handler may need the earlier values of what it defines


def load(name: str) -> ast.Name:
    return ast.Name(id=name, ctx=ast.Load())


def store(name: str) -> ast.Name:
    return ast.Name(id=name, ctx=ast.Store())


def call(function: str, *args: ast.expr) -> ast.Call:
    return ast.Call(func=load(function), args=list(args), keywords=[])


def assign(name: str, value: ast.expr) -> ast.Assign:
    return ast.Assign(targets=[store(name)], value=value, type_comment=None)


def test(condition: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt] | None = None) -> ast.If:
    return ast.If(test=condition, body=body or [ast.Pass()], orelse=orelse or [])


def is_(name: str, constant: str) -> ast.Compare:
    return ast.Compare(left=load(name), ops=[ast.Is()], comparators=[load(constant)])


def has_type(name: str, cls: str) -> ast.Compare:
    return ast.Compare(left=call("$type", load(name)), ops=[ast.Is()], comparators=[load(cls)])


def either(conditions: list[ast.expr], operator: ast.boolop | None = None) -> ast.expr:
    if len(conditions) == 1:
        return conditions[0]
    return ast.BoolOp(op=operator or ast.Or(), values=conditions)


def not_(condition: ast.expr) -> ast.expr:
    return ast.UnaryOp(op=ast.Not(), operand=condition)


def wait(value: ast.expr) -> ast.Yield:
    return ast.Yield(value=value)


class Emitter:
    """Emits the functions of one template."""

    def __init__(
        self,
        definition: ast.FunctionDef,
        nodes: list[ast.AST],
        template: list[Any],
        variables: Iterable[str] = (),
        captured: Iterable[str] = (),
    ):
        self.captured = frozenset(captured)  # variables that functions inside use
        self.variables = frozenset(variables)  # of the function, whatever becomes of their assignments
        self.definition = definition
        self.nodes = nodes
        _, _, substitutions, unbound, self.body = template
        self.substitutions = {number: name for number, name in substitutions}
        self.unbound = set(unbound)
        self.guards: dict[int, tuple[str, str]] = {}
        self.functions: list[ast.FunctionDef] = []
        self.specs: dict[str, Spec] = {}
        self.sites: dict[str, ast.AST] = {}
        self.count = 0
        self.tries = 0
        self.maybe_unbound: set[str] = set()  # of the op at hand
        # Around the current op: ("loop", check), ("try", marker), and ("final", marker) where code runs when it is left.
        self.enclosing: list[tuple[str, str]] = []
        self.crossed: set[str] = set()  # markers and loops that something leaves through code that runs on the way
        parameters = definition.args
        self.parameters = [
            arg.arg
            for arg in [*parameters.posonlyargs, *parameters.args, *parameters.kwonlyargs]
            + [arg for arg in (parameters.vararg, parameters.kwarg) if arg is not None]
        ]

    def fresh(self, prefix: str) -> str:
        self.count += 1
        return f"${prefix}{self.count}"

    # ---- functions

    def main(self) -> ast.FunctionDef:
        """The pipeline's own generator function: ``$r`` and the original parameters."""
        args = self.parameters_only()
        if args.posonlyargs:
            args.posonlyargs.insert(0, ast.arg(arg="$r"))
        else:
            args.args.insert(0, ast.arg(arg="$r"))
        body: list[ast.stmt] = []
        shared = self.declared("Global"), self.declared("Nonlocal")
        if shared[0]:
            body.append(ast.Global(names=shared[0]))
        if shared[1]:
            body.append(ast.Nonlocal(names=shared[1]))
        taken = set(self.parameters) | set(shared[0]) | set(shared[1])
        body += self.initial(sorted(self.unbound - taken))
        for name in sorted(set(self.parameters) & self.captured):
            # Functions inside see it.
            body.append(test(call("$needs", load(name)), [assign(name, wait(call("$deep", load(name))))]))
        body += self.block(self.body)
        return self.function("$main", args, body, generator=True)

    def stub(self) -> ast.FunctionDef:
        """Does nothing, and complains about arguments exactly as the pipeline does."""
        return self.function("$stub", self.parameters_only(), [ast.Pass()], generator=False)

    def parameters_only(self) -> ast.arguments:
        original = self.definition.args
        nothing: ast.expr = ast.Constant(value=None)
        return ast.arguments(
            posonlyargs=[ast.arg(arg=arg.arg) for arg in original.posonlyargs],
            args=[ast.arg(arg=arg.arg) for arg in original.args],
            vararg=ast.arg(arg=original.vararg.arg) if original.vararg else None,
            kwonlyargs=[ast.arg(arg=arg.arg) for arg in original.kwonlyargs],
            kw_defaults=[None if default is None else nothing for default in original.kw_defaults],
            kwarg=ast.arg(arg=original.kwarg.arg) if original.kwarg else None,
            defaults=[nothing for _ in original.defaults],
        )

    def declared(self, kind: str) -> list[str]:
        names: dict[str, None] = {}
        todo: list[ast.AST] = list(self.definition.body)
        while todo:
            node = todo.pop()
            if type(node).__name__ == kind:
                names.update(dict.fromkeys(node.names))  # type: ignore[attr-defined]
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
                todo.extend(ast.iter_child_nodes(node))
        return sorted(names)

    def initial(self, names: list[str]) -> list[ast.stmt]:
        return [assign(name, load("$U")) for name in names]

    def function(self, name: str, args: ast.arguments, body: list[ast.stmt], generator: bool) -> ast.FunctionDef:
        used = {node.id for stmt in body for node in ast.walk(stmt) if isinstance(node, ast.Name)}
        prologue: list[ast.stmt] = []
        if generator:
            for method in ("call", "call_packed", "fork", "needs", "barrier", "deep", "fence", "settle", "mark"):
                if f"${method}" in used:
                    prologue.append(
                        assign(f"${method}", ast.Attribute(value=load("$r"), attr=method, ctx=ast.Load()))
                    )
            prologue.append(test(ast.Constant(value=False), [ast.Expr(value=ast.Yield(value=None))]))
        given = {arg.arg for arg in ast.walk(args) if isinstance(arg, ast.arg)}
        stored = {node.id for stmt in body for node in ast.walk(stmt) if isinstance(node, ast.Name) and not _reads(node)}
        lost = sorted((used & self.variables) - given - stored)
        if lost:
            # Their assignments could not be reached, and were left out. They are variables of the function all the same.
            never = [assign(variable, ast.Constant(value=None)) for variable in lost]
            prologue.append(test(ast.Constant(value=False), [*never]))
        if body and isinstance(body[0], (ast.Global, ast.Nonlocal)):
            declared = [stmt for stmt in body if isinstance(stmt, (ast.Global, ast.Nonlocal))]
            body = declared + prologue + [stmt for stmt in body if stmt not in declared]
        else:
            body = prologue + body
        definition = ast.FunctionDef(
            name=name, args=args, body=body or [ast.Pass()], decorator_list=[], returns=None, type_comment=None
        )
        if "type_params" in ast.FunctionDef._fields:
            definition.type_params = []
        definition.lineno = self.definition.lineno
        definition.col_offset = self.definition.col_offset
        definition.end_lineno = self.definition.lineno
        definition.end_col_offset = self.definition.col_offset
        self.locate(definition, self.definition.lineno)
        return definition

    def locate(self, tree: ast.AST, line: int) -> None:
        """Give nodes of ours the position of what they stand for."""
        for node in ast.iter_child_nodes(tree):
            if "lineno" in node._attributes:
                if getattr(node, "lineno", None) is None:
                    node.lineno, node.col_offset = line, 0  # type: ignore[attr-defined]
                    node.end_lineno, node.end_col_offset = line, 0  # type: ignore[attr-defined]
                self.locate(node, node.lineno)  # type: ignore[attr-defined]
            else:
                self.locate(node, line)

    def at(self, statements: list[ast.stmt], line: int) -> list[ast.stmt]:
        for stmt in statements:
            if getattr(stmt, "lineno", None) is None:
                stmt.lineno, stmt.col_offset = line, 0
                stmt.end_lineno, stmt.end_col_offset = line, 0
            self.locate(stmt, stmt.lineno)
        return statements

    # ---- the user's code

    def code(self, code: Code, guarded: bool = True, ctx: ast.expr_context | None = None) -> ast.expr:
        if isinstance(code, str):
            return ast.Name(id=code, ctx=ctx or ast.Load())
        node = self.copy(self.nodes[code], guarded)
        if ctx is not None:
            self.set_context(node, ctx)
        return node

    def set_context(self, node: ast.AST, ctx: ast.expr_context) -> None:
        if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript, ast.Starred, ast.List, ast.Tuple)):
            node.ctx = ctx
        if isinstance(node, ast.Starred):
            self.set_context(node.value, ctx)
        if isinstance(node, (ast.List, ast.Tuple)):
            for element in node.elts:
                self.set_context(element, ctx)

    def copy(self, node: Any, guarded: bool, itself: bool = False) -> Any:
        """A deep copy with lowered nodes replaced and, in code that runs in place, type checks around operands."""
        if isinstance(node, list):
            return [self.copy(item, guarded) for item in node]
        if not isinstance(node, ast.AST):
            return node
        number = getattr(node, "_pydron", -1)
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
                made._pydron_free = getattr(node, "_pydron_free", False)  # type: ignore[attr-defined]
                made = self.placed(self.checked(made), made)
        guard = self.guards.get(number) if guarded else None
        if guard is not None and isinstance(made, ast.expr):
            return self.guard(made, *guard)
        return made

    def checked(self, name: ast.Name) -> ast.expr:
        """The variable, or the error that it has no value."""
        return ast.IfExp(
            test=ast.Compare(left=load(name.id), ops=[ast.IsNot()], comparators=[load("$U")]),
            body=name,
            orelse=call("$unbound", ast.Constant(value=name.id), ast.Constant(value=getattr(name, "_pydron_free", False))),
        )

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
        else:
            is_atom = ast.Compare(left=call("$type", first), ops=[ast.In()], comparators=[load("$atoms")])
            check = either([is_atom, call("$safe" if kind == "shallow" else "$deep_safe", load(held))])
        ordered = ast.BoolOp(op=ast.And(), values=[call("$barrier"), wait(load("$ORDERED"))])
        late = ast.Subscript(
            value=ast.Tuple(elts=[load(held), ordered], ctx=ast.Load()),
            slice=self.index(0),
            ctx=ast.Load(),
        )
        return self.placed(ast.IfExp(test=check, body=load(held), orelse=late), value)

    @staticmethod
    def placed(made: ast.expr, original: ast.AST) -> ast.expr:
        """Gives what stands in for an expression its position."""
        for part in ast.walk(made):
            if "lineno" in part._attributes and getattr(part, "lineno", None) is None:
                ast.copy_location(part, original)
        return made

    @staticmethod
    def index(number: int) -> ast.expr:
        return ast.Constant(value=number)

    def step(self, step: list[Any], guarded: bool) -> list[ast.stmt]:
        kind = step[0]
        if kind == "stmt":
            stmt = self.nodes[step[1]]
            if isinstance(stmt, ast.Delete):
                return self.delete(stmt, guarded)
            if isinstance(stmt, _PLAIN):
                return [self.copy(stmt, guarded)]
            return self.opaque(stmt)
        if kind == "bind":
            if step[1].startswith("$") and self.substitutions.get(step[2]) == step[1]:
                # Only here the node stands for itself, everywhere else for this variable.
                node = self.copy(self.nodes[step[2]], guarded, True)
                self.set_context(node, ast.Load())
                return [assign(step[1], node)]
            return [assign(step[1], self.code(step[2], guarded, ast.Load()))]
        if kind == "store":
            return [ast.Assign(targets=[self.code(step[1], guarded, ast.Store())], value=load(step[2]))]
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
            item = self.code(value, guarded)
            if container == "dict":
                place = ast.Subscript(value=load(name), slice=self.code(key, guarded), ctx=ast.Store())
                return [ast.Assign(targets=[place], value=item)]
            method = ast.Attribute(value=load(name), attr="append" if container == "list" else "add", ctx=ast.Load())
            return [ast.Expr(value=ast.Call(func=method, args=[item], keywords=[]))]
        if kind == "update":
            return [
                ast.AugAssign(target=store(step[1]), op=_OPERATORS[step[2]](), value=self.code(step[3], guarded))
            ]
        if kind == "check":
            node = self.nodes[step[1]]
            assert isinstance(node, ast.Name)
            name = load(self.substitutions.get(step[1], node.id))
            name._pydron_free = getattr(node, "_pydron_free", False)  # type: ignore[attr-defined]
            return [ast.Expr(value=self.placed(self.checked(name), node))]
        if kind == "replay":
            return [assign(step[1], call("$Replay", load(step[2])))]
        return [assign(step[1], ast.Constant(value=bool(step[2])))]

    def opaque(self, stmt: ast.stmt) -> list[ast.stmt]:
        """A statement that runs as it is: there, variables without a value really have none."""
        names = sorted({node.id for node in ast.walk(stmt) if isinstance(node, ast.Name)} & self.unbound)
        self.maybe_unbound = set()
        body: list[ast.stmt] = [self.copy(stmt, False)]
        if not names:
            return body
        gone: list[ast.stmt] = [test(is_(name, "$U"), [ast.Delete(targets=[store(name)])]) for name in names]
        for statement in gone:
            statement.body[0].targets[0].ctx = ast.Del()  # type: ignore[attr-defined]
        marked: list[ast.stmt] = []
        for name in names:
            handler = ast.ExceptHandler(type=load("$NameError"), name=None, body=[assign(name, load("$U"))])
            look: list[ast.stmt] = [ast.Expr(value=load(name))]
            marked.append(ast.Try(body=look, handlers=[handler], orelse=[], finalbody=[]))
        return [*gone, ast.Try(body=body, handlers=[], orelse=[], finalbody=marked)]

    def delete(self, stmt: ast.Delete, guarded: bool) -> list[ast.stmt]:
        """A variable that may cross an edge unbound is marked instead of deleted."""
        made: list[ast.stmt] = []
        for target in stmt.targets:
            if isinstance(target, ast.Name) and target.id in self.unbound:
                made.append(assign(target.id, load("$U")))
            else:
                made.append(ast.copy_location(ast.Delete(targets=[self.copy(target, guarded)]), stmt))
        return made

    # ---- what must be so before an op runs in place

    def checks_bound(self, needs: list[Any], step: list[Any] | None = None) -> list[ast.stmt]:
        """Reading a variable without a value is an error, at the place in the expression where it is read."""
        self.maybe_unbound = {name for name in needs[4] if name in self.unbound and not name.startswith("$")}
        stmt = self.nodes[step[1]] if step is not None and step[0] == "stmt" else None
        # These read the variable before anything else.
        targets: list[ast.expr] = []
        if isinstance(stmt, ast.AugAssign):
            targets = [stmt.target]
        elif isinstance(stmt, ast.Delete):
            targets = stmt.targets
        return [
            test(is_(each.id, "$U"), [ast.Expr(value=call("$unbound", ast.Constant(value=each.id)))])
            for each in targets
            if isinstance(each, ast.Name) and each.id in self.maybe_unbound
        ]

    def waits(self, needs: list[Any]) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for name, deep in needs[0]:
            value = call("$deep", load(name)) if deep else load(name)
            made.append(test(self.pending(name, deep), [assign(name, wait(value))]))
        return made

    @staticmethod
    def pending(name: str, deep: int) -> ast.expr:
        return call("$needs", load(name)) if deep else has_type(name, "$P")

    def checks_types(self, needs: list[Any]) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        conditions: list[ast.expr] = [not_(call("$deep_safe", load(name))) for name in needs[2]]
        conditions += [
            ast.Compare(left=call("$type", load(name)), ops=[ast.NotIn()], comparators=[load("$atoms")])
            for name in needs[3]
        ]
        if conditions:
            made.append(
                test(
                    ast.BoolOp(op=ast.And(), values=[either(conditions), call("$barrier")]),
                    [ast.Expr(value=wait(load("$ORDERED")))],
                )
            )
        return made

    def ordered(self) -> ast.stmt:
        return test(call("$barrier"), [ast.Expr(value=wait(load("$ORDERED")))])

    def prepared(self, needs: list[Any], step: list[Any] | None = None) -> list[ast.stmt]:
        for number, kind, attribute in needs[1]:
            self.guards[number] = (kind, attribute)
        ordered = [self.ordered()] if needs[5] else []
        return ordered + self.waits(needs) + self.checks_bound(needs, step) + self.checks_types(needs)

    # ---- ops

    def block(self, ops: list[Any]) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for op in ops:
            made += self.op(op)
        return made or [ast.Pass()]

    def op(self, op: list[Any]) -> list[ast.stmt]:
        method = getattr(self, "op_" + op[0])
        made: list[ast.stmt] = method(*op[1:])
        return self.at(made, op[-1])

    def op_local(
        self, mode: str, needs: list[Any], step: list[Any], ins: list[str], outs: list[str], reason: Any, line: int
    ) -> list[ast.stmt]:
        del reason
        if mode == "inline":
            return self.prepared(needs, step) + self.step(step, True)
        if mode == "block":
            return [self.ordered()] + self.waits(needs) + self.checks_bound(needs, step) + self.step(step, False)
        depth = {name: 2 if deep else 1 for name, deep in needs[0]}
        looked = bool(needs[1] or needs[2])
        guard = [i for i, name in enumerate(ins) if looked and (name in depth or mode == "park")]
        kind = "output" if mode == "ordered" else "local"
        body = self.checks_bound(needs, step) + self.step(step, False)
        if outs:
            body.append(ast.Return(value=self.tuple_of(outs)))
        spec = Spec(kind, ins, [depth.get(name, 0) for name in ins], outs, guard if kind == "local" else [], line)
        name = self.region(spec, self.function("$f", self.plain_parameters(ins), self.at(body, line), False))
        fork = self.fork(name, ins, outs)
        if mode == "ordered":
            return [fork]
        pending = either([self.pending(variable, deep) for variable, deep in needs[0]])
        without_reads = [[], *needs[1:]]
        in_place = self.prepared(without_reads, step) + self.step(step, True)
        return [test(pending, [fork], in_place)]

    def region(self, spec: Spec, function: ast.FunctionDef) -> str:
        name = self.fresh("k")
        function.name = f"$f{name}"
        spec.function = function.name
        spec.in_try = self.tries > 0
        self.functions.append(function)
        self.specs[name] = spec
        return name

    @staticmethod
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

    @staticmethod
    def tuple_of(names: list[str]) -> ast.expr:
        if len(names) == 1:
            return load(names[0])
        return ast.Tuple(elts=[load(name) for name in names], ctx=ast.Load())

    def fork(self, spec: str, ins: list[str], outs: list[str]) -> ast.stmt:
        forked = call("$fork", load(spec), *[load(name) for name in ins])
        if not outs:
            return ast.Expr(value=forked)
        target: ast.expr = (
            store(outs[0])
            if len(outs) == 1
            else ast.Tuple(elts=[store(name) for name in outs], ctx=ast.Store())
        )
        return ast.Assign(targets=[target], value=forked, type_comment=None)

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
        before = self.prepared([*needs[:5], 0])
        node = self.nodes[site]
        site_name = f"$s{site}"
        self.sites[site_name] = node
        function = self.code(callee)
        given = [self.code(arg) for arg in args]
        named = [ast.keyword(arg=name, value=self.code(value)) for name, value in keywords]
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
        return (
            [self.ordered()]
            + before
            + [stmt, test(has_type(target, "$P"), [assign(target, wait(load(target)))])]
        )

    def op_region(self, ins: list[str], outs: list[str], body: list[Any], line: int) -> list[ast.stmt]:
        enclosing, self.enclosing = self.enclosing, []
        assigned = sorted(self.unbound - set(ins))
        statements = self.initial(assigned) + self.op(body)
        if outs:
            statements.append(ast.Return(value=self.tuple_of(outs)))
        self.enclosing = enclosing
        parameters = self.plain_parameters(["$r", *ins])
        spec = Spec("gen", ins, [0] * len(ins), outs, [], line)
        name = self.region(spec, self.function("$f", parameters, self.at(statements, line), True))
        return [self.fork(name, ins, outs)]

    def op_if(
        self, condition: Code, needs: list[Any], body: list[Any], orelse: list[Any], line: int
    ) -> list[ast.stmt]:
        del line
        before = self.prepared(needs)
        made = test(self.code(condition), self.block(body), self.block(orelse) if orelse else [])
        return before + [made]

    def op_for(
        self,
        target: Code,
        iterable: Code,
        needs: list[Any],
        guarded: int,
        body: list[Any],
        orelse: list[Any],
        order: int,
        line: int,
    ) -> list[ast.stmt]:
        del line
        needs = [needs[0], [guard for guard in needs[1] if guard[0] != iterable], *needs[2:]]
        before = ([self.ordered()] if order == ALWAYS else []) + self.prepared(needs)
        items = self.code(iterable)
        into = self.code(target, False, ast.Store())
        check = ""
        if order == ALWAYS:
            check = "ordered"
        elif order == IF_CHANGED or guarded:
            held, safe = self.fresh("it"), self.fresh("g")
            before += [assign(held, items)]
            items = load(held)
            if guarded:
                before += [assign(safe, call("$safe", load(held))), self.unless(safe)]
                check = safe
            if order == IF_CHANGED:
                check = f"{check} {held}".strip()
        label = self.enter_loop(check)
        inner = self.block(body) + self.again(check)
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
            ast.copy_location(loop, self.nodes[iterable])
        return [*before, *marked, loop, *unwind]

    def again(self, check: str) -> list[ast.stmt]:
        """What must be so before a loop asks for its next item."""
        made: list[ast.stmt] = []
        for part in check.split():
            if part == "ordered":
                made.append(self.ordered())
            elif part.startswith("$it"):
                touched = ast.Attribute(value=load("$r"), attr="touched", ctx=ast.Load())
                condition: ast.expr = ast.Call(func=touched, args=[load(part)], keywords=[])
                barrier = ast.BoolOp(op=ast.And(), values=[condition, call("$barrier")])
                made.append(test(barrier, [ast.Expr(value=wait(load("$ORDERED")))]))
            else:
                made.append(self.unless(part))
        return made

    def enter_loop(self, check: str) -> str:
        label = self.fresh("l")
        self.enclosing.append(("loop", f"{label} {check}"))
        return label

    def leave_loop(self, label: str) -> tuple[list[ast.stmt], list[ast.stmt]]:
        """What to do before the loop, and wherever `break` and `continue` lead to: bodies of ``try`` may have been left
        whose marks are still there."""
        self.enclosing.pop()
        if label not in self.crossed:
            return [], []
        marks = ast.Attribute(value=load("$r"), attr="marks", ctx=ast.Load())
        unwind = ast.Attribute(value=load("$r"), attr="unwind", ctx=ast.Load())
        return (
            [assign(label, ast.Call(func=marks, args=[], keywords=[]))],
            [ast.Expr(value=ast.Call(func=unwind, args=[load(label)], keywords=[]))],
        )

    def unless(self, check: str) -> ast.stmt:
        condition = ast.BoolOp(op=ast.And(), values=[not_(load(check)), call("$barrier")])
        return test(condition, [ast.Expr(value=wait(load("$ORDERED")))])

    def op_while(
        self, prepare: list[Any], condition: Code, needs: list[Any], body: list[Any], orelse: list[Any], line: int
    ) -> list[ast.stmt]:
        first = self.block(prepare) if prepare else []
        first = first + self.at(self.prepared(needs), line)
        tested = self.code(condition)
        label = self.enter_loop("")
        inner = self.block(body)
        marked, unwind = self.leave_loop(label)
        first = [*unwind, *first]
        if not first:
            return [
                ast.While(test=tested, body=inner, orelse=self.block(orelse) if orelse else [])
            ]
        ended = self.fresh("e")
        leave: list[ast.stmt] = [assign(ended, ast.Constant(value=True))] if orelse else []
        leave.append(ast.Break())
        loop = ast.While(
            test=ast.Constant(value=True),
            body=[*first, *self.at([test(not_(tested), leave)], line), *inner],
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

    # ---- leaving

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
            return [self.ordered()]
        return [ast.Expr(value=wait(call("$fence", load(name)))) for kind, name in left if kind == "try"]

    def op_return(self, value: Code, needs: list[Any], line: int) -> list[ast.stmt]:
        del line
        before = self.prepared(needs)
        fences = self.fences("function")
        if value is None:
            return before + fences + [ast.Return(value=None)]
        if not fences:
            return before + [ast.Return(value=self.code(value))]
        held = self.fresh("v")
        return before + [assign(held, self.code(value)), *fences, ast.Return(value=load(held))]

    def op_break(self, line: int) -> list[ast.stmt]:
        del line
        return self.fences("loop") + [ast.Break()]

    def op_continue(self, line: int) -> list[ast.stmt]:
        del line
        made = self.fences("loop")
        for kind, check in reversed(self.enclosing):
            if kind == "loop":
                made += self.again(check.partition(" ")[2])
                break
        return made + [ast.Continue()]

    # ---- exceptions

    def guarded_body(self, body: list[Any], kind: str) -> tuple[str, str, list[ast.stmt]]:
        """A body whose failure is the first one in program order; it is left in the variable that is returned, with the
        name of the body's marker.

        A failure that belongs to a ``try`` further out is raised again by ``settle``, and nothing of the user's between
        here and there may run: ``$r.dead`` is true so long.
        """
        marker, error, held = self.fresh("m"), self.fresh("x"), self.fresh("y")
        self.enclosing.append((kind, marker))
        self.tries += 1
        inner = self.block(body)
        self.tries -= 1
        self.enclosing.pop()
        inner = inner + [ast.Expr(value=wait(call("$fence", load(marker))))]
        discarded = ast.ExceptHandler(
            type=load("$Discarded"), name=None, body=[ast.Raise(exc=None, cause=None)]
        )
        raised = ast.ExceptHandler(type=load("$BaseException"), name=held, body=[assign(error, load(held))])
        settled = assign(error, wait(call("$settle", load(marker), load(error))))
        return error, marker, [
            assign(error, ast.Constant(value=None)),
            assign(marker, call("$mark")),
            ast.Try(body=inner, handlers=[discarded, raised], orelse=[], finalbody=[]),
            test(self.is_set(error), [settled]),
        ]

    @staticmethod
    def is_set(name: str) -> ast.expr:
        return ast.Compare(left=load(name), ops=[ast.IsNot()], comparators=[ast.Constant(value=None)])

    def surface(self, error: str) -> list[ast.stmt]:
        """Raises the failure of a body, and forgets it: a frame that keeps its exception is a reference cycle."""
        forget: list[ast.stmt] = [assign(error, ast.Constant(value=None))]
        raising: list[ast.stmt] = [ast.Expr(value=call("$surface", load(error)))]
        return [ast.Try(body=raising, handlers=[], orelse=[], finalbody=forget)]

    def op_try(
        self, body: list[Any], handlers: list[Any], orelse: list[Any], rollback: list[str], plain: int, line: int
    ) -> list[ast.stmt]:
        otherwise = self.block(orelse) if orelse else []
        if plain:
            return [
                ast.Try(
                    body=self.at(self.block(body), line),
                    handlers=self.handlers(handlers, rollback, plain),
                    orelse=otherwise,
                    finalbody=[],
                )
            ]
        error, _, inner = self.guarded_body(body, "try")
        handled = ast.Try(
            body=self.at(self.surface(error), line),
            handlers=self.handlers(handlers, rollback, plain),
            orelse=[],
            finalbody=[],
        )
        return [*inner, test(self.is_set(error), [handled], otherwise)]

    def handlers(self, handlers: list[Any], rollback: list[str], plain: int) -> list[ast.ExceptHandler]:
        """Handlers see variables as they were when the exception was raised."""
        return [self.handler(*handler[:3], [] if plain else rollback, plain, handler[3]) for handler in handlers]

    def handler(
        self, cls: Code, name: str | None, ops: list[Any], rollback: list[str], plain: int, line: int
    ) -> ast.ExceptHandler:
        body: list[ast.stmt] = []
        if not plain:
            clean = ast.Attribute(value=load("$r"), attr="clean_tb", ctx=ast.Load())
            body.append(ast.Expr(value=ast.Call(func=clean, args=[], keywords=[])))
        body += self.restored(rollback)
        body += self.block(ops)
        if name in self.unbound:
            # Python deletes the name at the end; here it is marked as unbound.
            held = self.fresh("h")
            body = [
                assign(name, load(held)),
                ast.Try(body=body, handlers=[], orelse=[], finalbody=[assign(name, load("$U"))]),
            ]
            name = held
        made = ast.ExceptHandler(
            type=None if cls is None else self.code(cls, False), name=name, body=self.at(body, line)
        )
        made.lineno, made.col_offset, made.end_lineno, made.end_col_offset = line, 0, line, 0
        self.locate(made, line)
        return made

    def restored(self, rollback: list[str]) -> list[ast.stmt]:
        """Variables that something which never happened was to change go back to what they were."""
        undo = ast.Attribute(value=load("$r"), attr="rollback", ctx=ast.Load())
        return [
            test(
                has_type(name, "$P"),
                [assign(name, ast.Call(func=undo, args=[load(name)], keywords=[]))],
            )
            for name in rollback
        ]

    def op_finally(
        self, body: list[Any], final: list[Any], rollback: list[str], plain: int, line: int
    ) -> list[ast.stmt]:
        if plain:
            return [ast.Try(body=self.block(body), handlers=[], orelse=[], finalbody=self.block(final))]
        error, marker, inner = self.guarded_body(body, "final")
        inner.append(test(self.is_set(error), self.surface(error)))
        alive = not_(ast.Attribute(value=load("$r"), attr="dead", ctx=ast.Load()))
        clean = ast.Attribute(value=load("$r"), attr="clean_tb", ctx=ast.Load())
        cleaned = ast.Expr(value=ast.Call(func=clean, args=[], keywords=[]))
        last = [self.ordered()] if marker in self.crossed else []
        finish = test(alive, self.at([cleaned, *self.restored(rollback), *self.block(final), *last], line))
        return [
            ast.Try(body=self.at(inner, line), handlers=[], orelse=[], finalbody=self.at([finish], line))
        ]

    def op_with(
        self, context: Code, target: Code, needs: list[Any], body: list[Any], rollback: list[str], line: int
    ) -> list[ast.stmt]:
        before = [self.ordered()] + self.waits(needs) + self.checks_bound(needs)
        item = ast.withitem(
            context_expr=self.code(context, False),
            optional_vars=None if target is None else self.code(target, False, ast.Store()),
        )
        error, _, inner = self.guarded_body(body, "final")
        inner.append(test(self.is_set(error), self.surface(error)))
        # Leaving the context may have swallowed a failure.
        return [
            *before,
            ast.With(items=[item], body=self.at(inner, line), type_comment=None),
            *self.restored(rollback),
        ]


def definition_copy(node: ast.FunctionDef) -> ast.FunctionDef:
    """A copy of a definition that may be numbered and taken apart."""
    return copy.deepcopy(node)
