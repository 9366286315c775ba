"""Expressions of the user's, evaluated ahead of their turn on values that are there (``_known``)."""

from __future__ import annotations

import ast
import builtins
import operator
from types import FunctionType, ModuleType
from typing import Any, Callable

from ._known import (
    NUMBERS,
    Unknown,
    apply,
    attribute,
    binary,
    compare,
    index,
    is_number_of_numpy,
    is_plain_key,
    method,
    plain,
    truth,
)
from ._nodes import number_of

Env = dict[str, Any]
Evaluator = Callable[[Env], Any]


class Scope:
    """What names mean in one function."""

    def __init__(self, function: FunctionType, substitutions: dict[int, str]) -> None:
        code = function.__code__
        self.own = frozenset(code.co_varnames + code.co_cellvars)
        self.cells = dict(zip(code.co_freevars, function.__closure__ or ()))
        self.globals = function.__globals__
        self.substitutions = substitutions


def variable(name: str, scope: Scope) -> Evaluator:
    if name.startswith("$") or name in scope.own:
        return operator.itemgetter(name)
    if name in scope.cells:
        cell = scope.cells[name]
        return lambda env: cell.cell_contents
    outside, inside = scope.globals, vars(builtins)
    return lambda env: outside[name] if name in outside else inside[name]


def expression(node: ast.expr, scope: Scope, itself: bool = False) -> Evaluator:
    """How to evaluate it. The evaluator raises an exception, of whatever kind, where the value cannot be had."""
    name = None if itself else scope.substitutions.get(number_of(node))
    if name is not None:
        return variable(name, scope)
    make = _MAKERS.get(type(node))
    return make(node, scope) if make is not None else _unknown


def _unknown(env: Env) -> Any:
    raise Unknown


def _name(node: Any, scope: Scope) -> Evaluator:
    return variable(node.id, scope)


def _constant(node: Any, scope: Scope) -> Evaluator:
    value = node.value
    return lambda env: value


def _attribute(node: Any, scope: Scope) -> Evaluator:
    base, name = expression(node.value, scope), node.attr
    return lambda env: attribute(base(env), name)


def _subscript(node: Any, scope: Scope) -> Evaluator:
    base, key = expression(node.value, scope), expression(node.slice, scope)
    return lambda env: index(base(env), key(env))


def _slice(node: Any, scope: Scope) -> Evaluator:
    parts = [None if part is None else expression(part, scope) for part in (node.lower, node.upper, node.step)]
    return lambda env: slice(*[None if part is None else part(env) for part in parts])


def _binary(node: Any, scope: Scope) -> Evaluator:
    left, right, kind = expression(node.left, scope), expression(node.right, scope), type(node.op)
    return lambda env: binary(kind, left(env), right(env))


def _unary(node: Any, scope: Scope) -> Evaluator:
    operand, kind = expression(node.operand, scope), type(node.op)
    if kind is ast.Not:
        return lambda env: not truth(operand(env))

    def value(env: Env) -> Any:
        found = operand(env)
        if kind is ast.Invert or type(found) not in NUMBERS:
            raise Unknown
        return -found if kind is ast.USub else +found

    return value


def _compare(node: Any, scope: Scope) -> Evaluator:
    first = expression(node.left, scope)
    rest = [(type(kind), expression(each, scope)) for kind, each in zip(node.ops, node.comparators)]

    def value(env: Env) -> bool:
        left = first(env)
        for kind, each in rest:
            right = each(env)
            if not compare(kind, left, right):
                return False
            left = right
        return True

    return value


def _bool(node: Any, scope: Scope) -> Evaluator:
    values = [expression(each, scope) for each in node.values]
    ends = isinstance(node.op, ast.Or)

    def value(env: Env) -> Any:
        found = None
        for each in values:
            found = each(env)
            if each is not values[-1] and truth(found) is ends:
                break
        return found

    return value


def _conditional(node: Any, scope: Scope) -> Evaluator:
    test, body, orelse = (expression(each, scope) for each in (node.test, node.body, node.orelse))
    return lambda env: body(env) if truth(test(env)) else orelse(env)


def several(nodes: list[Any], scope: Scope) -> Callable[[Env], list[Any]]:
    """How to evaluate arguments: the answer is a list, starred ones taken apart."""
    parts = [
        (True, expression(each.value, scope)) if isinstance(each, ast.Starred) else (False, expression(each, scope))
        for each in nodes
    ]

    def values(env: Env) -> list[Any]:
        found: list[Any] = []
        for starred, part in parts:
            value = part(env)
            if not starred:
                found.append(value)
            elif type(value) in (list, tuple):
                found += value
            else:
                raise Unknown
        return found

    return values


def _list(node: Any, scope: Scope) -> Evaluator:
    return several(node.elts, scope)


def _tuple(node: Any, scope: Scope) -> Evaluator:
    values = several(node.elts, scope)
    return lambda env: tuple(values(env))


def _dict(node: Any, scope: Scope) -> Evaluator:
    entries = [
        (None if key is None else expression(key, scope), expression(value, scope))
        for key, value in zip(node.keys, node.values)
    ]

    def value(env: Env) -> dict[Any, Any]:
        made: dict[Any, Any] = {}
        for key, part in entries:
            if key is None:
                more = part(env)
                if type(more) is not dict or not all(map(is_plain_key, more)):
                    raise Unknown
                made.update(more)
            else:
                found = key(env)
                if not is_plain_key(found):
                    raise Unknown
                made[found] = part(env)
        return made

    return value


def _joined(node: Any, scope: Scope) -> Evaluator:
    parts = [expression(each, scope) for each in node.values]
    return lambda env: "".join([part(env) for part in parts])


_CONVERSIONS: dict[int, Callable[[Any], Any]] = {-1: lambda value: value, 97: ascii, 114: repr, 115: str}


def _formatted(node: Any, scope: Scope) -> Evaluator:
    value, convert = expression(node.value, scope), _CONVERSIONS[node.conversion]
    spec = (lambda env: "") if node.format_spec is None else expression(node.format_spec, scope)

    def text(env: Env) -> str:
        found = value(env)
        if not (plain(found) or is_number_of_numpy(found)):
            raise Unknown
        return format(convert(found), spec(env))

    return text


def _call(node: Any, scope: Scope) -> Evaluator:
    values = several(node.args, scope)
    fresh = [isinstance(arg, ast.Call) and number_of(arg) not in scope.substitutions for arg in node.args]
    keywords = [(each.arg, expression(each.value, scope)) for each in node.keywords]
    if any(name is None for name, _ in keywords) or any(isinstance(arg, ast.Starred) for arg in node.args):
        return _unknown

    def named(env: Env) -> dict[str, Any]:
        return {name: part(env) for name, part in keywords}

    if isinstance(node.func, ast.Attribute):
        base, name = expression(node.func.value, scope), node.func.attr

        def call_attribute(env: Env) -> Any:
            value = base(env)
            if type(value) is ModuleType:
                return apply(vars(value)[name], values(env), named(env), fresh)
            return method(value, name, values(env), named(env))

        return call_attribute
    function = expression(node.func, scope)
    return lambda env: apply(function(env), values(env), named(env), fresh)


_MAKERS: dict[type[ast.expr], Callable[[Any, Scope], Evaluator]] = {
    ast.Name: _name,
    ast.Constant: _constant,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.BoolOp: _bool,
    ast.IfExp: _conditional,
    ast.List: _list,
    ast.Tuple: _tuple,
    ast.Dict: _dict,
    ast.JoinedStr: _joined,
    ast.FormattedValue: _formatted,
    ast.Call: _call,
}
