"""Modules that are brought from the driver's machine when they are imported."""

from __future__ import annotations

import importlib
import sys
import traceback
from pathlib import Path

import pytest

from pydron import _remote


class World:
    """The driver's folder, and what is brought of it to `here`."""

    def __init__(self, there: Path, here: Path) -> None:
        self.there, self.here = there, here
        self.asked: list[str] = []

    def ask(self, name: str) -> tuple[str, str] | None:
        self.asked.append(name)
        place = self.here / f"hash-{name}"
        if name == "brought_broken":
            raise ImportError("module 'brought_broken' cannot be brought to this machine: too large", name=name)
        return (str(place), str(self.there)) if place.exists() else None

    def write(self, module: str, text: str) -> None:
        file = self.here / f"hash-{module.split('/')[0].removesuffix('.py')}" / module
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


@pytest.fixture
def world(tmp_path, monkeypatch):
    world = World(tmp_path / "there", tmp_path / "here")
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    before = set(sys.modules)
    monkeypatch.setattr(_remote, "_ask", lambda socket, token, job, name: world.ask(name))
    yield world
    for name in set(sys.modules) - before:
        del sys.modules[name]


def install(*names):
    _remote.install(names, "socket", "token", 1)


def test_a_module_is_brought_once_and_says_it_is_in_the_drivers_file(world):
    world.write("brought_a.py", "def fail():\n    raise ValueError('x')\n")
    install("brought_a")
    module = importlib.import_module("brought_a")
    importlib.import_module("brought_a")
    assert world.asked == ["brought_a"]
    with pytest.raises(ValueError) as caught:
        module.fail()
    frame = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert frame.filename == str(world.there / "brought_a.py")


def test_a_package_comes_with_all_that_is_in_it(world):
    world.write("brought_p/__init__.py", "")
    world.write("brought_p/deep.py", "from . import base\nVALUE = base.VALUE + 1\n")
    world.write("brought_p/base.py", "VALUE = 1\n")
    install("brought_p")
    assert importlib.import_module("brought_p.deep").VALUE == 2
    assert world.asked == ["brought_p"]
    code = importlib.import_module("brought_p.base").__spec__.loader.get_code("brought_p.base")
    assert code.co_filename == str(world.there / "brought_p" / "base.py")


def test_the_drivers_own_come_before_what_is_installed_and_others_after(world):
    world.write("colorsys.py", "OURS = True\n")
    world.write("brought_late.py", "LATE = True\n")
    sys.modules.pop("colorsys", None)
    install("colorsys")
    assert importlib.import_module("colorsys").OURS
    assert importlib.import_module("brought_late").LATE
    importlib.import_module("wave")
    assert world.asked == ["colorsys", "brought_late"]


def test_what_nobody_has_is_not_there(world):
    install()
    with pytest.raises(ModuleNotFoundError, match="brought_nothing"):
        importlib.import_module("brought_nothing")


def test_what_cannot_be_brought_says_why(world):
    install("brought_broken")
    with pytest.raises(ImportError, match="too large"):
        importlib.import_module("brought_broken")
