"""Walks calls: into the user's functions, and out to libraries, whose effects are data."""

from __future__ import annotations

import ast
from typing import Any

from pydron.check import _origins as origins
from pydron.check._libraries import CERTAIN, LIKELY, POSSIBLE, words
from pydron.check._modules import Class, Function
from pydron.check._origins import FRESH, NUMBER, Root, Roots, Value, item

#: Too common as names of methods that change nothing: only where the type is known, or on a variable that is filled.
_DOUBTFUL = frozenset(("add", "update", "remove", "put", "resize", "partition", "put"))
_FRESH_KINDS = {
    "list": "list",
    "sorted": "list",
    "dict": "dict",
    "set": "set",
    "tuple": "tuple",
    "frozenset": "frozenset",
}
_NUMBERS = words("len int float bool abs round sum min max ord hash complex pow divmod id")
_TEXTS = words("str repr format chr ascii bin hex oct")
_WRITING = frozenset(("update", "append", "ostream", "denywrite"))
_FILE_METHODS = words("write writelines truncate")


class Calls:
    """The part of a walk that deals with calls."""

    # What the other parts provide.
    analysis: Any
    project: Any
    libraries: Any
    function: Function
    module: Any
    env: dict[str, Value]
    outer: Any
    local_imports: dict[str, Any]
    returned: Value | None
    assign: Any
    seems_array: Any
    events: dict[tuple[Any, ...], Any]
    calls: list[tuple[ast.Call, Value, list[Value]]]
    value: Any
    event: Any
    keep: Any
    changes: Any
    source: Any
    annotated: Any

    def of_Call(self, node: ast.Call) -> Value:
        called = self.value(node.func) if not isinstance(node.func, ast.Attribute) else None
        if called is None:
            assert isinstance(node.func, ast.Attribute)
            return self._method_call(node, node.func)
        positional = [self.value(a) for a in node.args]
        keywords = {k.arg: self.value(k.value) for k in node.keywords}
        return self.call(node, called, positional, keywords)

    def call(self, node: ast.Call, called: Value, positional: list[Value], keywords: dict[str | None, Value]) -> Value:
        self.calls.append((node, called, [*positional, *keywords.values()]))
        if called.kind == "function":
            function, outer = called.thing
            return self.enter(node, function, positional, keywords, outer)
        if called.kind == "method":
            function, bound = called.thing
            static = function.decorator("staticmethod")
            return self.enter(
                node, function, positional if static or bound is None else [bound, *positional], keywords, None
            )
        if called.kind == "class":
            return self._construct(node, called.thing, positional, keywords)
        self._hand_on(node, called, [*positional, *keywords.values()])
        if called.kind == "library":
            return self._library(node, str(called.thing), positional, keywords)
        if called.kind == "instance":
            method = self.project.method(called.thing, "__call__")
            if method is not None:
                return self.enter(node, method, [called, *positional], keywords, None)
        if any(root.kind == "argument" for root in called.roots):
            self.event(node, "unknown", POSSIBLE, f"calls what it was given: {self.source(node.func)}")
        return FRESH

    # --- the user's own

    def enter(
        self,
        node: ast.AST,
        function: Function,
        positional: list[Value],
        keywords: dict[str | None, Value],
        outer: Any,
    ) -> Value:
        """A call of a function of the user's: what it does happens here."""
        from pydron.check._walk import Step

        arguments = bound(function, positional, keywords, node)
        frame = self.analysis.frame(function, arguments, outer)
        step = Step(function.name, self.module.path, getattr(node, "lineno", 0))
        for event in frame.events:
            steps = (step, *event.steps)
            root = event.root
            if event.category == "pickle":
                continue  # it matters for what leaves the process, and this does not
            if root is None or root.kind != "argument" or root.owner != function.key:
                self.keep(event._replace(steps=steps))
                continue
            argument = arguments.get(root.name, FRESH)
            for mine, sure in (argument.inner() if root.deep else argument.roots).items():
                category = "argument" if mine.kind == "argument" else "global"
                self.keep(event._replace(category=category, root=mine, level=min(event.level, sure), steps=steps))
        returns = frame.returns
        return Value(
            _mapped(function, returns.roots, arguments),
            _mapped(function, returns.near, arguments),
            _mapped(function, returns.far, arguments),
            returns.kind,
            returns.thing,
        )

    def _construct(
        self, node: ast.Call, cls: Class, positional: list[Value], keywords: dict[str | None, Value]
    ) -> Value:
        fields = self._fields(cls)
        given = [value for name, value in zip(fields, positional) if fields[name] not in origins.ATOMS]
        given += positional[len(fields) :]
        given += [value for name, value in keywords.items() if fields.get(name or "") not in origins.ATOMS]
        whole = origins.holding("", given)
        made = Value(
            origins.NOTHING, origins.capped(whole.near, LIKELY), origins.capped(whole.far, LIKELY), "instance", cls
        )
        for name in ("__init__", "__post_init__"):
            method = self.project.method(cls, name)
            if method is not None:
                self.enter(node, method, [made, *positional] if name == "__init__" else [made], keywords, None)
        return made

    def _fields(self, cls: Class) -> dict[str, str]:
        """The fields that a class annotates, as dataclasses do, and their kinds."""
        if "__init__" in cls.methods:
            parameters = cls.methods["__init__"].parameters()[1:]
            return {p.arg: self.annotated(p.annotation)[0] for p in parameters}
        return {
            statement.target.id: self.annotated(statement.annotation)[0]
            for statement in cls.node.body
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
        }

    def _hand_on(self, node: ast.Call, called: Value, values: list[Value]) -> None:
        """Functions of the user's that are handed to a library may be called by it."""
        for value in values:
            if value.kind not in ("function", "method") or value.thing is None:
                continue
            function, extra = value.thing
            first = [extra] if value.kind == "method" and extra is not None else []
            events = dict(self.events)
            self.enter(node, function, first, {}, extra if value.kind == "function" else None)
            for key, event in self.events.items():
                if key not in events and event.level > LIKELY:
                    self.events[key] = event._replace(level=LIKELY)

    # --- methods of objects

    def _method_call(self, node: ast.Call, target: ast.Attribute) -> Value:
        owner = self.value(target.value)
        name = target.attr
        if owner.kind in ("module", "library", "class", "instance"):
            called = self.quiet_attribute(owner, target)
            if called is not None:
                positional = [self.value(a) for a in node.args]
                keywords = {k.arg: self.value(k.value) for k in node.keywords}
                return self.call(node, called, positional, keywords)
        positional = [self.value(a) for a in node.args]
        keywords = {k.arg: self.value(k.value) for k in node.keywords}
        self._hand_on(node, owner, [*positional, *keywords.values()])
        if owner.kind == "super":
            return FRESH
        if owner.kind == "object":
            return self._object_method(node, owner, name, positional, keywords)
        if owner.kind == "file" and name in _FILE_METHODS and owner.roots:
            self.event(node, "file", CERTAIN, f"writes to a file that was opened elsewhere: {self.source(node)}")
            return FRESH
        self._plain_method(node, target, owner, name, positional)
        return self._result_of_method(target, owner, name, positional, keywords)

    def quiet_attribute(self, owner: Value, target: ast.Attribute) -> Value | None:
        found: Value = self.of_Attribute(target)  # type: ignore[attr-defined]
        return (
            found if found.kind in ("function", "class", "method", "library", "instance", "object", "module") else None
        )

    def _object_method(
        self, node: ast.Call, owner: Value, name: str, positional: list[Value], keywords: dict[str | None, Value]
    ) -> Value:
        """A method of an object of a library, whose type is known."""
        kind = str(owner.thing)
        if name in self.libraries.draws.get(kind, ()):
            for root, sure in owner.roots.items():
                how = f"{self.source(node)} takes the next random number"
                category = "argument" if root.kind == "argument" else "random"
                self.event(node, category, sure, how, root)
            if name == "shuffle" and positional:
                self.changes(node, positional[0], CERTAIN, f"{self.source(node)} shuffles it")
            return FRESH
        dotted = f"{kind}.{name}"
        if kind == "pathlib.Path" and name == "open":
            return self._open(node, 0, positional, keywords)
        return self._library(node, dotted, positional, keywords, kind if kind == "pathlib.Path" else "")

    def _plain_method(
        self, node: ast.Call, target: ast.Attribute, owner: Value, name: str, positional: list[Value]
    ) -> None:
        """A method of an object whose type may not be known: what its name says."""
        how = self.source(node)
        if owner.kind in self.libraries.changing:
            if name in self.libraries.changing[owner.kind]:
                self.changes(node, owner, CERTAIN, how)
                self.fill(target.value, _put_in(name, positional))
            return
        if owner.kind in origins.ATOMS:
            return
        effect = self.libraries.methods.get(name)
        if effect is not None and not self.is_certainly_own(owner):
            self.event(node, effect.category, effect.level, f"{how} writes or changes files")
        if name in self.libraries.mutators:
            self.changes(node, owner, LIKELY, how)
            self.fill(target.value, _put_in(name, positional))
        elif name in _DOUBTFUL:
            self.changes(node, owner, POSSIBLE, how)
        elif name in self.libraries.all_draws() and self._is_generator(target.value):
            self.changes(node, owner, LIKELY, f"{how} takes the next random number")
        for keyword in node.keywords:
            if keyword.arg == "out":
                self.changes(node, self.value(keyword.value), CERTAIN, f"{how} writes into it (out=)")
            if keyword.arg == "inplace" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True:
                self.changes(node, owner, CERTAIN, f"{how} changes it (inplace=True)")

    def is_certainly_own(self, owner: Value) -> bool:
        return owner.kind in ("list", "dict", "set", "tuple", "number", "str")

    def _is_generator(self, node: ast.expr) -> bool:
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        return name.strip("_").lower() in ("rng", "random_state", "prng", "generator", "rnd", "rs", "gen")

    def fill(self, target: ast.expr, values: list[Value]) -> None:
        """A variable now also reaches what was put into its object, or into one that it holds."""
        depth = 1
        while not isinstance(target, ast.Name):
            if isinstance(target, ast.Call):
                target = target.func
            elif isinstance(target, (ast.Subscript, ast.Attribute)):
                called = isinstance(target, ast.Attribute) and target.attr in ("setdefault", "get")
                target = target.value
                depth += not called or isinstance(target, ast.Name)
            else:
                return
        if target.id in self.env:
            self.env[target.id] = origins.filled(self.env[target.id], values, depth)

    def _result_of_method(
        self,
        target: ast.Attribute,
        owner: Value,
        name: str,
        positional: list[Value],
        keywords: dict[str | None, Value],
    ) -> Value:
        if owner.kind in ("str", "bytes"):
            return Value(kind="list") if name in ("split", "splitlines", "rsplit") else Value(kind=owner.kind)
        if name in ("copy", "tolist", "astype"):
            if owner.kind in ("list", "dict", "set"):
                return origins.shell(owner)
            kind = "list" if name == "tolist" else owner.kind
            return Value(kind=kind) if name != "astype" else Value(kind="array")
        if name in ("get", "setdefault", "pop", "popitem", "popleft") and owner.kind in (
            "dict",
            "list",
            "deque",
            "set",
            "",
        ):
            found = item(owner)
            for value in positional[1:]:
                found = origins.joined(found, value)
            return found
        if name in ("items", "values", "keys", "elements"):
            return origins.shell(owner, "view")
        if name in self.libraries.views:
            return origins.view(owner, LIKELY)
        if owner.kind == "array" and name in ("sum", "mean", "std", "min", "max", "var", "dot", "cumsum"):
            return FRESH
        return FRESH

    # --- libraries

    def _library(
        self,
        node: ast.Call,
        dotted: str,
        positional: list[Value],
        keywords: dict[str | None, Value],
        returns: str = "",
    ) -> Value:
        if dotted in self.libraries.opens:
            return self._open(node, self.libraries.opens[dotted], positional, keywords)
        seeded = bool(positional or keywords) and not (
            len(node.args) == 1
            and not node.keywords
            and isinstance(node.args[0], ast.Constant)
            and node.args[0].value is None
        )
        if dotted == "time.strftime":
            seeded = len(positional) > 1
        effect = self.libraries.effect(dotted, seeded)
        if effect is None:
            self.event(node, "unknown", POSSIBLE, f"calls {_short(dotted)}, which is not in the catalogue")
        elif effect.category and not _silent(dotted, node):
            self.event(node, effect.category, effect.level, f"calls {_short(dotted)}")
        index = self.libraries.mutates.get(dotted)
        if index is not None and index < len(positional):
            self.changes(node, positional[index], CERTAIN, f"{self.source(node)} changes it")
        out = keywords.get("out")
        place = self.libraries.outs.get(dotted)
        if out is None and place is not None and place < len(positional):
            out = positional[place]
        if out is not None:
            self.changes(node, out, CERTAIN, f"{self.source(node)} writes into it (out=)")
        return self._result_of_library(node, dotted, positional, keywords, returns)

    def _result_of_library(
        self,
        node: ast.Call,
        dotted: str,
        positional: list[Value],
        keywords: dict[str | None, Value],
        returns: str,
    ) -> Value:
        if dotted in self.libraries.types:
            kind = self.libraries.types[dotted]
            return Value(kind="file") if kind == "file" else Value(kind="object", thing=kind)
        if dotted in self.libraries.unpicklable:
            return Value(kind="unpicklable", thing=self.libraries.unpicklable[dotted])
        if dotted in self.libraries.views and positional:
            return origins.view(positional[0], LIKELY)._replace(kind="array")
        base, _, name = dotted.rpartition(".")
        if base == "builtins":
            return self._result_of_builtin(name, positional)
        if base == "collections":
            kind = "deque" if name == "deque" else "dict"
            return origins.holding(kind, [item(v) for v in positional])
        if base == "copy" and positional:
            first = positional[0]
            return Value(kind=first.kind) if name == "deepcopy" else origins.shell(first)
        if dotted in ("itertools.chain", "itertools.islice", "itertools.chain.from_iterable", "itertools.zip_longest"):
            return origins.holding("view", [item(v) for v in positional])
        if (base == "operator" and name in ("itemgetter", "attrgetter")) or base == "functools":
            return origins.holding("", positional)
        if base == "pathlib.Path" and returns and name in ("parent", "with_suffix", "joinpath", "resolve", "with_name"):
            return Value(kind="object", thing=returns)
        if base.startswith("numpy"):
            if name == "array" and positional and _is_false(node, "copy"):
                return origins.view(positional[0], CERTAIN)._replace(kind="array")
            if name == "nan_to_num" and positional and _is_false(node, "copy"):
                self.changes(node, positional[0], CERTAIN, f"{self.source(node)} changes it (copy=False)")
            out = keywords.get("out")
            return out if out is not None else Value(kind="array")
        return FRESH

    def _result_of_builtin(self, name: str, positional: list[Value]) -> Value:
        if name in _NUMBERS:
            if name in ("min", "max", "sum"):
                found: Value | None = None
                for value in positional:
                    found = origins.joined(found, item(value) if len(positional) == 1 else value)
                return found or FRESH
            return NUMBER
        if name in _TEXTS:
            return Value(kind="str")
        if name == "range":
            return Value(kind="range")
        if name in _FRESH_KINDS:
            return origins.holding(_FRESH_KINDS[name], [item(v) for v in positional])
        if name in ("enumerate", "zip", "reversed", "filter", "iter"):
            return origins.holding("view", [item(v) for v in positional])
        if name in ("getattr", "next") and positional:
            found = item(positional[0])
            return origins.joined(found, positional[2]) if len(positional) > 2 else found
        if name == "super":
            return self.env.get(next(iter(self.env), ""), FRESH)._replace(kind="super")
        if name in ("globals",):
            return Value({Root("global", "globals()", False, self.module.path): CERTAIN})
        if name == "vars" and positional:
            return positional[0]._replace(kind="dict")
        if name in ("bytearray", "object", "slice", "memoryview"):
            return Value(kind=name if name == "bytearray" else "")
        return FRESH

    def _open(self, node: ast.Call, place: int, positional: list[Value], keywords: dict[str | None, Value]) -> Value:
        mode: ast.expr | None = node.args[place] if len(node.args) > place else None
        for keyword in node.keywords:
            if keyword.arg == "mode":
                mode = keyword.value
        if isinstance(mode, ast.Constant) and isinstance(mode.value, str):
            if mode.value in _WRITING or (len(mode.value) <= 4 and set(mode.value) & set("wax+")):
                self.event(node, "file", CERTAIN, f"opens a file for writing: {self.source(node)}")
        elif mode is not None:
            self.event(node, "file", POSSIBLE, f"opens a file, perhaps for writing: {self.source(node)}")
        return Value(kind="file")


