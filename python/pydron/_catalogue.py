"""Reads catalogue files: what callables of libraries do (docs/catalogue.md).

The scheduler reads the same format. Here a project's own file is checked before it is sent there, so that a mistake in
it is told once, with file and line. The tests of the catalogue use this reader as well.
"""

from __future__ import annotations

import keyword
from dataclasses import dataclass
from pathlib import Path

EFFECTS = ("pure", "mutates", "output", "opaque", "functional")
RESULTS = ("atom", "fresh", "list", "set", "dict", "iterator", "tuples", "view", "alias")
_FLAGS = ("shallow", "carry", "total", "progress", "enters")

#: The name of a project's own file.
FILE_NAME = "pydron.catalogue"


class Malformed(Exception):
    """A file that is not a catalogue; the text names the file and the line."""


@dataclass(frozen=True)
class Meaning:
    """What one entry says of its names. `changed` is 0 for the object of a method, n for the n-th argument."""

    effect: str
    changed: int = 0
    result: str = "alias"
    type: str = ""
    most: int | None = None
    flags: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    since: str = ""
    until: str = ""


@dataclass(frozen=True)
class Entry:
    """One callable of a module, or one method of a type (then `is_method`)."""

    owner: str
    name: str
    meaning: Meaning
    file: str
    line: int
    is_method: bool

    @property
    def full_name(self) -> str:
        return f"{self.owner}.{self.name}"


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.line = 0
        self.owners: list[str] = []
        self.methods = False
        self.meaning: Meaning | None = None
        self.entries: list[Entry] = []

    def malformed(self, what: str) -> Malformed:
        return Malformed(f"{self.file}:{self.line}: {what}")

    def read(self, text: str) -> list[Entry]:
        for raw in text.splitlines():
            self.line += 1
            content = _without_comment(raw).rstrip()
            if content.strip():
                self.one(content)
        return self.entries

    def one(self, content: str) -> None:
        if content[0].isspace():
            if self.meaning is None:
                raise self.malformed("an indented line continues the names of an entry, and there is none above it")
            self.names(content)
            return
        self.meaning = None
        head, colon, names = content.partition(":")
        if colon:
            if not self.owners:
                raise self.malformed("'module' or 'type' comes first")
            self.meaning = self.meant(head.split())
            self.names(names)
            return
        first, *owners = content.split()
        if first not in ("module", "type"):
            raise self.malformed(f"'{first}' is not 'module', 'type' or an entry with a ':'")
        if not owners:
            raise self.malformed(f"a name is missing after '{first}'")
        for owner in owners:
            self.name(owner)
        self.owners, self.methods = owners, first == "type"

    def names(self, text: str) -> None:
        assert self.meaning is not None
        for name in text.split():
            self.name(name)
            for owner in self.owners:
                self.entries.append(Entry(owner, name, self.meaning, self.file, self.line, self.methods))

    def name(self, name: str) -> None:
        if not all(part.isidentifier() and not keyword.iskeyword(part) for part in name.split(".")):
            raise self.malformed(f"'{name}' is not a name")

    def meant(self, words: list[str]) -> Meaning:
        words = words[::-1]

        def following(word: str) -> str:
            if not words:
                raise self.malformed(f"a word is missing after '{word}'")
            return words.pop()

        def number(word: str) -> int:
            if len(word) != 1 or word not in "0123456789":
                raise self.malformed(f"'{word}' is not a number from 0 to 9")
            return int(word)

        effect = following(":")
        if effect not in EFFECTS:
            raise self.malformed(f"'{effect}' is not one of {', '.join(EFFECTS)}")
        changed = 0
        if effect == "mutates":
            what = following(effect)
            changed = 0 if what == "self" else number(what)
            if not changed and not self.methods:
                raise self.malformed("only methods have a 'self'")
        result = "alias" if effect == "pure" else "atom"
        found: dict[str, str] = {}
        most = None
        flags, calls, unless = set(), set(), set()
        while words:
            word = words.pop()
            if word in RESULTS:
                result = word
            elif word in _FLAGS:
                flags.add(word)
            elif word == "of":
                found["type"] = following(word)
                self.name(found["type"])
            elif word == "most":
                most = number(following(word))
            elif word == "calls":
                calls.add(following(word))
            elif word == "unless":
                unless.add(following(word))
            elif word in ("since", "until"):
                found[word] = following(word)
            else:
                raise self.malformed(f"'{word}' is not a word of the catalogue")
        return Meaning(
            effect, changed, result, most=most, flags=frozenset(flags), calls=frozenset(calls),
            unless=frozenset(unless), **found,
        )  # fmt: skip


def _without_comment(line: str) -> str:
    if line.startswith("#"):
        return ""
    for i, sign in enumerate(line):
        if sign == "#" and line[i - 1].isspace():
            return line[:i]
    return line


def read(text: str, file: str) -> list[Entry]:
    """The entries of a catalogue file. Raises `Malformed`."""
    return _Reader(file).read(text)


def find(folder: Path) -> Path | None:
    """The nearest file of a project: in the folder, or in one above it, up to the one that holds the project."""
    for each in (folder, *folder.parents):
        file = each / FILE_NAME
        if file.is_file():
            return file
        if any((each / name).exists() for name in (".git", ".hg", "pyproject.toml", "setup.py")):
            return None
    return None
