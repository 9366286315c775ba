"""The code of an armed pipeline: what runs in the place of the user's when the pipeline is called.

It has the user's parameters, variables from outside, name, file and first line. What it raises must leave one entry in
a traceback, that of the pipeline, on the line that failed: so it has one `raise` for each line of the pipeline.
"""

from __future__ import annotations

import ast
import sys
from types import CodeType
from typing import TYPE_CHECKING, Any

from pydron import _source
from pydron._traceback import lines_of, named, too_long, without_columns

if TYPE_CHECKING:
    from pydron._pipelines import Mark

#: Constants of the armed code that stand for methods of the pipeline's mark. It uses no names: these would be looked up
#: in the user's globals. (`or 0`: compilers warn of calls of what is plainly a string.)
_METHODS = {"$call": "call", "$failed_at": "failed_at", "$failure": "failure"}
_VARIADIC, _KEYWORDS = 0x4, 0x8

_templates: dict[Any, CodeType] = {}


def entry_code(plain: CodeType) -> CodeType | None:
    """The armed code for pipelines with this code; None if it cannot be made, and they have to stay as they are."""
    if too_long(plain):
        return None
    parameters = _parameters(plain)
    lines = 16
    while lines < lines_of(plain):
        lines *= 2
    counts = plain.co_argcount, plain.co_posonlyargcount, plain.co_kwonlyargcount
    key = plain.co_freevars, plain.co_varnames, counts, plain.co_flags & (_VARIADIC | _KEYWORDS), lines
    template = _templates.get(key)
    if template is None:
        template = _templates[key] = _compiled(plain, parameters, lines)
    if (template.co_freevars, template.co_varnames, template.co_names) != (plain.co_freevars, plain.co_varnames, ()):
        return None
    changes: dict[str, Any] = {
        # The documentation comes first. Whoever looks for the names and functions in the code (cloudpickle does) finds
        # those of the user's.
        "co_consts": (_documentation(plain), *template.co_consts[1:], plain),
        "co_names": plain.co_names,
        # What says where a function was defined, and with what.
        "co_flags": template.co_flags | plain.co_flags & _source.FUTURE_FLAGS,
    }
    if sys.version_info >= (3, 11):
        changes["co_qualname"] = plain.co_qualname
    return named(template, plain.co_filename, plain.co_firstlineno, plain.co_name).replace(**changes)


def _documentation(plain: CodeType) -> Any:
    first = plain.co_consts[0] if plain.co_consts else None
    return first if isinstance(first, str) else None


def with_mark(entry: CodeType, mark: Mark) -> CodeType:
    """Armed code for one pipeline."""
    consts = [
        getattr(mark, _METHODS[constant]) if type(constant) is str and constant in _METHODS else constant
        for constant in entry.co_consts
    ]
    return entry.replace(co_consts=tuple(consts))


def _parameters(plain: CodeType) -> tuple[str, ...]:
    count = plain.co_argcount + plain.co_kwonlyargcount
    count += bool(plain.co_flags & _VARIADIC) + bool(plain.co_flags & _KEYWORDS)
    return plain.co_varnames[:count]


def _compiled(plain: CodeType, parameters: tuple[str, ...], lines: int) -> CodeType:
    positional = list(parameters[: plain.co_argcount])
    keyword_only = list(parameters[plain.co_argcount : plain.co_argcount + plain.co_kwonlyargcount])
    rest = list(parameters[plain.co_argcount + plain.co_kwonlyargcount :])
    variadic = rest.pop(0) if plain.co_flags & _VARIADIC else None
    keywords = rest.pop(0) if plain.co_flags & _KEYWORDS else None
    source = (
        "def entry():\n"
        "    '''documentation'''\n"
        "    try:\n"
        "        return ('$call' or 0)(witness, args, kwargs)\n"
        "    except:\n"
        "        raise ('$failure' or 0)()\n"
    )
    tree = ast.parse(source)
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef) and isinstance(function.body[1], ast.Try)
    function.args = _signature(plain, positional, keyword_only, variadic, keywords)
    variables = [name for name in plain.co_varnames if name not in parameters]
    if variables:
        # They are never assigned, but count as variables of the function all the same.
        never = ast.Assign(targets=[_store(name) for name in variables], value=ast.Constant(value=None))
        function.body.insert(1, ast.If(test=ast.Constant(value=False), body=[never], orelse=[]))
        ast.fix_missing_locations(function)
    _at(tree, 1)
    call = next(node for node in ast.walk(tree) if isinstance(node, ast.Call))
    call.args = [
        _witness(plain.co_freevars),
        _tuple([*map(_load, positional), *([ast.Starred(_load(variadic), ast.Load())] if variadic else [])]),
        ast.Dict(
            keys=[*map(ast.Constant, keyword_only), *([None] if keywords else [])],
            values=[*map(_load, keyword_only), *([_load(keywords)] if keywords else [])],
        ),
    ]
    raises: list[ast.stmt] = []
    for offset in range(lines):
        test = ast.parse(f"if ('$failed_at' or 0)({offset}): raise ('$failure' or 0)()").body[0]
        _at(test, offset + 1)
        raises.append(test)
    attempt = function.body[-1]
    assert isinstance(attempt, ast.Try)
    attempt.handlers[0].body[:0] = raises
    module = _source.factory([function], list(plain.co_freevars))
    without_columns(module)
    made = _source.factory_code(compile(module, "?", "exec", dont_inherit=True))
    return next(each for each in made.co_consts if isinstance(each, CodeType) and each.co_name == "entry")


def _signature(
    plain: CodeType, positional: list[str], keyword_only: list[str], variadic: str | None, keywords: str | None
) -> ast.arguments:
    first = plain.co_posonlyargcount
    return ast.arguments(
        posonlyargs=[ast.arg(arg=name) for name in positional[:first]],
        args=[ast.arg(arg=name) for name in positional[first:]],
        vararg=ast.arg(arg=variadic) if variadic else None,
        kwonlyargs=[ast.arg(arg=name) for name in keyword_only],
        kw_defaults=[None for _ in keyword_only],
        kwarg=ast.arg(arg=keywords) if keywords else None,
        defaults=[],
    )


def _at(tree: ast.AST, line: int) -> None:
    for node in ast.walk(tree):
        if hasattr(node, "lineno"):
            node.lineno = node.end_lineno = line  # type: ignore[attr-defined]


def _witness(free: tuple[str, ...]) -> ast.expr:
    """A function with the variables from outside that the call has."""
    nothing = ast.arguments(
        posonlyargs=[], args=[], vararg=None, kwonlyargs=[], kw_defaults=[], kwarg=None, defaults=[]
    )
    return ast.Lambda(args=nothing, body=_tuple([_load(name) for name in free]))


def _tuple(items: list[ast.expr]) -> ast.expr:
    return ast.Tuple(elts=items, ctx=ast.Load())


def _load(name: str) -> ast.expr:
    return ast.Name(id=name, ctx=ast.Load())


def _store(name: str) -> ast.expr:
    return ast.Name(id=name, ctx=ast.Store())
