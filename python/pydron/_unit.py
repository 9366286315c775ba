"""Writes what the analysis reads: ASTs of pipelines, and what their names are bound to (docs/template.md)."""

from __future__ import annotations

import ast
import builtins
import logging
import struct
import sys
import types
from typing import Any

from . import _guards
from ._functions import Functional, declare, declared_functional
from ._naming import is_original, public_name
from ._nodes import children, number_of, set_free, set_number, walk
from ._pipelines import pipeline_of
from ._plain import plain
from ._project import Project
from ._witness import Witness

FUNCTIONAL, PIPELINE, LIBRARY, MODULE, IMMUTABLE, RECORD, PLAIN = 1, 2, 3, 4, 5, 6, 7

_SKIPPED = frozenset({"ctx", "type_comment", "returns", "annotation", "kind", "level", "simple", "type_params"})
_ATOMS = (int, float, complex, bool, str, bytes, type(None), type(Ellipsis))
_STREAMS = ("sys.stdout", "sys.stderr")
_MISSING = object()
_LAZY = frozenset({"numpy", "scipy", "astropy", "pandas"})

Binding = tuple[int, str]
Kinds = tuple[type, ...]


class Strings:
    """A table that gives each string a number."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        return self.numbers.setdefault(text, len(self.numbers))

    def encode(self) -> bytes:
        out = bytearray(struct.pack("<I", len(self.numbers)))
        for text in self.numbers:
            data = text.encode("utf-8", "surrogatepass")
            out += struct.pack("<I", len(data)) + data
        return bytes(out)


def number(tree: ast.AST) -> list[ast.AST]:
    """Give each expression, statement and handler of a function its number; returns them in that order.

    Names in the scope of a lambda or comprehension are marked: there, variables of the function are free variables.
    """
    nodes: list[ast.AST] = []
    open_nodes: list[tuple[ast.AST, bool]] = [(tree, False)]
    while open_nodes:
        node, free = open_nodes.pop()
        if isinstance(node, (ast.expr, ast.stmt, ast.excepthandler)):
            set_number(node, len(nodes))
            nodes.append(node)
        if free and isinstance(node, ast.Name):
            set_free(node)
        inside = free or _is_scope(node)
        outside = _evaluated_outside(node)
        for child in children(node):
            if isinstance(child, ast.comprehension) and child is outside:
                open_nodes += [(part, inside) for part in children(child) if part is not child.iter]
                open_nodes.append((child.iter, free))
            else:
                open_nodes.append((child, free if child is outside else inside))
    return nodes


def _is_scope(node: ast.AST) -> bool:
    if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp)):
        return sys.version_info < (3, 12)
    return isinstance(node, (ast.Lambda, ast.GeneratorExp))


def _evaluated_outside(node: ast.AST) -> ast.AST | None:
    """The child that belongs to the scope around: of a comprehension, the first clause's iterable does."""
    if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
        return node.generators[0]
    return node.args if isinstance(node, ast.Lambda) else None


class Writer:
    """Writes nodes as tagged values."""

    def __init__(self) -> None:
        self.strings = Strings()
        self.out = bytearray()

    def count(self, value: int) -> None:
        self.out += struct.pack("<I", value)

    def text(self, value: str) -> None:
        self.out += struct.pack("<I", self.strings(value))

    def value(self, value: Any) -> None:
        if value is None:
            self.out.append(0)
        elif isinstance(value, ast.Constant):
            self._constant(value)
        elif isinstance(value, ast.AST):
            self._node(value)
        elif isinstance(value, list):
            self.out.append(2)
            self.count(len(value))
            for item in value:
                self.value(item)
        else:
            self.out.append(3)
            self.text(str(value))

    def _head(self, node: ast.AST, fields: int) -> None:
        self.out.append(1)
        self.text(type(node).__name__)
        self.out += struct.pack("<iib", number_of(node), getattr(node, "lineno", 0), fields)

    def _constant(self, node: ast.Constant) -> None:
        self._head(node, 2)
        self.text("type")
        self.value(type(node.value).__name__)
        self.text("value")
        self.value(_shown(node.value))

    def _node(self, node: ast.AST) -> None:
        fields = [name for name in node._fields if name not in _SKIPPED and getattr(node, name, None) is not None]
        self._head(node, len(fields))
        for name in fields:
            self.text(name)
            self.value(getattr(node, name))


