"""Finds the programs and loads one of them the way Python loads a script."""

from __future__ import annotations

import importlib.util
import re
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import case as case_module
import identity

PROGRAMS = Path(__file__).resolve().parent / "programs"


def missing(path: Path) -> str:
    """Why this Python cannot run the program at all, or an empty string."""
    newest = re.search(r"_(3)(\d+)$", path.stem)
    if newest and sys.version_info < (3, int(newest.group(2))):
        return f"needs Python 3.{newest.group(2)}"
    needs = re.match(r"# requires: (\S+)", path.read_text())
    if needs and importlib.util.find_spec(needs.group(1)) is None:
        return f"needs {needs.group(1)}"
    return ""


def programs() -> list[Path]:
    return sorted(path for path in PROGRAMS.glob("*.py") if not path.stem.startswith("_"))


@contextmanager
def loaded(path: Path, pydron: types.ModuleType) -> Iterator[tuple[types.ModuleType, dict[str, case_module.Case]]]:
    """The program, executed afresh as `__main__` with the given `pydron`, and its cases by name."""
    kept = {name: sys.modules.get(name) for name in ("pydron", "__main__")}
    program = types.ModuleType("__main__")
    program.__file__ = str(path)
    case_module.REGISTERED.clear()
    sys.modules["__main__"] = program
    sys.modules["pydron"] = pydron
    try:
        exec(compile(path.read_text(), str(path), "exec"), program.__dict__)
        if kept["pydron"] is not None:
            sys.modules["pydron"] = kept["pydron"]
        yield program, {f"{path.stem}.{one.name}": one for one in case_module.REGISTERED}
    finally:
        for name, value in kept.items():
            if value is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = value


def all_cases() -> list[tuple[Path, case_module.Case, str]]:
    """Every case that this Python can run, in a fixed order: program, case, full name."""
    found = []
    for path in programs():
        if missing(path):
            continue
        with loaded(path, identity.module()) as (_, cases):
            for name, one in cases.items():
                if sys.version_info >= one.min_python:
                    found.append((path, one, name))
    return found
