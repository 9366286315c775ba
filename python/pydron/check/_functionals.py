"""Finds the functions to check, and turns what was found in them into findings."""

from __future__ import annotations

import ast
from typing import Any, NamedTuple

from pydron.check import _origins as origins
from pydron.check._libraries import CATEGORIES, CERTAIN, LEVEL_NAMES, Libraries, words
from pydron.check._modules import Function, Module, Project, dotted_name
from pydron.check._origins import Value
from pydron.check._walk import Event, Frame, Step, Walk

_DEEPEST = 40
_ARRAY_ATTRIBUTES = words("shape dtype ndim T astype reshape ravel flatten mean std argmax argmin nbytes")
_ORDER = {category: index for index, category in enumerate(CATEGORIES)}


class Finding(NamedTuple):
    """Something that breaks, or may break, the contract of a function."""

    path: str
    line: int
    column: int
    function: str  # the @functional or @schedule function
    defined: str  # file:line of it
    category: str
    level: int
    message: str
    source: str  # the line
    steps: tuple[Step, ...]  # calls on the way, from the function on

    @property
    def confidence(self) -> str:
        return LEVEL_NAMES[self.level]

    @property
    def advice(self) -> str:
        return CATEGORIES[self.category]


class Analysis:
    """Walks functions, each once for each kind of arguments that it is called with."""

    def __init__(self, project: Project, libraries: Libraries) -> None:
        self.project = project
        self.libraries = libraries
        self._frames: dict[Any, Frame] = {}
        self._active: list[Function] = []
        self._arrays: dict[Function, set[str]] = {}

    def frame(self, function: Function, arguments: dict[str, Value], outer: Walk | None) -> Frame:
        """What a call of a function does and returns, said in terms of its parameters."""
        key = (function, tuple((name, v.kind, id(v.thing)) for name, v in sorted(arguments.items()) if v.kind))
        if outer is None and key in self._frames:
            return self._frames[key]
        if function in self._active or len(self._active) > _DEEPEST:
            return Frame([], origins.FRESH)  # a recursive call does what the first one does
        walk = self.walk(function, arguments, outer)
        self._active.append(function)
        try:
            frame = walk.run()
        finally:
            self._active.pop()
        if outer is None:
            self._frames[key] = frame
        return frame

    def walk(self, function: Function, arguments: dict[str, Value], outer: Walk | None = None) -> Walk:
        walk = Walk(self, function, {}, outer)
        for index, parameter in enumerate(function.parameters()):
            given = arguments.get(parameter.arg, origins.FRESH)
            kind, thing = given.kind, given.thing
            if not kind:
                kind, thing = walk.annotated(parameter.annotation)
            if not kind and index == 0 and function.owner is not None and not function.decorator("staticmethod"):
                kind = "class" if function.decorator("classmethod") else "instance"
                thing = function.owner
            if not kind and parameter.arg not in arguments:
                kind = self._kind_of_default(function, parameter.arg)
            walk.env[parameter.arg] = origins.of_parameter(function.key, parameter.arg, kind, thing)
        a = function.node.args
        for rest, kind in ((a.vararg, "tuple"), (a.kwarg, "dict")):
            if rest is not None:
                value = origins.of_parameter(function.key, rest.arg, kind)
                # The tuple, or dictionary, itself is made by the call.
                walk.env[rest.arg] = origins.shell(value, kind)
        return walk

    @staticmethod
    def _kind_of_default(function: Function, name: str) -> str:
        """A default that is a number or text says what the argument is; None says nothing."""
        a = function.node.args
        names = [arg.arg for arg in [*a.posonlyargs, *a.args]]
        defaults = dict(zip(reversed(names), reversed(a.defaults)))
        defaults.update({arg.arg: value for arg, value in zip(a.kwonlyargs, a.kw_defaults) if value is not None})
        default = defaults.get(name)
        if isinstance(default, ast.Constant) and default.value is not None:
            return "str" if isinstance(default.value, str) else "number"
        return ""

    def arrays(self, function: Function) -> set[str]:
        """Variables that are used as only arrays are."""
        found = self._arrays.get(function)
        if found is None:
            found = self._arrays[function] = set()
            for node in ast.walk(function.node):
                if isinstance(node, ast.Attribute) and node.attr in _ARRAY_ATTRIBUTES:
                    name: ast.AST = node.value
                elif isinstance(node, ast.Subscript) and _is_array_index(node.slice):
                    name = node.value
                elif isinstance(node, ast.Call) and node.args and self._takes_arrays(function.module, node.func):
                    name = node.args[0]
                else:
                    continue
                if isinstance(name, ast.Name):
                    found.add(name.id)
        return found

    def _takes_arrays(self, module: Module, called: ast.expr) -> bool:
        chain = dotted_name(called)
        target = self.project.resolve(module, chain) if chain and len(chain) > 1 else None
        return target is not None and target.kind == "library" and str(target.thing).startswith(("numpy.", "scipy."))


def _is_array_index(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple):
        return any(isinstance(part, (ast.Slice, ast.Constant)) for part in node.elts)
    return isinstance(node, ast.Compare)