def bound(
    function: Function, positional: list[Value], keywords: dict[str | None, Value], node: ast.AST
) -> dict[str, Value]:
    """Which argument goes to which parameter. Those without an argument have their defaults."""
    a = function.node.args
    names = [arg.arg for arg in [*a.posonlyargs, *a.args]]
    found: dict[str, Value] = {}
    starred = isinstance(node, ast.Call) and any(isinstance(arg, ast.Starred) for arg in node.args)
    rest = list(positional)
    if starred:
        whole = origins.joined(origins.item(origins.holding("", rest)), origins.holding("", rest))
        found = {name: origins.item(whole) for name in names}
        rest = []
    for name, value in zip(names, rest):
        found[name] = value
    if a.vararg is not None:
        found[a.vararg.arg] = origins.holding("tuple", rest[len(names) :])
    others = [arg.arg for arg in a.kwonlyargs]
    extra = []
    for key, value in keywords.items():
        if key is not None and (key in names or key in others):
            found[key] = value
        else:
            extra.append(value)
    if a.kwarg is not None:
        found[a.kwarg.arg] = origins.holding("dict", extra)
    defaults = dict(zip(reversed(names), reversed(a.defaults)))
    defaults.update({name: default for name, default in zip(others, a.kw_defaults) if default is not None})
    for name in [*names, *others]:
        if name not in found:
            shared = isinstance(defaults.get(name), (ast.List, ast.Dict, ast.Set))
            what = f"the default of '{name}' of '{function.name}'"
            found[name] = origins.of_outer("global", what, function.module.path) if shared else FRESH
    return found


