"""Puts `@pydron.schedule` on every function of a file while it is imported; the file stays as it is.

The decorator is a constant in the syntax tree, not a name: names are looked up in namespaces that tests play with.
Lines, columns and the first line of each function are those of the file.
"""

from __future__ import annotations

import ast
import importlib.machinery
import importlib.util
import os
import sys
from types import CodeType, FunctionType, ModuleType
from typing import Any

from pydron import _functions, _source

_MARKER = "$pydron.schedule"


class Decorator:
    """What stands above each function. Counts what it was given."""

    def __init__(self, outermost: bool) -> None:
        self.outermost = outermost
        self.functions = 0

    def __call__(self, function: Any) -> Any:
        if self.outermost and not isinstance(function, (FunctionType, staticmethod, classmethod, property)):
            return function  # what another decorator made of it is no function
        self.functions += 1
        return _functions.schedule(function)

    def rewrite(self, tree: ast.AST) -> None:
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                above = node.decorator_list
                at = above[0] if self.outermost and above else node
                mark = ast.copy_location(ast.Constant(value=_MARKER), at)
                mark.end_lineno, mark.end_col_offset = mark.lineno, mark.col_offset
                above.insert(0 if self.outermost else len(above), mark)


class Finder:
    """Finds the modules whose functions are to be decorated, and leaves all others to Python."""

    def __init__(self, places: list[str], decorator: Decorator | None) -> None:
        self._places = [os.path.realpath(place) for place in places]
        self._decorator = decorator

    def find_spec(self, name: str, path: Any = None, target: ModuleType | None = None) -> Any:
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or not isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            return None
        file = os.path.realpath(spec.loader.path)
        if not any(file == place or file.startswith(place + os.sep) for place in self._places):
            return None
        spec.loader = _Loader(spec.loader.name, spec.loader.path, self._decorator)
        spec.cached = None
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    """Compiles from the source each time: what it makes must not be taken for the module's own bytecode."""

    def __init__(self, name: str, path: str, decorator: Decorator | None) -> None:
        super().__init__(name, path)
        self._decorator = decorator

    def get_code(self, fullname: str) -> CodeType:
        data = self.get_data(self.path)
        decorator = self._decorator
        if decorator is None:
            code: CodeType = compile(data, self.path, "exec", dont_inherit=True)
            return code
        tree = ast.parse(data, self.path)
        decorator.rewrite(tree)
        _source.rewriting[self.path] = decorator.rewrite
        _source.constants[_MARKER] = decorator
        return _source.with_constants(compile(tree, self.path, "exec", dont_inherit=True))


def install(places: list[str], decorator: Decorator | None) -> None:
    sys.meta_path.insert(0, Finder(places, decorator))