class Check:
    """Checks all functional functions of the files that were named, and of the user's modules that these import."""

    def __init__(self, project: Project, libraries: Libraries) -> None:
        self.project = project
        self.analysis = Analysis(project, libraries)
        self.functionals: dict[Function, bool] = {}
        self.pipelines: list[Function] = []
        self._wrapped: list[tuple[Module, ast.Call, str]] = []  # library functions made functional
        self.findings: list[Finding] = []

    def run(self) -> list[Finding]:
        done: set[str] = set()
        while len(done) < len(self.project.modules):
            for path, module in list(self.project.modules.items()):
                if path not in done:
                    done.add(path)
                    self._follow_imports(module)
        for module in list(self.project.modules.values()):
            self._find_decorated(module)
        for function in self.functionals:
            self._check(function)
        for module, call, dotted in self._wrapped:
            self._check_library(module, call, dotted)
        for pipeline in self.pipelines:
            self._check_pipeline(pipeline)
        self.findings.sort(key=lambda f: (f.path, f.line, f.column, _ORDER[f.category], f.function, f.message))
        return self.findings

    # --- finding them

    def _follow_imports(self, module: Module) -> None:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self.project.module(alias.name)
            elif isinstance(node, ast.ImportFrom):
                base = module.absolute(node)
                if base and self.project.module(base) is not None:
                    for alias in node.names:
                        self.project.module(f"{base}.{alias.name}")

    def _find_decorated(self, module: Module) -> None:
        for function in module.functions.values():
            for decorator in getattr(function.node, "decorator_list", []):
                kind = self._decorator(module, decorator)
                if kind == "functional":
                    self.functionals[function] = True
                elif kind == "schedule":
                    self.pipelines.append(function)
        for node in ast.walk(module.tree):
            if (
                isinstance(node, ast.Call)
                and len(node.args) == 1
                and self._decorator(module, node.func) == "functional"
            ):
                chain = dotted_name(node.args[0])
                target = self.project.resolve(module, chain) if chain else None
                if target is not None and target.kind == "function":
                    self.functionals[target.thing] = True
                elif target is not None and target.kind == "library":
                    self._wrapped.append((module, node, target.thing))
                elif isinstance(node.args[0], ast.Lambda):
                    self.functionals[module.functions[node.args[0]]] = True

    def _decorator(self, module: Module, node: ast.expr) -> str:
        while isinstance(node, ast.Call):
            node = node.func
        chain = dotted_name(node)
        if not chain:
            return ""
        target = self.project.resolve(module, chain)
        if target is None:
            # Imported in the function around it.
            return chain[-1] if chain[-1] in ("functional", "schedule") else ""
        names = {"pydron.functional": "functional", "pydron.schedule": "schedule"}
        return names.get(str(target.thing), "") if target.kind == "library" else ""

    # --- checking them

    def _check(self, function: Function) -> None:
        walk = self.analysis.walk(function, {})
        events = walk.run().events
        changed = {(e.root.name, e.root.owner) for e in events if e.root is not None and e.category == "global"}
        for event in events:
            root = event.root
            if event.category == "reads-global" and root is not None and (root.name, root.owner) in changed:
                continue  # that it changes it says more
            self._add(function, event)

    def _check_library(self, module: Module, call: ast.Call, dotted: str) -> None:
        effect = self.analysis.libraries.effect(dotted)
        if effect is None or not effect.category or module.is_silenced(call.lineno, effect.category):
            return
        message = f"'{dotted}' has side effects ({effect.category})"
        where = f"{module.path}:{call.lineno}"
        self.findings.append(
            Finding(
                module.path, call.lineno, call.col_offset, dotted, where, effect.category, effect.level, message,
                module.line(call.lineno), (),
            )
        )  # fmt: skip

    def _check_pipeline(self, pipeline: Function) -> None:
        walk = self.analysis.walk(pipeline, {})
        walk.run()
        seen = set()
        for node, called, values in walk.calls:
            if called.kind != "function" or called.thing[0] not in self.functionals or node in seen:
                continue
            seen.add(node)
            for value in values:
                what = {"generator": "a generator", "file": "an open file"}.get(value.kind)
                what = what or (value.thing if value.kind == "unpicklable" else None)
                if what is not None:
                    text = f"hands {what} to '{called.thing[0].name}'"
                    self._add(
                        pipeline,
                        Event("pickle", CERTAIN, walk.module.path, node.lineno, node.col_offset, text),
                    )

    def _add(self, function: Function, event: Event) -> None:
        module = self._module(event.path)
        places = [(event.path, event.line), *((step.path, step.line) for step in event.steps)]
        node = function.node
        places += [(function.module.path, d.lineno) for d in [node, *getattr(node, "decorator_list", [])]]
        if any(self._module(path).is_silenced(line, event.category) for path, line in places):
            return
        self.findings.append(
            Finding(
                event.path, event.line, event.column, function.name, f"{function.module.path}:{node.lineno}",
                event.category, event.level, _message(event), module.line(event.line), event.steps,
            )
        )  # fmt: skip

    def _module(self, path: str) -> Module:
        return next(module for module in self.project.modules.values() if module.path == path)


def _message(event: Event) -> str:
    root = event.root
    if root is None or event.category in ("reads-global", "random") or event.text.startswith("assigns "):
        return event.text
    if root.kind == "argument":
        what = f"changes its argument '{root.name}'"
    elif root.kind == "nonlocal":
        what = f"changes '{root.name}' of the function around it"
    elif root.name.startswith("the default"):
        what = f"changes {root.name}"
    else:
        what = f"changes the global variable '{root.name}'"
    return f"{what}: {event.text}"
