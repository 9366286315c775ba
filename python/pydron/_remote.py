"""Modules of the user's own, in a task process on another machine than the driver's.

The driver's folders are not here. Each of its modules is brought when it is first imported: the worker is asked for
it by its top-level name, and answers with a folder to import it from. What the driver would import from its own
folders comes from there even where a package of that name is installed here; for any other name, what is installed
here comes first.

Code says that it is in the driver's file, so that tracebacks do.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any

from pydron._wire import Reader, pack_str

MODULE_WANTED, MODULE = 2, 69

#: What the worker answers: there is none, the folder to import it from and the driver's own, or why it cannot be had.
Ask = Callable[[str], "tuple[str, str] | None"]


class _Loader(SourceFileLoader):
    """A module of the driver's: the file is here, its name is there."""

    def __init__(self, name: str, path: str, there: str) -> None:
        super().__init__(name, path)
        self._there = there

    def get_code(self, fullname: str) -> CodeType | None:
        # Not from byte code: that would be of the file's name here.
        source = self.get_data(self.get_filename(fullname))
        code: CodeType = compile(source, self._there, "exec", dont_inherit=True)
        return code


class Finder(MetaPathFinder):
    """Finds what has been brought, and brings what has not."""

    def __init__(self, ask: Ask, names: Sequence[str]) -> None:
        self._ask = ask
        self._names = frozenset(names)
        self._places: dict[str, str] = {}  # folders here, and what they are in the driver

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if path is None:
            return self.bring(fullname) if fullname in self._names else None
        if any(self._there(entry) for entry in path):
            return self._translated(PathFinder.find_spec(fullname, path, target))
        return None

    def bring(self, name: str) -> ModuleSpec | None:
        place = self._ask(name)
        if place is None:
            return None
        here, there = place
        self._places[here] = there
        return self._translated(PathFinder.find_spec(name, [here]))

    def _there(self, path: str) -> str | None:
        for here, there in self._places.items():
            if path == here or path.startswith(here + os.sep):
                return there + path[len(here) :]
        return None

    def _translated(self, spec: ModuleSpec | None) -> ModuleSpec | None:
        if spec is not None and type(spec.loader) is SourceFileLoader:
            path = spec.loader.path
            there = self._there(path)
            if there is not None:
                spec.loader = _Loader(spec.name, path, there)
        return spec


class _Last(MetaPathFinder):
    """Asks for what nobody else has found: a module that was written after the job began, or one in a namespace."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return self._finder.bring(fullname) if path is None else None


def install(names: Sequence[str], socket_path: str, token: str, job: int) -> None:
    """Makes the driver's modules importable, those of `names` before what is installed here."""

    def ask(name: str) -> tuple[str, str] | None:
        return _ask(socket_path, token, job, name)

    finder = Finder(ask, names)
    at = sys.meta_path.index(PathFinder) if PathFinder in sys.meta_path else len(sys.meta_path)
    sys.meta_path.insert(at, finder)
    sys.meta_path.append(_Last(finder))


def _ask(socket_path: str, token: str, job: int, name: str) -> tuple[str, str] | None:
    """On a connection of its own: the process's other one may be in use, also by another thread."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.connect(socket_path)
        data = pack_str(token) + struct.pack("<I", job) + pack_str(name)
        sock.sendall(struct.pack("<IB", len(data) + 1, MODULE_WANTED) + data)
        head = _exactly(sock, 5)
        length, kind = struct.unpack("<IB", head)
        if kind != MODULE:
            raise ImportError(f"the worker answered with a frame of type {kind}", name=name)
        r = Reader(memoryview(_exactly(sock, length - 1)))
        status, first, second = r.u8(), r.str(), r.str()
    if status == 2:
        raise ImportError(f"module '{name}' cannot be brought to this machine: {first}", name=name)
    return (first, second) if status == 1 else None


def _exactly(sock: Any, length: int) -> bytearray:
    data = bytearray(length)
    view = memoryview(data)
    while view:
        n = sock.recv_into(view)
        if n == 0:
            raise ImportError("the worker has hung up")
        view = view[n:]
    return data
