"""Walks expressions: what they give, and what evaluating them does."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from pydron.check import _origins as origins
from pydron.check._calls import Calls
from pydron.check._libraries import CERTAIN, LIKELY, POSSIBLE
from pydron.check._modules import Target, dotted_name
from pydron.check._origins import FRESH, NUMBER, TEXT, Value, item, joined

if TYPE_CHECKING:
    from pydron.check._walk import Walk

_CONSTANTS = {str: "str", bytes: "bytes", type(None): "none"}


class Expressions(Calls):
    """The part of a walk that deals with expressions."""

    def value(self, node: ast.AST | None) -> Value:
        if node is None:
            return FRESH
        method = getattr(self, "of_" + type(node).__name__, None)
        if method is not None:
            found: Value = method(node)
            return found
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child)
        return FRESH

    def quietly(self, node: ast.AST) -> Value:
        """The value of something that was walked already."""
        events, calls = self.events, self.calls
        self.events, self.calls = dict(events), list(calls)
        try:
            return self.value(node)
        finally:
            self.events, self.calls = events, calls

    def source(self, node: ast.AST) -> str:
        text = " ".join(ast.unparse(node).split())
        return f"'{text if len(text) <= 60 else text[:57] + '...'}'"

    # --- names

    def owner_of(self, name: str) -> Walk | None:
        """The activation around this one that has the variable, if that is known."""
        outer: Walk | None = self.outer
        while outer is not None:
            if name in outer.function.names.local or name in outer.env:
                return outer
            outer = outer.outer
        return None

    def of_Name(self, node: ast.Name) -> Value:
        return self.name(node.id, node)

    def name(self, name: str, node: ast.AST) -> Value:
        scope = self.function.names
        if name in self.env:
            return self.env[name]
        if name in self.local_imports:
            return self.of_target(self.local_imports[name], node)
        if name in scope.local:
            return FRESH
        owner = self.owner_of(name)
        if owner is not None:
            return owner.env[name] if name in owner.env else owner.name(name, node)
        outer = self.function.parent
        while outer is not None and name not in scope.globals:
            if name in outer.names.local:
                return self.of_enclosing(outer, name)
            outer = outer.parent
        target = self.project.resolve(self.module, (name,))
        return self.of_target(target, node) if target is not None else FRESH

    def of_enclosing(self, outer: Any, name: str) -> Value:
        """A variable of a function that ran before: it is what its last definition in there says."""
        for child in ast.walk(outer.node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)) and child.name == name:
                function = outer.module.functions.get(child)
                if function is not None and function.parent is outer:
                    return Value(kind="function", thing=(function, None))
            if isinstance(child, (ast.Import, ast.ImportFrom)):
                for alias in child.names:
                    if (alias.asname or alias.name.split(".")[0]) == name:
                        base = outer.module.absolute(child) + "." if isinstance(child, ast.ImportFrom) else ""
                        dotted = base + (alias.name if alias.asname or base else name)
                        target = self.project.imported(dotted)
                        return self.of_target(target, child) if target is not None else FRESH
        kind = ""
        for child in ast.walk(outer.node):
            if isinstance(child, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in child.targets):
                kind = kind or self.kind_of_literal(child.value)
        return origins.of_outer("nonlocal", name, self.module.path, kind)

    def of_target(self, target: Target, node: ast.AST) -> Value:
        if target.kind == "function":
            return Value(kind="function", thing=(target.thing, None))
        if target.kind == "data":
            return self.of_data(target.thing[0], target.thing[1], node)
        return Value(kind=target.kind, thing=target.thing)

    def of_data(self, module: Any, name: str, node: ast.AST) -> Value:
        """Data of a module. Reading what functions change is reported."""
        for writer, line, rebinds in self.project.writers(module, name):
            verb = "assigns" if rebinds else "changes"
            text = f"reads the global variable '{name}', which '{writer.name}' {verb} ({writer.module.path}:{line})"
            root = origins.Root("global", name, False, module.path)
            self.event(node, "reads-global", LIKELY, text, root)
            break
        values = module.values.get(name, [])
        if len(values) == 1:
            return self.of_global_value(module, name, values[0])
        kinds = {self.kind_of_literal(value) for value in values}
        return origins.of_outer("global", name, module.path, kinds.pop() if len(kinds) == 1 else "")

    def of_global_value(self, module: Any, name: str, value: ast.expr) -> Value:
        kind, thing = self.kind_of_literal(value), None
        if isinstance(value, ast.Call):
            chain = dotted_name(value.func)
            target = self.project.resolve(module, chain) if chain else None
            if target is not None and target.kind == "library":
                dotted = str(target.thing)
                if dotted in self.libraries.types:
                    kind, thing = "object", self.libraries.types[dotted]
                elif dotted == "pydron.functional" and value.args:
                    inner = dotted_name(value.args[0])
                    wrapped = self.project.resolve(module, inner) if inner else None
                    return self.of_target(wrapped, value) if wrapped is not None else FRESH
                elif dotted.split(".")[-1] in ("namedtuple", "NamedTuple", "TypeVar", "compile", "getenv"):
                    return FRESH
                elif dotted in ("builtins.list", "builtins.dict", "builtins.set", "builtins.bytearray"):
                    kind = dotted.split(".")[1]
                elif dotted.startswith("collections."):
                    kind = {"deque": "deque"}.get(dotted.split(".")[1], "dict")
                elif dotted.startswith("numpy.") and self.libraries.effect(dotted) is not None:
                    kind = "array"
            elif target is not None and target.kind == "class":
                kind, thing = "instance", target.thing
        elif isinstance(value, (ast.Name, ast.Attribute)):
            chain = dotted_name(value)
            target = self.project.resolve(module, chain) if chain else None
            if target is not None and target.kind in ("function", "class", "module", "library"):
                return self.of_target(target, value)
        elif isinstance(value, ast.Lambda) and value in module.functions:
            return Value(kind="function", thing=(module.functions[value], None))
        return origins.of_outer("global", name, module.path, kind, thing)

    def kind_of_literal(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant):
            return _CONSTANTS.get(type(node.value), "number")
        if isinstance(node, ast.UnaryOp):
            return self.kind_of_literal(node.operand)
        if isinstance(node, ast.BinOp):
            left, right = self.kind_of_literal(node.left), self.kind_of_literal(node.right)
            return left if left == right else ""
        return {
            ast.List: "list", ast.ListComp: "list", ast.Dict: "dict", ast.DictComp: "dict", ast.Set: "set",
            ast.SetComp: "set", ast.Tuple: "tuple", ast.JoinedStr: "str",
        }.get(type(node), "")  # fmt: skip

    # --- parts of objects

    def of_Attribute(self, node: ast.Attribute) -> Value:
        owner = self.value(node.value)
        if owner.kind in ("module", "library"):
            if owner.kind == "library" and f"{owner.thing}.{node.attr}" == "os.environ":
                self.event(node, "environment", CERTAIN, "reads environment variables (os.environ)")
            target = self.project.attribute(Target(owner.kind, owner.thing), node.attr)
            return self.of_target(target, node) if target is not None else FRESH
        if owner.kind in ("class", "instance"):
            method = self.project.method(owner.thing, node.attr)
            if method is not None:
                if method.decorator("property") and owner.kind == "instance":
                    return self.enter(node, method, [owner], {}, None)
                bound = None if owner.kind == "class" and not method.decorator("classmethod") else owner
                return owner.known("method", (method, bound))
            if owner.kind == "class":
                return origins.of_outer("global", f"{owner.thing.qualname}.{node.attr}", owner.thing.module.path)
        if node.attr in self.libraries.views:
            return origins.view(owner, CERTAIN if owner.kind == "array" else LIKELY)
        if node.attr in ("shape", "size", "ndim", "nbytes", "itemsize", "dtype"):
            return NUMBER
        return item(owner)

    def of_Subscript(self, node: ast.Subscript) -> Value:
        owner = self.value(node.value)
        self.value(node.slice)
        if not isinstance(node.ctx, ast.Load):
            return owner
        if owner.kind in ("str", "bytes", "number"):
            return owner
        if isinstance(node.slice, ast.Slice):
            if owner.kind in ("list", "tuple"):
                return origins.shell(owner)
            name = node.value.id if isinstance(node.value, ast.Name) else ""
            likely = owner.kind in ("array", "frame") or bool(name and self.seems_array(name))
            return origins.view(owner, LIKELY if likely else POSSIBLE)
        return item(owner)

    def of_Starred(self, node: ast.Starred) -> Value:
        return self.element(self.value(node.value))

    def element(self, value: Value) -> Value:
        """What iterating over it gives. An iterator that existed before is used up by that."""
        if value.kind == "range":
            return NUMBER
        return item(value)

    def entered(self, value: Value) -> Value:
        """What `with` gives: nearly always the object itself."""
        if value.kind == "instance":
            method = self.project.method(value.thing, "__enter__")
            if method is None:
                return FRESH
        return value

    # --- new objects

    def of_Constant(self, node: ast.Constant) -> Value:
        return Value(kind=_CONSTANTS.get(type(node.value), "number"))

    def of_JoinedStr(self, node: ast.JoinedStr) -> Value:
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.value(part.value)
        return TEXT

    def of_List(self, node: ast.List) -> Value:
        return origins.holding("list", [self.value(e) for e in node.elts])

    def of_Tuple(self, node: ast.Tuple) -> Value:
        return origins.holding("tuple", [self.value(e) for e in node.elts])

    def of_Set(self, node: ast.Set) -> Value:
        return origins.holding("set", [self.value(e) for e in node.elts])

    def of_Dict(self, node: ast.Dict) -> Value:
        return self._dict(node)

    def _dict(self, node: ast.Dict) -> Value:
        found = []
        for key, value in zip(node.keys, node.values):
            self.value(key)  # keys can be hashed: hardly ever does anybody change them
            given = self.value(value)
            found.append(given if key is not None else item(given))
        return origins.holding("dict", found)

    def of_BinOp(self, node: ast.BinOp) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        for one in (left, right):
            if one.kind == "object" and one.thing == "pathlib.Path":
                return Value(kind="object", thing=one.thing)
        if "array" in (left.kind, right.kind):
            return Value(kind="array")
        if left.kind in ("str", "bytes", "number") and (left.kind == right.kind or left.kind == "str"):
            return Value(kind=left.kind)
        if left.kind in ("list", "tuple"):
            return origins.holding(left.kind, [item(left), item(right)])
        return Value(kind="") if left.kind == right.kind == "" else FRESH

    def of_UnaryOp(self, node: ast.UnaryOp) -> Value:
        value = self.value(node.operand)
        return Value(kind=value.kind if value.kind in ("number", "array") else "")

    def of_Compare(self, node: ast.Compare) -> Value:
        for part in [node.left, *node.comparators]:
            self.value(part)
        return FRESH

    def of_BoolOp(self, node: ast.BoolOp) -> Value:
        found: Value | None = None
        for part in node.values:
            found = joined(found, self.value(part))
        return found or FRESH

    def of_IfExp(self, node: ast.IfExp) -> Value:
        self.value(node.test)
        return joined(self.value(node.body), self.value(node.orelse))

    def of_NamedExpr(self, node: ast.NamedExpr) -> Value:
        value = self.value(node.value)
        self.assign(node.target, value, node.value)
        return value

    def of_Lambda(self, node: ast.Lambda) -> Value:
        function = self.module.functions.get(node)
        return Value(kind="function", thing=(function, self)) if function is not None else FRESH

    def of_Await(self, node: ast.Await) -> Value:
        return self.value(node.value)

    def of_Yield(self, node: ast.Yield) -> Value:
        value = self.value(node.value)
        self.returned = value if self.returned is None else joined(self.returned, value)
        return FRESH

    def of_YieldFrom(self, node: ast.YieldFrom) -> Value:
        value = self.element(self.value(node.value))
        self.returned = value if self.returned is None else joined(self.returned, value)
        return FRESH

    # --- comprehensions

    def _comprehension(self, node: Any, parts: list[ast.expr], kind: str) -> Value:
        before = dict(self.env)
        for generator in node.generators:
            self.assign(generator.target, self.element(self.value(generator.iter)), generator.iter)
            for condition in generator.ifs:
                self.value(condition)
        values = [self.value(part) for part in parts][-1:]
        names = {n.id for g in node.generators for n in ast.walk(g.target) if isinstance(n, ast.Name)}
        for name in names:
            if name in before:
                self.env[name] = before[name]
            else:
                self.env.pop(name, None)
        return origins.holding(kind, values)

    def of_ListComp(self, node: ast.ListComp) -> Value:
        return self._comprehension(node, [node.elt], "list")

    def of_SetComp(self, node: ast.SetComp) -> Value:
        return self._comprehension(node, [node.elt], "set")

    def of_GeneratorExp(self, node: ast.GeneratorExp) -> Value:
        return self._comprehension(node, [node.elt], "generator")

    def of_DictComp(self, node: ast.DictComp) -> Value:
        return self._comprehension(node, [node.key, node.value], "dict")
