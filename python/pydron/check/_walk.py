"""Walks the statements of a function and keeps what its variables may hold."""

from __future__ import annotations

import ast
from typing import Any, NamedTuple

from pydron.check import _origins as origins
from pydron.check._expressions import Expressions
from pydron.check._libraries import CERTAIN, LIKELY, POSSIBLE
from pydron.check._modules import Class, Function, Target, dotted_name
from pydron.check._origins import FRESH, Root, Value, joined

_MATCH_LEAVES = ("MatchStar", "MatchAs", "MatchMapping")

#: Types in annotations, by the last part of their names.
_ANNOTATED = {
    "int": "number", "float": "number", "complex": "number", "bool": "number", "str": "str", "bytes": "bytes",
    "list": "list", "List": "list", "dict": "dict", "Dict": "dict", "set": "set", "Set": "set", "tuple": "tuple",
    "Tuple": "tuple", "frozenset": "frozenset", "FrozenSet": "frozenset", "ndarray": "array", "NDArray": "array",
    "ArrayLike": "array", "bytearray": "bytearray", "DataFrame": "frame", "Series": "frame", "defaultdict": "dict",
    "Counter": "dict", "deque": "deque", "MutableSequence": "list", "MutableMapping": "dict", "Mapping": "dict",
}  # fmt: skip


class Step(NamedTuple):
    """One call on the way from a functional function to what is reported."""

    name: str
    path: str
    line: int


class Event(NamedTuple):
    """Something that a function does. For a change, `root` is what is changed; a finding is made of it at the top."""

    category: str
    level: int
    path: str
    line: int
    column: int
    text: str
    root: Root | None = None
    steps: tuple[Step, ...] = ()


class Frame(NamedTuple):
    """What a function does and returns, in terms of its own parameters."""

    events: list[Event]
    returns: Value


