"""Source files, what names in them stand for, and where imports lead.

Nothing of the user's is executed. `importlib.util.find_spec` would import the packages that a module is in, so each
part of a dotted name is looked for in the folders of the part before it (`PathFinder`), which reads folders only.
"""

from __future__ import annotations

import ast
import builtins
import io
import os
import re
import sys
import sysconfig
import tokenize
from importlib.machinery import PathFinder
from typing import Any, NamedTuple, Union

from pydron.check._libraries import CATEGORIES, words

_OK = re.compile(r"#\s*pydron:\s*ok\b[ \t]*([^#]*)")
_CATEGORY = re.compile(r"[a-z-]+")
FunctionNode = Union[ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda]
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


class Unreadable(Exception):
    """A file that was named cannot be checked."""


class Target(NamedTuple):
    """What a name stands for. `kind` is function, class, module, library or data."""

    kind: str
    thing: Any  # a Function, Class or Module; the dotted name of a library's; (Module, name) of data


class Function:
    """A function of the user's: its place in the source."""

    def __init__(self, module: Module, node: FunctionNode, owner: Class | None, parent: Function | None) -> None:
        self.module = module
        self.node = node
        self.owner = owner
        self.parent = parent
        name = getattr(node, "name", "<lambda>")
        outer = owner.qualname if owner is not None else parent.qualname + ".<locals>" if parent is not None else ""
        self.qualname: str = f"{outer}.{name}" if outer else name
        self.names = _Scope(node)
        self.key = f"{module.path}:{node.lineno}:{node.col_offset}"  # no two functions share it

    @property
    def name(self) -> str:
        return self.qualname.replace("<locals>.", "")

    def parameters(self) -> list[ast.arg]:
        a = self.node.args
        return [
            *a.posonlyargs,
            *a.args,
            *([a.vararg] if a.vararg else []),
            *a.kwonlyargs,
            *([a.kwarg] if a.kwarg else []),
        ]

    def decorator(self, name: str) -> bool:
        nodes = getattr(self.node, "decorator_list", [])
        return any(isinstance(node, ast.Name) and node.id == name for node in nodes)


class Class:
    def __init__(self, module: Module, node: ast.ClassDef, qualname: str) -> None:
        self.module = module
        self.node = node
        self.qualname = qualname
        self.methods: dict[str, Function] = {}


class _Scope(ast.NodeVisitor):
    """Which names a function assigns, and which it declares global or nonlocal."""

    def __init__(self, node: FunctionNode) -> None:
        self.local: set[str] = set()
        self.globals: set[str] = set()
        self.nonlocals: set[str] = set()
        self.yields = False
        a = node.args
        self.local.update(arg.arg for arg in [*a.posonlyargs, *a.args, *a.kwonlyargs, a.vararg, a.kwarg] if arg)
        for child in node.body if isinstance(node.body, list) else [node.body]:
            self.visit(child)
        self.local -= self.globals | self.nonlocals

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            self.local.add(node.name)
            return
        if isinstance(node, ast.Lambda):
            return
        if isinstance(node, ast.Global):
            self.globals.update(node.names)
        elif isinstance(node, ast.Nonlocal):
            self.nonlocals.update(node.names)
        elif isinstance(node, (ast.Yield, ast.YieldFrom)):
            self.yields = True
        self.local.update(_bound(node))
        for child in ast.iter_child_nodes(node):
            self.visit(child)


