"""Compiles pipelines: source to AST, AST to graph template (by the scheduler), template to generators."""

from __future__ import annotations

import ast
import builtins
import threading
import types
from typing import Any, Callable

from . import (
    _emit,
    _forgetting,
    _guards,
    _kept,
    _known,
    _managing,
    _methods,
    _nested,
    _nodes,
    _pipelines,
    _plain,
    _progress,
    _project,
    _source,
    _state,
    _unit,
    _witness,
)

_MOST = 300  # functions that are looked at for one pipeline

_lock = threading.RLock()
_TOO_DEEP = "its expressions are nested too deeply"

#: Nodes of the AST of a function that is analysed: some seconds, at the first call.
_MOST_NODES = 100_000


class Compiled:
    """A pipeline in executable form.

    ``plain_reason`` is None, or says why the pipeline runs as it is. ``opaque``: a call of it must happen in order with
    everything around it.
    """

    def __init__(self, plain_reason: str | None, opaque: bool = True) -> None:
        self.plain_reason = plain_reason
        self.opaque = opaque
        self.main: types.FunctionType | None = None
        self.stub: types.FunctionType | None = None
        self.nested: list[tuple[types.CodeType, _nested.Nested]] = []
        self.blueprint: Blueprint | None = None

    def keep_defaults(self, function: types.FunctionType) -> None:
        """The user may give a function other defaults."""
        for each in (self.main, self.stub):
            if each is not None:
                each.__defaults__ = function.__defaults__
                each.__kwdefaults__ = function.__kwdefaults__

    def start(self, region: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The main generator. Wrong arguments raise the TypeError of the plain function."""
        assert self.stub is not None and self.main is not None
        self.stub(*args, **kwargs)
        return self.main(region, *args, **kwargs)


class _Prepared:
    """What is known of a pipeline's source: it does not change while the program runs, and holds on to no function."""

    def __init__(self, function: types.FunctionType) -> None:
        self.reason: str | None = None
        self.names: list[str] = []
        self.blueprints: dict[Any, Blueprint | str] = {}  # for what names may be bound to; or why it runs as it is
        try:
            mangled = _source.class_name(function)
            found = _source.function_node(function)
            if len(_nodes.walk(found)) > _MOST_NODES:
                raise _source.SourceError("it is too large to be analysed")
            self.definition = _nodes.definition_copy(found)
            self.nodes = _unit.number(self.definition)
            self.names = _unit.dotted_names(self.definition)
            if mangled and any(_is_private(name) for name in self.names):
                self.reason = "it uses private names of its class"
        except _source.SourceError as error:
            self.reason = str(error)
        except RecursionError:
            self.reason = _TOO_DEEP


def _is_private(dotted: str) -> bool:
    return any(part.startswith("__") and not part.endswith("__") for part in dotted.split("."))


def prepare(pipeline: Any, session: Any, args: tuple[Any, ...] = ()) -> Compiled:
    """The compiled form of a pipeline, for what its names are bound to now.

    ``session.analyze(bytes) -> bytes`` is asked when there is none yet.
    """
    with _lock:
        prepared = _prepared(pipeline)
        if prepared.reason is not None:
            return Compiled(prepared.reason)
        _project.current().tell(session.console)
        known = _as_before(pipeline, args)
        if known is not None:
            return known
        witness = _witness.Witness(args)
        unit, bindings = _collect([pipeline], args, witness=witness)
        key = tuple((_prepared(each), *sorted(names.items())) for each, names in zip(unit, bindings))
        cache: dict[Any, Compiled] = vars(pipeline).setdefault("_pydron_compiled", {})
        compiled = cache.get(key)
        if compiled is None:
            blueprints = prepared.blueprints
            if len(blueprints) > 32:
                blueprints.clear()
            blueprint = blueprints.get(key)
            if blueprint is None:
                blueprint = blueprints[key] = _blueprint(unit, bindings, session)
            if isinstance(blueprint, str):
                compiled = Compiled(blueprint)
            else:
                compiled = blueprint.bind(pipeline.__wrapped__, _inside(pipeline))
            if len(cache) > 32:
                cache.clear()
            cache[key] = compiled
        elif isinstance(pipeline, _pipelines.Pipeline):
            compiled.keep_defaults(pipeline.function)
        if witness.exact and type(pipeline) is _pipelines.Pipeline:
            pipeline.before = witness, compiled
        return compiled


def _as_before(pipeline: Any, args: tuple[Any, ...]) -> Compiled | None:
    """What the pipeline was compiled to when it was last called, if all its names are bound to the same."""
    if type(pipeline) is not _pipelines.Pipeline or pipeline.before is None:
        return None
    witness, compiled = pipeline.before
    if not witness.holds(args):
        return None
    known: Compiled = compiled
    known.keep_defaults(pipeline.function)
    return known


def look(pipeline: Any, args: tuple[Any, ...]) -> tuple[str | None, Compiled | None]:
    """Why there is nothing in a pipeline to run in parallel, as far as can be seen without the scheduler; and what it
    was compiled to, if that is still right."""
    with _lock:
        prepared = _prepared(pipeline)
        if prepared.reason is not None:
            pipeline.mark.shape.reason = prepared.reason
            return prepared.reason, None
        if _state.always or _project.current().problem:
            return None, None  # what is wrong with the project's file is to be said
        known = _as_before(pipeline, args)
        if known is not None:
            return None, known
        _, bindings = _collect([pipeline], args, plain=False)
        for each in bindings:
            for kind, detail in each.values():
                if kind == _unit.FUNCTIONAL or detail == "pydron.functional":
                    return None, None
        return "it calls nothing that is functional", None


def unit_of(pipelines: list[Any]) -> tuple[bytes, list[Any]]:
    """The unit of some pipelines and all they reach, for the command line."""
    unit: list[Any] = []
    reasons = []
    for pipeline in pipelines:
        prepared = _prepared(pipeline)
        if prepared.reason is not None:
            reasons.append((pipeline, prepared.reason))
        else:
            unit.append(pipeline)
    return _encode(*_collect(unit)), reasons


def _prepared(pipeline: Any) -> _Prepared:
    known = pipeline.mark.shape if type(pipeline) is _pipelines.Pipeline else pipeline
    prepared: _Prepared | None = known.prepared
    if prepared is None:
        prepared = known.prepared = _Prepared(pipeline.__wrapped__)
        if known is not pipeline and known.reason:
            prepared.reason = known.reason
    return prepared


def _inside(pipeline: Any) -> dict[str, _nested.Nested]:
    """The functions defined in a pipeline that are called like pipelines."""
    found: dict[str, _nested.Nested] | None = vars(pipeline).get("_pydron_nested")
    if found is None:
        found = _nested.find(_prepared(pipeline).definition, pipeline.__wrapped__)
        vars(pipeline)["_pydron_nested"] = found
    return found


def _collect(
    pipelines: list[Any], args: tuple[Any, ...] = (), plain: bool = True, witness: _witness.Witness | None = None
) -> tuple[list[Any], list[dict[str, Any]]]:
    """The pipelines, and those that they can reach by name, with the bindings of each; and plain functions.

    ``args`` are the arguments of the first.
    """
    from . import _functions

    witness = witness or _witness.Witness(args)
    unit = list(pipelines)
    places: dict[int, int] = {}
    for place, each in enumerate(unit):
        places.setdefault(id(each), place)
    bindings: list[dict[str, Any]] = []
    ours = {_functions.functional: "pydron.functional", _functions.schedule: "pydron.schedule"}

    def index(other: Any) -> int:
        if not isinstance(other, followed) or _prepared(other).reason is not None:
            return -1
        place = places.get(id(other))
        if place is None:
            if len(unit) >= _MOST:
                return -1
            place = places[id(other)] = len(unit)
            unit.append(other)
        return place

    kinds = (_pipelines.Pipeline, _nested.Nested)
    followed = (*kinds, _plain.Plain) if plain else kinds
    done = 0
    while done < len(unit):
        function = unit[done].__wrapped__
        prepared = _prepared(unit[done])
        names = function.__code__.co_varnames[: function.__code__.co_argcount]
        arguments = dict(zip(names, args)) if done == 0 else {}
        resolver = _unit.Resolver(function, arguments, ours, _project.current(), witness)
        found = resolver.bindings(prepared.names, _functions.Functional, kinds, index)
        if not isinstance(unit[done], _plain.Plain):
            for name, nested in _inside(unit[done]).items():
                found[name] = _unit.PIPELINE, str(index(nested))
        bindings.append(found)
        done += 1
    harmful = set()
    for number, each in enumerate(unit):
        if isinstance(each, _plain.Plain):
            names, bound = _prepared(each).names, dict(bindings[number])
            harmless = each.reads_only_harmless(names, bound)
            witness.hidden(each, names, bound, harmless)
            if not harmless:
                harmful.add(str(number))
    for known in bindings:
        for name in [name for name, (kind, which) in known.items() if kind == _unit.PLAIN and which in harmful]:
            del known[name]
    return unit, bindings


def _encode(unit: list[Any], bindings: list[dict[str, Any]]) -> bytes:
    return _unit.encode(
        [
            (
                each.__wrapped__.__qualname__,
                each.__wrapped__.__code__.co_filename,
                list(each.__wrapped__.__code__.co_freevars),
                names,
                _prepared(each).definition,
            )
            for each, names in zip(unit, bindings)
        ],
        _project.current().catalogues,
    )


def _blueprint(unit: list[Any], bindings: list[dict[str, Any]], session: Any) -> Blueprint | str:
    try:
        data = _encode(unit, bindings)
    except RecursionError:
        return _TOO_DEEP
    kept = _kept.Kept(session.analyses, data)
    found = kept.read()
    answer = session.analyze(data) if found is None else found
    template = _unit.decode(answer)[0]
    if template[0] == "plain":
        reason: str = template[1]
        return reason
    try:
        blueprint = Blueprint(_prepared(unit[0]), unit[0].__wrapped__, template)
    except (RecursionError, MemoryError):
        return _TOO_DEEP
    if found is None:
        kept.write(answer)
    return blueprint


class Blueprint:
    """The code of a pipeline's generators, before it is tied to the variables that a function takes from outside."""

    def __init__(self, prepared: Any, function: types.FunctionType, template: list[Any]) -> None:
        self.opaque = bool(template[1])
        code = function.__code__
        self.emitter = _emit.Emitter(
            prepared.definition, prepared.nodes, template, code.co_varnames + code.co_cellvars, code.co_cellvars
        )
        definitions = [self.emitter.main(), self.emitter.shells.stub()]
        definitions += self.emitter.functions
        for each in definitions:
            _forgetting.forget_temporaries(each)
        made: list[ast.expr] = [ast.Name(id=each.name, ctx=ast.Load()) for each in definitions]
        body: list[ast.stmt] = [*definitions, ast.Return(value=ast.Tuple(elts=made, ctx=ast.Load()))]
        self.free = list(function.__code__.co_freevars)
        module = _source.factory(body, [*_constants(self.emitter, function), *self.free])
        code = _source.factory_code(_source.compile_module(module, function))
        # The name and the positions of the user's function.
        self.code = code.replace(
            co_consts=tuple(
                _renamed(constant, f"$factory.<locals>.{constant.co_name}", function)
                if isinstance(constant, types.CodeType)
                else constant
                for constant in code.co_consts
            )
        )
        self.names = [each.name for each in definitions]

    def bind(self, function: types.FunctionType, nested: dict[str, _nested.Nested] | None = None) -> Compiled:
        constants = _constants(self.emitter, function)
        made = types.FunctionType(self.code, function.__globals__)(*constants.values(), *[None] * len(self.free))
        cells = dict(zip(self.free, function.__closure__ or ()))
        by_name = {name: _finish(each, function, cells) for name, each in zip(self.names, made)}
        for name, spec in self.emitter.specs.items():
            _runtime_spec(constants[name], spec, by_name[spec.function])
        compiled = Compiled(None, self.opaque)
        compiled.blueprint = self
        main, stub = by_name["$main"], by_name["$stub"]
        compiled.main, compiled.stub = main, stub
        compiled.keep_defaults(function)
        if nested:
            codes = {code.co_name: code for each in by_name.values() for code in _nested.all_codes(each.__code__)}
            compiled.nested = [(codes[name], each) for name, each in nested.items() if name in codes]
        return compiled


def _constants(emitter: Any, function: types.FunctionType) -> dict[str, Any]:
    from . import _runtime as runtime
    from . import _slices

    constants: dict[str, Any] = {
        "$P": runtime.Pending,
        "$ORDERED": runtime.ORDERED,
        "$Discarded": runtime.Discarded,
        "$U": runtime.UNBOUND,
        "$unbound": runtime.unbound,
        "$type": type,
        "$set": set,
        "$surface": runtime.surface,
        "$arrived": runtime.arrived,
        "$managed": _managing.managed,
        "$Replay": _guards.Replay,
        "$packer": runtime.Packed,
        "$BaseException": builtins.BaseException,
        "$NameError": builtins.NameError,
        "$atoms": _guards.ATOMS,
        "$safe": _guards.safe,
        "$harmless": _guards.harmless_to_iterate,
        "$deep_safe": _guards.deep_safe,
        "$safe_attribute": _guards.safe_attribute,
        "$known": _methods.known,
        "$known_within": _methods.known_within,
        "$known_inside": _methods.known_inside,
        "$Progress": _progress.Progress,
    }
    code = function.__code__
    for name, node in emitter.sites.items():
        constants[name] = runtime.Site(code.co_filename, getattr(node, "lineno", 0), code.co_name)
    if emitter.looks:
        constants["$peekable"] = _known.peekable
        constants["$slice"] = _slices.Slice(
            emitter.ahead, emitter.copier.nodes, emitter.copier.substitutions, emitter.looks, constants, function
        )
    for name, spec in emitter.specs.items():
        constants[name] = runtime.RegionSpec(spec.kind, None, spec.needs, spec.outs, spec.guard, spec.methods)
    return constants


def _runtime_spec(spec: Any, emitted: Any, function: Callable[..., Any]) -> None:
    spec.fn = function
    if emitted.in_try:
        spec.fallback = tuple(emitted.ins.index(name) if name in emitted.ins else -1 for name in emitted.outs)


def _finish(emitted: types.FunctionType, function: types.FunctionType, cells: dict[str, Any]) -> types.FunctionType:
    """The emitted function under the name, and with the closure, of the user's."""
    code = emitted.__code__
    own = dict(zip(emitted.__code__.co_freevars, emitted.__closure__ or ()))
    closure = tuple(cells.get(name) or own[name] for name in code.co_freevars)
    return types.FunctionType(code, function.__globals__, function.__name__, None, closure)


def _renamed(code: types.CodeType, prefix: str, function: types.FunctionType) -> types.CodeType:
    """The code under the function's name, and what is defined in it under names that begin with the function's."""
    changes: dict[str, Any] = {
        "co_name": function.__code__.co_name,
        "co_consts": tuple(_renamed_inside(each, prefix, function.__qualname__) for each in code.co_consts),
    }
    if hasattr(code, "co_qualname"):
        changes["co_qualname"] = function.__qualname__
    return code.replace(**changes)


def _renamed_inside(constant: Any, prefix: str, name: str) -> Any:
    if isinstance(constant, types.CodeType):
        changes: dict[str, Any] = {
            "co_consts": tuple(_renamed_inside(each, prefix, name) for each in constant.co_consts)
        }
        if hasattr(constant, "co_qualname"):
            changes["co_qualname"] = _renamed_inside(constant.co_qualname, prefix, name)
        return constant.replace(**changes)
    if isinstance(constant, str) and constant.startswith(prefix):
        return name + constant[len(prefix) :]
    return constant