def _shown(constant: Any) -> str:
    if isinstance(constant, (str, bytes)):
        return ""
    if isinstance(constant, int) and constant.bit_length() > 1000:
        return hex(constant)[:40]  # it may be too long to be shown in decimal
    return repr(constant)[:40]


def encode(
    functions: list[tuple[str, str, list[str], dict[str, Binding], ast.FunctionDef]],
    catalogues: list[tuple[str, str]],
) -> bytes:
    """A unit of (name, file, free variables, bindings, definition), and of (file, text) of the project's catalogues."""
    writer = Writer()
    writer.count(len(functions))
    for name, file, free, bindings, definition in functions:
        writer.text(name)
        writer.text(file)
        writer.count(len(free))
        for variable in free:
            writer.text(variable)
        writer.count(len(bindings))
        for dotted, (kind, detail) in bindings.items():
            writer.text(dotted)
            writer.out.append(kind)
            writer.text(detail)
        decorators, definition.decorator_list = definition.decorator_list, []
        try:
            writer.value(definition)
        finally:
            definition.decorator_list = decorators
    writer.count(len(catalogues))
    for file, text in catalogues:
        writer.text(file)
        writer.text(text)
    return writer.strings.encode() + bytes(writer.out)


def decode(data: bytes) -> Any:
    """The nested lists of a template."""
    view = memoryview(data)
    offset = 4
    (count,) = struct.unpack_from("<I", view, 0)
    strings: list[str] = []
    for _ in range(count):
        (length,) = struct.unpack_from("<I", view, offset)
        offset += 4
        strings.append(str(view[offset : offset + length], "utf-8", "surrogatepass"))
        offset += length
    value, _ = _value(view, offset, strings)
    return value


def _value(view: memoryview, offset: int, strings: list[str]) -> tuple[Any, int]:
    tag = view[offset]
    offset += 1
    if tag == 0:
        return None, offset
    (number,) = struct.unpack_from("<i", view, offset)
    offset += 4
    if tag == 1:
        return number, offset
    if tag == 3:
        return strings[number], offset
    items = []
    for _ in range(number):
        item, offset = _value(view, offset, strings)
        items.append(item)
    return items, offset


# ---- bindings


def dotted_names(tree: ast.AST) -> list[str]:
    """Every name and dotted name in a function, the longest chains and all their beginnings."""
    found: dict[str, None] = {}
    for node in walk(tree):
        if isinstance(node, (ast.Name, ast.Attribute)):
            chain = _dotted(node)
            if chain is not None:
                found[chain] = None
    return list(found)


#: Attributes in a row; nothing that a longer chain is bound to matters.
_LONGEST = 30


def _dotted(node: ast.AST) -> str | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < _LONGEST:
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    parts.append(node.id)
    return ".".join(reversed(parts))