def _bound(node: ast.AST) -> list[str]:
    """The names that this very node binds."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
        return [node.id]
    if isinstance(node, ast.alias):
        return [(node.asname or node.name).split(".")[0]]
    if isinstance(node, ast.ExceptHandler) and node.name:
        return [node.name]
    return (
        [name for name in (getattr(node, "name", None), getattr(node, "rest", None)) if isinstance(name, str)]
        if (type(node).__name__.startswith("Match"))
        else []
    )


class Module:
    """One source file."""

    def __init__(self, path: str, name: str, text: str) -> None:
        self.path = path
        self.name = name
        self.lines = text.splitlines()
        self.tree = ast.parse(text, path)
        self.silenced = _silenced(text)
        self.bindings: dict[str, Target] = {}
        self.values: dict[str, list[ast.expr]] = {}  # what data of the module is assigned
        self.stars: list[str] = []
        self.functions: dict[ast.AST, Function] = {}
        self.classes: dict[ast.AST, Class] = {}
        #: Data of this or another module that functions here change: (module, name) to (function, line).
        self.writes: list[tuple[tuple[str, ...], Function, int, bool]] = []
        self._collect(self.tree.body, None, None)
        for function in list(self.functions.values()):
            self._collect_writes(function)

    def is_silenced(self, line: int, category: str) -> bool:
        found = self.silenced.get(line)
        return found is not None and (not found or category in found)

    def line(self, number: int) -> str:
        return self.lines[number - 1].strip() if 0 < number <= len(self.lines) else ""

    # --- what names stand for

    def _collect(self, body: list[ast.stmt], owner: Class | None, parent: Function | None) -> None:
        """Finds definitions; at the level of the module, also what names are bound to."""
        stack: list[ast.AST] = list(reversed(body))
        top = owner is None and parent is None
        while stack:
            node = stack.pop()
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                function = self.functions[node] = Function(self, node, owner, parent)
                name = getattr(node, "name", None)
                if name and top:
                    self.bindings[name] = Target("function", function)
                if name and owner is not None:
                    owner.methods.setdefault(name, function)
                inner = node.body if isinstance(node.body, list) else [node.body]
                self._collect(inner, None, function)  # type: ignore[arg-type]
                stack += [*node.args.defaults, *(d for d in node.args.kw_defaults if d)]
                continue
            if isinstance(node, ast.ClassDef):
                qualname = f"{parent.qualname}.<locals>.{node.name}" if parent else node.name
                if owner is not None:
                    qualname = f"{owner.qualname}.{node.name}"
                cls = self.classes[node] = Class(self, node, qualname)
                if top:
                    self.bindings[node.name] = Target("class", cls)
                self._collect(node.body, cls, parent)
                continue
            if top:
                self._bind(node)
            stack += reversed(list(ast.iter_child_nodes(node)))

    def _bind(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                dotted = alias.name if alias.asname else alias.name.split(".")[0]
                self.bindings[alias.asname or dotted] = Target("import", dotted)
        elif isinstance(node, ast.ImportFrom):
            base = self.absolute(node)
            for alias in node.names:
                if alias.name == "*":
                    self.stars.append(base)
                else:
                    self.bindings[alias.asname or alias.name] = Target("import", f"{base}.{alias.name}")
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name) and node.value is not None:
                    self.values.setdefault(target.id, []).append(node.value)
                    self.bindings.setdefault(target.id, Target("data", (self, target.id)))
        for name in _bound(node):
            self.bindings.setdefault(name, Target("data", (self, name)))

    def absolute(self, node: ast.ImportFrom) -> str:
        """The module that `from … import` names."""
        if not node.level:
            return node.module or ""
        parts = self.name.split(".")
        if not self.path.endswith("__init__.py"):
            parts = parts[:-1]
        parts = parts[: len(parts) - (node.level - 1)]
        return ".".join([*parts, *([node.module] if node.module else [])])

    def _collect_writes(self, function: Function) -> None:
        """What a function changes at module level, as far as one sees without following anything."""
        scope = function.names
        for node in _own_nodes(function.node):
            chain: tuple[str, ...] | None = None
            rebinds = True
            if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)) and node.id in scope.globals:
                chain = (node.id,)
            elif isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.ctx, (ast.Store, ast.Del)):
                chain = dotted_name(node.value)
                rebinds = isinstance(node, ast.Attribute)
                if chain is not None and isinstance(node, ast.Attribute):
                    chain = (*chain, node.attr)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _MUTATORS:
                chain = dotted_name(node.func.value)
                rebinds = False
            if chain and (chain[0] not in scope.local) and not _is_outer_local(function, chain[0]):
                self.writes.append((chain, function, getattr(node, "lineno", 0), rebinds))


_MUTATORS = words("append extend insert add update setdefault pop remove discard clear sort reverse popitem")


def _is_outer_local(function: Function, name: str) -> bool:
    outer = function.parent
    while outer is not None:
        if name in outer.names.local:
            return True
        outer = outer.parent
    return False


def _own_nodes(node: ast.AST) -> list[ast.AST]:
    """The nodes of a function without those of functions in it."""
    found: list[ast.AST] = []
    stack = list(ast.iter_child_nodes(node))
    while stack:
        child = stack.pop()
        found.append(child)
        if not isinstance(child, _DEFINITIONS):
            stack += ast.iter_child_nodes(child)
    return found


def dotted_name(node: ast.AST) -> tuple[str, ...] | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return (node.id, *reversed(parts))


def _silenced(text: str) -> dict[int, set[str]]:
    """Lines with a comment `# pydron: ok`, and the categories it names; none means all."""
    found: dict[int, set[str]] = {}
    if "pydron:" not in text:
        return found
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            match = _OK.search(token.string) if token.type == tokenize.COMMENT else None
            if match:
                found[token.start[0]] = set(_CATEGORY.findall(match.group(1))) & CATEGORIES.keys()
    except (tokenize.TokenError, SyntaxError):
        pass  # the parser has the last word on what is wrong
    return found


class Project:
    """The user's modules, loaded as imports lead to them."""

    def __init__(self) -> None:
        self.modules: dict[str, Module] = {}  # by path
        self._found: dict[str, Module | None] = {}  # by dotted name
        self.folders: list[str] = []
        paths = sysconfig.get_paths()
        self._libraries = tuple({os.path.realpath(paths[k]) + os.sep for k in ("stdlib", "platstdlib") if k in paths})

    def load(self, path: str) -> Module:
        """The module of a file that the user named."""
        real = os.path.realpath(path)
        known = self.modules.get(real)
        if known is not None:
            return known
        name, folder = _module_name(real)
        if folder not in self.folders:
            self.folders.append(folder)
        try:
            with tokenize.open(path) as file:
                text = file.read()
        except OSError as error:
            raise Unreadable(f"cannot read '{path}': {error.strerror}") from None
        except (SyntaxError, UnicodeDecodeError) as error:
            raise Unreadable(f"cannot read '{path}': {error}") from None
        try:
            module = Module(path, name, text)
        except SyntaxError as error:
            raise Unreadable(f"{path}:{error.lineno}: {error.msg}") from None
        except (ValueError, RecursionError, MemoryError) as error:
            raise Unreadable(f"cannot parse '{path}': {error}") from None
        self.modules[real] = self._found[name] = module
        return module

    def module(self, dotted: str) -> Module | None:
        """The user's module of that name; None for those of libraries, and for what there is no source of."""
        if dotted not in self._found:
            self._found[dotted] = None
            path = self._path_of(dotted)
            if path is not None:
                try:
                    self._found[dotted] = self.load(path)
                except Unreadable:
                    self._found[dotted] = None
        return self._found[dotted]

    def _path_of(self, dotted: str) -> str | None:
        places: Any = [*self.folders, *(p for p in sys.path if p)]
        spec = None
        done = ""
        for part in dotted.split("."):
            done = f"{done}.{part}" if done else part
            try:
                spec = PathFinder.find_spec(done, list(places))
            except Exception:
                return None
            if spec is None:
                return None
            places = spec.submodule_search_locations or []
        origin = getattr(spec, "origin", None)
        if not origin or not origin.endswith(".py") or self._is_library(origin):
            return None
        near = os.path.relpath(origin)
        return str(origin) if near.startswith("..") else near

    def _is_library(self, path: str) -> bool:
        real = os.path.realpath(path)
        parts = real.split(os.sep)
        own = os.path.realpath(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))) + os.sep
        return "site-packages" in parts or "dist-packages" in parts or real.startswith((*self._libraries, own))

    # --- names

    def resolve(self, module: Module, chain: tuple[str, ...]) -> Target | None:
        """What a dotted name stands for at the level of a module."""
        found = self._name(module, chain[0], set())
        for attribute in chain[1:]:
            if found is None:
                return None
            found = self.attribute(found, attribute)
        return found

    def _name(self, module: Module, name: str, seen: set[tuple[str, str]]) -> Target | None:
        if (module.path, name) in seen:
            return None
        seen.add((module.path, name))
        found = module.bindings.get(name)
        if found is None:
            for star in module.stars:
                source = self.module(star)
                if source is not None:
                    found = self._name(source, name, seen)
                    if found is not None and found.thing != f"builtins.{name}":
                        return found
            return Target("library", f"builtins.{name}") if hasattr(builtins, name) else None
        return self.imported(found.thing, seen) if found.kind == "import" else found

    def imported(self, dotted: str, seen: set[tuple[str, str]] | None = None) -> Target | None:
        """What an import of that name gives: a module, or something in one."""
        own = self.module(dotted)
        if own is not None:
            return Target("module", own)
        base, _, name = dotted.rpartition(".")
        source = self.module(base) if base else None
        if source is not None:
            return self._name(source, name, seen if seen is not None else set())
        return Target("library", dotted)

    def attribute(self, target: Target, name: str) -> Target | None:
        if target.kind == "library":
            return Target("library", f"{target.thing}.{name}")
        if target.kind == "module":
            module: Module = target.thing
            found = self._name(module, name, set())
            if found is not None and (found.kind != "library" or found.thing != f"builtins.{name}"):
                return found
            below = self.module(f"{module.name}.{name}")
            return Target("module", below) if below is not None else None
        if target.kind == "class":
            method = self.method(target.thing, name)
            return Target("function", method) if method is not None else None
        return None

    def method(self, cls: Class, name: str, depth: int = 0) -> Function | None:
        """A method of a class or of its bases, as far as these are the user's."""
        if name in cls.methods:
            return cls.methods[name]
        for base in cls.node.bases:
            chain = dotted_name(base)
            found = self.resolve(cls.module, chain) if chain else None
            if found is not None and found.kind == "class" and depth < 20:
                method = self.method(found.thing, name, depth + 1)
                if method is not None:
                    return method
        return None

    def writers(self, module: Module, name: str) -> list[tuple[Function, int, bool]]:
        """The functions that change data of a module, of all modules known by now."""
        found = []
        for other in list(self.modules.values()):
            for chain, function, line, rebinds in other.writes:
                if other is module and chain == (name,):
                    found.append((function, line, rebinds))
                elif (len(chain) > 1 and chain[-1] == name) or other is not module:
                    target = self.resolve(other, chain)
                    if target is not None and target.kind == "data" and target.thing == (module, name):
                        found.append((function, line, rebinds))
        return found


def _module_name(path: str) -> tuple[str, str]:
    """The dotted name of a file, by the packages it is in, and the folder from which that name is found."""
    folder, file = os.path.split(path)
    parts = [] if file == "__init__.py" else [file[:-3] if file.endswith(".py") else file]
    while os.path.isfile(os.path.join(folder, "__init__.py")) and os.path.basename(folder):
        folder, package = os.path.split(folder)
        parts.insert(0, package)
    return ".".join(parts), folder
