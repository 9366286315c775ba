"""The functions that emitted statements go into."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator

from ._nodes import assign, children, locate, region, test, walk

#: What emitted code calls often: looked up once, where a generator begins.
_METHODS = ("call", "call_packed", "fork", "needs", "barrier", "in_order", "deep", "fence", "settle", "mark", "look")

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def _own(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes of a function's body: of functions and classes inside nothing but themselves, and of comprehensions
    not what they bind."""
    todo: list[ast.AST] = list(body)
    while todo:
        node = todo.pop()
        yield node
        if isinstance(node, ast.comprehension):
            todo += [node.iter, *node.ifs]
        elif not isinstance(node, _SCOPES):
            todo += children(node)


class Shells:
    """Makes functions around statements, for one function of the user's."""

    def __init__(self, definition: ast.FunctionDef, variables: Iterable[str]) -> None:
        self.definition = definition
        self.variables = frozenset(variables)  # of the function, whatever becomes of their assignments
        parameters = definition.args
        self.parameters = [
            arg.arg
            for arg in [*parameters.posonlyargs, *parameters.args, *parameters.kwonlyargs]
            + [arg for arg in (parameters.vararg, parameters.kwarg) if arg is not None]
        ]

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

    def declared(self, kind: type[ast.Global | ast.Nonlocal]) -> list[str]:
        """The names in its statements of that kind, those of functions and classes inside left out."""
        return sorted({name for node in _own(self.definition.body) if isinstance(node, kind) for name in node.names})

    def function(self, name: str, args: ast.arguments, body: list[ast.stmt], generator: bool) -> ast.FunctionDef:
        """A function of ours where the user's is."""
        inside = walk(*body)
        used = {node.id for node in inside if isinstance(node, ast.Name)}
        shared = {name for node in inside if isinstance(node, ast.Nonlocal) for name in node.names}
        prologue: list[ast.stmt] = []
        if generator:
            for method in _METHODS:
                if f"${method}" in used:
                    prologue.append(assign(f"${method}", region(method)))
            prologue.append(test(ast.Constant(value=False), [ast.Expr(value=ast.Yield(value=None))]))
        given = {arg.arg for arg in walk(args) if isinstance(arg, ast.arg)}
        stored = {node.id for node in _own(body) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
        lost = sorted(((used | shared) & self.variables) - given - stored)
        if lost:
            # Their assignments could not be reached, and were left out. They are variables of the function all the
            # same.
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
        if sys.version_info >= (3, 12):
            definition.type_params = []
        definition.lineno = self.definition.lineno
        definition.col_offset = self.definition.col_offset
        definition.end_lineno = self.definition.lineno
        definition.end_col_offset = self.definition.col_offset
        locate(definition, self.definition.lineno)
        return definition
