"""The purity catalogue of the analysis, read for the check: of its words, those that matter here.

Known to be harmless is what it calls pure. It also knows which arguments are changed (`mutates 1`; with `most 2`, the
argument behind the second is `out`), what shares memory with what it is given (`view`, `alias`), and which methods
change their object (`mutates self`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

_HERE = os.path.dirname(os.path.abspath(__file__))
_RESOURCES = os.path.join(_HERE, "..", "..", "..", "scheduler", "src", "main", "resources", "pydron", "analysis")
_ENTRY = re.compile(r"(pure|functional|output|opaque|mutates)\b([^:]*):(.*)")

#: Types of the catalogue whose values the check knows, by its own names for them.
KINDS = {
    "builtins.list": "list",
    "builtins.dict": "dict",
    "builtins.set": "set",
    "builtins.bytearray": "bytearray",
    "collections.deque": "deque",
    "collections.Counter": "dict",
    "collections.OrderedDict": "dict",
    "collections.defaultdict": "dict",
    "numpy.ndarray": "array",
}


class Purity:
    """What the files say."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.pure: set[str] = set()
        self.opaque: set[str] = set()
        self.output: set[str] = set()
        self.views: set[str] = set()
        self.mutates: dict[str, int] = {}
        self.outs: dict[str, int] = {}
        self.changing: dict[str, set[str]] = {}
        for path in paths:
            with open(path, encoding="utf-8") as file:
                self._read(file)

    def _read(self, file: Iterable[str]) -> None:
        places: list[str] = []
        types = False
        for line in _whole(file):
            words = line.split()
            if words[0] in ("module", "type"):
                places, types = words[1:], words[0] == "type"
                continue
            entry = _ENTRY.match(line)
            if entry is None:
                continue
            kind, flags, names = entry.group(1), entry.group(2).split(), entry.group(3).split()
            for place in places:
                for name in names:
                    self._add(kind, flags, place, name, types)

    def _add(self, kind: str, flags: list[str], place: str, name: str, of_type: bool) -> None:
        dotted = f"{place}.{name}"
        if kind in ("pure", "functional"):
            self.pure.add(dotted)
            if "view" in flags or ("alias" in flags and place.startswith("numpy")):
                self.views.add(dotted)
        elif kind == "output":
            self.output.add(dotted)
        elif kind == "opaque":
            self.opaque.add(dotted)
        elif kind == "mutates" and flags and flags[0] == "self":
            self.changing.setdefault(KINDS.get(place, place), set()).add(name)
            if place.startswith("builtins."):
                self.mutates[dotted] = 0  # list.append(xs, 1)
        elif kind == "mutates" and flags and flags[0].isdigit():
            self.mutates[dotted] = int(flags[0]) - 1
        if "most" in flags and not of_type:
            self.outs[dotted] = int(flags[flags.index("most") + 1])


def _whole(file: Iterable[str]) -> Iterator[str]:
    """The lines without comments, continued ones in one piece."""
    whole = ""
    for line in file:
        text = line.split("#")[0].rstrip()
        if text[:1].isspace():
            whole += " " + text.strip()
            continue
        if whole:
            yield whole
        whole = text
    if whole:
        yield whole


#: A folder with one of these is the user's project: the catalogue is not looked for any further up.
_PROJECT = (".git", ".hg", "pyproject.toml", "setup.py")


def of_project(folder: str) -> str | None:
    """The user's own entries: `pydron.catalogue` in the folder of a script or above, as the driver finds it."""
    folder = os.path.abspath(folder)
    while True:
        path = os.path.join(folder, "pydron.catalogue")
        if os.path.isfile(path):
            return path
        above = os.path.dirname(folder)
        if above == folder or any(os.path.exists(os.path.join(folder, name)) for name in _PROJECT):
            return None
        folder = above


def files() -> list[str]:
    """An installed package has a copy; a checkout has the files themselves."""
    for place in (os.path.join(_HERE, "catalogue"), os.path.join(_RESOURCES, "catalogue")):
        if os.path.isdir(place):
            return sorted(os.path.join(place, name) for name in os.listdir(place) if name.endswith(".catalogue"))
    return []