class Resolver:
    """Finds out what the names in a function are bound to, without running any code of the user's."""

    def __init__(
        self,
        function: types.FunctionType,
        arguments: dict[str, Any],
        ours: dict[Any, str],
        project: Project,
        witness: Witness,
    ) -> None:
        self.free = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
        self.globals = function.__globals__
        self.arguments = arguments
        self.places = {name: place for place, name in enumerate(arguments)}
        self.locals = frozenset(function.__code__.co_varnames + function.__code__.co_cellvars)
        self.ours = ours
        self.project = project
        self.witness = witness

    def bindings(self, names: list[str], functional: type, pipeline: Kinds, index: Any) -> dict[str, Binding]:
        """Dotted name to binding, for those that are bound to something the analysis can use."""
        found: dict[str, Binding] = {}
        for dotted in names:
            binding = self._binding(dotted, functional, pipeline, index)
            if binding is not None:
                found[dotted] = binding
        return found

    def _binding(self, dotted: str, functional: type, pipeline: Kinds, index: Any) -> Binding | None:
        try:
            return self._found(dotted.split("."), functional, pipeline, index)
        except Exception:
            return None  # a class whose metaclass makes even looking at it fail

    def _found(self, parts: list[str], functional: type, pipeline: Kinds, index: Any) -> Binding | None:
        value = self._root(parts[0])
        path = None
        witness = self.witness
        for part in parts[1:]:
            if value is _MISSING:
                return None
            if _is_a(value, types.ModuleType):
                path = f"{value.__name__}.{part}"
                value = _member(value, part, witness)
            elif _is_a(value, logging.Logger):
                witness.attribute(value)
                path = f"logging.Logger.{part}"
                value = getattr(logging.Logger, part, _MISSING) if type(value) is logging.Logger else _MISSING
            elif path is not None and path.startswith("sys.std") and type(value).__module__ == "_io":
                witness.attribute(value)
                path = f"{path}.{part}"
                value = getattr(value, part, _MISSING)
            else:
                witness.attribute(value)
                owner = self._library(value, path) if _is_a(value, type) else None
                path = f"{owner[1]}.{part}" if owner is not None and owner[0] == LIBRARY else None
                value = _known(_static(value, part))
                if not _is_a(value, (functional, *pipeline)) and (path is None or not callable(value)):
                    return None
        if value is _MISSING:
            return None
        value = _known(value)
        if _is_a(value, functional):
            return FUNCTIONAL, ""
        if _is_a(value, pipeline):
            return PIPELINE, str(index(value))
        if declared_functional(value) is not None:
            return FUNCTIONAL, ""
        if parts[0] in self.locals:
            return None
        binding = self._library(value, path)
        if binding is not None and binding[0] == LIBRARY and binding[1] in self.project.names:
            if binding[1] not in self.project.functional:
                return binding
            declare(value, Functional(value))
            return FUNCTIONAL, ""
        function = plain(value)
        if function is not None:
            number = index(function)
            return (PLAIN, str(number)) if number >= 0 else None
        return binding

    def _library(self, value: Any, path: str | None) -> Binding | None:
        kind = type(value)
        if _is_a(value, types.ModuleType):
            return MODULE, ""
        if kind in _ATOMS:
            return IMMUTABLE, ""
        for known, ours in self.ours.items():
            if known is value:
                return LIBRARY, ours
        if path in _STREAMS and type(value).__module__ == "_io":
            return LIBRARY, str(path)
        if not callable(value):
            return None
        if kind is type and _guards.is_record(value):
            return RECORD, _guards.attributes_of(value)
        if path is not None and is_original(value, path):
            return LIBRARY, path
        name = public_name(value)
        return (LIBRARY, name) if name is not None else None

    def _root(self, name: str) -> Any:
        witness = self.witness
        if name in self.arguments:
            witness.argument(self.places[name], self.arguments[name])
            return self.arguments[name]
        if name in self.locals:
            return _MISSING
        if name in self.free:
            try:
                value = self.free[name].cell_contents
            except ValueError:
                witness.exact = False
                return _MISSING
            witness.cell(self.free[name], value)
            return value
        if name in self.globals:
            witness.entry(self.globals, name, self.globals[name])
            return self.globals[name]
        witness.absent(self.globals, name)
        return _entry(vars(builtins), name, witness)


def _entry(space: dict[str, Any], name: str, witness: Witness) -> Any:
    value = space.get(name, _MISSING)
    if value is _MISSING:
        witness.absent(space, name)
    else:
        witness.entry(space, name, value)
    return value


def _known(value: Any) -> Any:
    """What is known of a pipeline, in place of its function."""
    return pipeline_of(value) or value


_dict_of = type.__dict__["__dict__"].__get__
_mro_of = type.__dict__["__mro__"].__get__


def _is_a(value: Any, kinds: Any) -> bool:
    """`isinstance` would ask the value for its `__class__`, which may be code of the user's."""
    return issubclass(type(value), kinds)


def _member(module: types.ModuleType, name: str, witness: Witness) -> Any:
    found = _entry(vars(module), name, witness)
    if found is _MISSING and module.__name__.partition(".")[0] in _LAZY and hasattr(module, "__path__"):
        # They import their parts when these are asked for, which the program is about to do.
        found = getattr(module, name, _MISSING)
    return found


def _static(value: Any, attribute: str) -> Any:
    is_class = _is_a(value, type)
    bases = _mro_of(value if is_class else type(value)) or ()  # a class has none while it is made
    if not is_class:
        own = _attributes(value, bases)
        if own is not None and attribute in own:
            return own[attribute]
    for base in bases:
        if attribute in _dict_of(base):
            found = _dict_of(base)[attribute]
            return found.__func__ if type(found) in (staticmethod, classmethod) else found
    return _MISSING


def _attributes(value: Any, bases: tuple[type, ...]) -> dict[str, Any] | None:
    for base in bases:
        found = _dict_of(base).get("__dict__")
        if found is not None:
            own = found.__get__(value) if type(found) is types.GetSetDescriptorType else None
            return own if type(own) is dict else None
    return None


assert sys.version_info >= (3, 9)