def _mapped(function: Function, roots: Roots, arguments: dict[str, Value]) -> Roots:
    """What a function said about its parameters, said about the arguments of one call."""
    found: Roots = origins.NOTHING
    for root, sure in roots.items():
        if root.kind != "argument" or root.owner != function.key or root.name not in arguments:
            found = origins.merged(found, {root: sure})
        else:
            argument = arguments[root.name]
            found = origins.merged(found, origins.capped(argument.inner() if root.deep else argument.roots, sure))
    return found


def _put_in(method: str, positional: list[Value]) -> list[Value]:
    """What a method that changes its object puts into it."""
    if method in ("setdefault", "insert"):
        return positional[1:]
    if method in ("extend", "update", "extendleft"):
        return [item(value) for value in positional]
    return positional if method in ("append", "appendleft", "add", "put", "fill") else []


def _short(dotted: str) -> str:
    return f"'{dotted[len('builtins.') :] if dotted.startswith('builtins.') else dotted}'"


def _silent(dotted: str, node: ast.Call) -> bool:
    """A progress bar that is switched off, a print to an object in memory."""
    if dotted == "builtins.print":
        files = [k.value for k in node.keywords if k.arg == "file"]
        return bool(files) and isinstance(files[0], ast.Name)
    return any(
        k.arg == "disable" and isinstance(k.value, ast.Constant) and k.value.value is True for k in node.keywords
    )


def _is_false(node: ast.Call, name: str) -> bool:
    return any(k.arg == name and isinstance(k.value, ast.Constant) and k.value.value is False for k in node.keywords)