class Walk(Expressions):
    """One activation of a function. `outer` is that of the function it is defined in, where it was defined now."""

    def __init__(self, analysis: Any, function: Function, arguments: dict[str, Value], outer: Walk | None) -> None:
        self.analysis = analysis
        self.project = analysis.project
        self.libraries = analysis.libraries
        self.function = function
        self.module = function.module
        self.outer = outer
        self.env: dict[str, Value] = dict(arguments)
        self.local_imports: dict[str, Target] = {}
        self.events: dict[tuple[Any, ...], Event] = {}
        self.returned = None
        self.calls: list[tuple[ast.Call, Value, list[Value]]] = []

    def run(self) -> Frame:
        body = self.function.node.body
        if isinstance(body, list):
            self.block(body)
        else:
            self.returned = self.value(body)
        returns = self.returned if self.returned is not None else Value(kind="none")
        if self.function.names.yields:
            returns = origins.holding("generator", [returns])
        return Frame(list(self.events.values()), returns)

    # --- what is found

    def event(self, node: ast.AST, category: str, level: int, text: str, root: Root | None = None) -> None:
        line, column = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
        self.keep(Event(category, level, self.module.path, line, column, text, root))

    def keep(self, event: Event) -> None:
        key = (event.category, event.path, event.line, event.root, event.text)
        known = self.events.get(key)
        if known is None or known.level < event.level:
            self.events[key] = event

    def changes(self, node: ast.AST, value: Value, level: int, how: str) -> None:
        """The object is changed here."""
        for root, sure in value.roots.items():
            self.event(node, "global" if root.kind != "argument" else "argument", min(level, sure), how, root)

    # --- statements

    def block(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            method = getattr(self, "do_" + type(statement).__name__, None)
            if method is not None:
                method(statement)
            else:
                for child in ast.iter_child_nodes(statement):
                    if isinstance(child, ast.expr):
                        self.value(child)

    def branches(self, *blocks: list[ast.stmt]) -> None:
        """Exactly one of these runs."""
        before = self.env
        after: dict[str, Value] | None = None
        for statements in blocks:
            self.env = dict(before)
            self.block(statements)
            after = self.env if after is None else _joined_env(after, self.env)
        self.env = after if after is not None else before

    def do_Expr(self, node: ast.Expr) -> None:
        self.value(node.value)

    def do_Return(self, node: ast.Return) -> None:
        value = self.value(node.value) if node.value is not None else Value(kind="none")
        self.returned = value if self.returned is None else joined(self.returned, value)
        if value.kind == "unpicklable":
            self.event(node, "pickle", CERTAIN, f"returns {value.thing}")
        elif value.kind == "generator":
            self.event(node, "pickle", CERTAIN, "returns a generator")
        elif value.kind == "file":
            self.event(node, "pickle", CERTAIN, "returns an open file")

    def do_Assign(self, node: ast.Assign) -> None:
        value = self.value(node.value)
        for target in node.targets:
            self.assign(target, value, node.value)

    def do_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            value = self.value(node.value)
            if not value.kind:
                value = value.known(*self.annotated(node.annotation))
            self.assign(node.target, value, node.value)

    def do_AugAssign(self, node: ast.AugAssign) -> None:
        right = self.value(node.value)
        target = node.target
        if not isinstance(target, ast.Name):
            self.assign(target, FRESH, node.value)
            return
        self.writes_outer(target)
        old = self.name(target.id, target)
        operator = type(node.op).__name__
        if old.kind in origins.IN_PLACE:
            self.changes(node, old, CERTAIN, f"{self.source(node)}")
        elif old.kind not in origins.ATOMS and right.kind not in ("str", "bytes", "tuple"):
            level = POSSIBLE
            if right.kind in ("list", "set", "dict") or (old.kind == "" and self.seems_array(target.id)):
                level = LIKELY
            self.changes(node, old, level, f"{self.source(node)}, which changes an array or a list in place")
        if old.kind not in origins.ATOMS and operator in ("Add", "BitOr"):
            old = old._replace(near=origins.merged(old.near, right.near), far=origins.merged(old.far, right.far))
        self.env[target.id] = old if old.kind else old._replace(kind=right.kind if right.kind == "list" else "")

    def do_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.writes_outer(target)
                self.env.pop(target.id, None)
            else:
                self.assign(target, FRESH, target)

    def do_If(self, node: ast.If) -> None:
        self.value(node.test)
        self.branches(node.body, node.orelse)

    def do_For(self, node: ast.For) -> None:
        iterated = self.value(node.iter)
        element = self.element(iterated)
        before = dict(self.env)
        for _ in range(2):  # what the first pass has put into a variable is seen by the second
            self.assign(node.target, element, node.iter)
            self.block(node.body)
            self.env = _joined_env(before, self.env)
        self.block(node.orelse)

    do_AsyncFor = do_For

    def do_While(self, node: ast.While) -> None:
        before = dict(self.env)
        for _ in range(2):
            self.value(node.test)
            self.block(node.body)
            self.env = _joined_env(before, self.env)
        self.block(node.orelse)

    def do_With(self, node: ast.With) -> None:
        for one in node.items:
            value = self.value(one.context_expr)
            if one.optional_vars is not None:
                self.assign(one.optional_vars, self.entered(value), one.context_expr)
        self.block(node.body)

    do_AsyncWith = do_With

    def do_Try(self, node: ast.Try) -> None:
        before = dict(self.env)
        self.block(node.body)
        self.block(node.orelse)
        whole = self.env
        for handler in node.handlers:
            self.env = _joined_env(before, whole)
            if handler.type is not None:
                self.value(handler.type)
            if handler.name:
                self.env[handler.name] = FRESH
            self.block(handler.body)
            whole = _joined_env(whole, self.env)
        self.env = whole
        self.block(node.finalbody)

    do_TryStar = do_Try

    def do_Match(self, node: Any) -> None:
        subject = self.value(node.subject)
        before = self.env
        after = dict(before)
        for case in node.cases:
            self.env = dict(before)
            for pattern in ast.walk(case.pattern):
                if type(pattern).__name__ in _MATCH_LEAVES:
                    name = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
                    if name:
                        whole = pattern is case.pattern
                        self.env[name] = subject if whole else origins.item(subject)
            if case.guard is not None:
                self.value(case.guard)
            self.block(case.body)
            after = _joined_env(after, self.env)
        self.env = after

    def do_FunctionDef(self, node: ast.FunctionDef) -> None:
        function = self.module.functions.get(node)
        self.env[node.name] = Value(kind="function", thing=(function, self)) if function is not None else FRESH
        for default in [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]:
            self.value(default)

    do_AsyncFunctionDef = do_FunctionDef

    def do_ClassDef(self, node: ast.ClassDef) -> None:
        cls = self.module.classes.get(node)
        self.env[node.name] = Value(kind="class", thing=cls) if cls is not None else FRESH

    def do_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            dotted = alias.name if alias.asname else alias.name.split(".")[0]
            found = self.project.imported(dotted)
            if found is not None:
                self.local_imports[alias.asname or dotted] = found

    def do_ImportFrom(self, node: ast.ImportFrom) -> None:
        base = self.module.absolute(node)
        for alias in node.names:
            found = self.project.imported(f"{base}.{alias.name}")
            if found is not None:
                self.local_imports[alias.asname or alias.name] = found

    # --- assignment

    def assign(self, target: ast.expr, value: Value, source: ast.AST) -> None:
        if isinstance(target, ast.Name):
            self.writes_outer(target)
            scope = self.function.names
            if target.id in scope.nonlocals and self.outer is not None:
                self.outer.env[target.id] = joined(self.outer.env.get(target.id), value)
            elif target.id not in scope.globals:
                self.env[target.id] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            elements = source.elts if isinstance(source, (ast.Tuple, ast.List)) else []
            known = len(elements) == len(target.elts) and not any(isinstance(e, ast.Starred) for e in elements)
            for index, part in enumerate(target.elts):
                if known and elements[index] is not part:
                    self.assign(part, self.quietly(elements[index]), elements[index])
                else:
                    self.assign(part, self.element(value), part)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, origins.shell(value, "list"), target.value)
        elif isinstance(target, ast.Subscript):
            self.value(target.slice)
            container = self.value(target.value)
            if container.kind == "library" and str(container.thing) == "os.environ":
                self.event(target, "state", CERTAIN, "changes an environment variable")
            self.changes(target, container, CERTAIN, f"{self.source(target)} is assigned or deleted")
            self.fill(target.value, [value])
        elif isinstance(target, ast.Attribute):
            owner = self.value(target.value)
            if owner.kind in ("module", "library", "class"):
                what = {"module": "of a module", "library": "of a library", "class": "of a class"}[owner.kind]
                name = ".".join(dotted_name(target) or (target.attr,))
                self.event(target, "global", CERTAIN, f"assigns {name}, an attribute {what}")
            self.changes(target, owner, CERTAIN, f"{self.source(target)} is assigned or deleted")
            self.fill(target.value, [value])

    def writes_outer(self, target: ast.Name) -> None:
        """Assigning the name changes something that outlives the call."""
        scope = self.function.names
        if target.id in scope.globals:
            root = Root("global", target.id, False, self.module.path)
            self.event(target, "global", CERTAIN, f"assigns the global variable '{target.id}'", root)
        elif target.id in scope.nonlocals and self.owner_of(target.id) is None:
            root = Root("nonlocal", target.id, False, self.module.path)
            self.event(target, "global", CERTAIN, f"assigns '{target.id}' of the function around it", root)

    # --- types

    def annotated(self, node: ast.expr | None) -> tuple[str, Any]:
        """The kind that an annotation says, and of which class."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                node = ast.parse(node.value, mode="eval").body
            except SyntaxError:
                return "", None
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            kinds = [self.annotated(node.left), self.annotated(node.right)]
            kinds = [kind for kind in kinds if kind[0] != "none"]
            return kinds[0] if len(kinds) == 1 else ("", None)
        if isinstance(node, ast.Constant) and node.value is None:
            return "none", None
        if isinstance(node, ast.Subscript):
            chain = dotted_name(node.value)
            if chain and chain[-1] == "Optional":
                return self.annotated(node.slice)
            node = node.value
        chain = dotted_name(node) if node is not None else None
        if not chain:
            return "", None
        target = self.project.resolve(self.module, chain)
        if target is not None and target.kind == "class":
            return "instance", target.thing
        if target is not None and target.kind == "library" and target.thing in self.libraries.types:
            return "object", self.libraries.types[target.thing]
        return _ANNOTATED.get(chain[-1], ""), None

    def seems_array(self, name: str) -> bool:
        """Is the variable used as only an array would be?"""
        return name in self.analysis.arrays(self.function)


def _joined_env(a: dict[str, Value], b: dict[str, Value]) -> dict[str, Value]:
    return {name: joined(a.get(name), b.get(name)) for name in {**a, **b}}


def instance_of(cls: Class) -> Value:
    return Value(kind="instance", thing=cls)
