"""What callables of libraries do, read from data: `effects.txt`, and the purity catalogue of the analysis."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple

from pydron.check._catalogue import Purity

POSSIBLE, LIKELY, CERTAIN = 1, 2, 3
LEVELS = {"possible": POSSIBLE, "likely": LIKELY, "certain": CERTAIN}
LEVEL_NAMES = {number: name for name, number in LEVELS.items()}

_HERE = os.path.dirname(os.path.abspath(__file__))


class Effect(NamedTuple):
    category: str
    level: int


SAFE = Effect("", 0)

#: What is reported, and what to do about it.
CATEGORIES = {
    "global": "Return what the caller needs, and let the caller keep it.",
    "argument": "Work on a copy (copy.copy, array.copy(), list(x)), and return it.",
    "output": "Return the text, or print in the pipeline: what tasks print comes when they run, not in program order.",
    "input": "Read it in the pipeline, and pass what was read as an argument.",
    "file": "Return the data, and write it in the pipeline; a task may run twice, or in vain.",
    "time": "Pass the time as an argument.",
    "random": "Pass a seed as an argument and draw from random.Random(seed) or numpy.random.default_rng(seed).",
    "network": "Fetch in the pipeline, or in a function without @functional.",
    "environment": "Read it in the pipeline, and pass it as an argument.",
    "process": "Let Pydron run things in parallel; a task may be killed and run again.",
    "state": "Set it in the pipeline or when the module is imported.",
    "reads-global": "Pass it as an argument: a task may see it as it was, or as another process has it.",
    "unknown": "Look whether it is free of side effects, and mark the line `# pydron: ok`.",
    "pickle": "It cannot travel, so the call runs in the script's own process: pass a path or plain data instead.",
}


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


class _Names:
    """Dotted names, some of them standing for all below them, with what is known of each. The longest match counts."""

    def __init__(self) -> None:
        self._exact: dict[str, Effect] = {}
        self._below: dict[str, Effect] = {}

    def add(self, names: Iterable[str], effect: Effect) -> None:
        for name in names:
            if name.endswith("*"):
                self._below[name[:-1]] = effect
            else:
                self._exact[name] = effect

    def find(self, name: str) -> Effect | None:
        found = self._exact.get(name)
        at = len(name)
        while found is None and at > 0:
            at = name.rfind(".", 0, at)
            if at > 0:
                found = self._below.get(name[: at + 1])
        return found


class Libraries:
    """Everything that is known of callables that are not the user's."""

    def __init__(self, catalogue: list[str], own: list[str]) -> None:
        """From the purity catalogue, and the user's own files of the same form, which have the last word."""
        self._effects = _Names()
        self._unseeded: dict[str, Effect] = {}
        self._pure = _Names()
        self.methods: dict[str, Effect] = {}
        self.mutates: dict[str, int] = {}
        self.opens: dict[str, int] = {}
        self.mutators: set[str] = set()
        self.views: set[str] = set()
        self.types: dict[str, str] = {}
        self.changing: dict[str, set[str]] = {}
        self.draws: dict[str, set[str]] = {}
        self.unpicklable: dict[str, str] = {}
        with open(os.path.join(_HERE, "effects.txt"), encoding="utf-8") as file:
            for words in _lines(file):
                self._add(words)
        self._own = _Names()
        self.outs: dict[str, int] = {}
        self._add_purity(Purity(catalogue), self._pure)
        self._add_purity(Purity(own), self._own)

    def _add_purity(self, purity: Purity, names: _Names) -> None:
        names.add(purity.opaque, Effect("unknown", POSSIBLE))
        names.add(purity.output, Effect("output", CERTAIN))
        names.add(purity.mutates, SAFE)
        names.add(purity.pure, SAFE)
        self.mutates.update(purity.mutates)
        self.views.update(purity.views)
        self.outs.update(purity.outs)
        for kind, methods in purity.changing.items():
            (self.draws if kind in self.draws else self.changing).setdefault(kind, set()).update(methods)

    def _add(self, words: list[str]) -> None:
        kind, rest = words[0], words[1:]
        if kind == "effect":
            self._effects.add(rest[2:], Effect(rest[0], LEVELS[rest[1]]))
        elif kind == "safe":
            self._effects.add(rest, SAFE)
        elif kind == "unseeded":
            self._unseeded.update(dict.fromkeys(rest[2:], Effect(rest[0], LEVELS[rest[1]])))
        elif kind == "method":
            self.methods.update(dict.fromkeys(rest[2:], Effect(rest[0], LEVELS[rest[1]])))
        elif kind == "mutates":
            self.mutates.update(dict.fromkeys(rest[1:], int(rest[0])))
        elif kind == "opens":
            self.opens.update(dict.fromkeys(rest[1:], int(rest[0])))
        elif kind == "mutators":
            self.mutators.update(rest)
        elif kind == "view":
            self.views.update(rest)
        elif kind == "type":
            self.types.update(dict.fromkeys(rest[1:], rest[0]))
        elif kind == "changing":
            self.changing.setdefault(rest[0], set()).update(rest[1:])
        elif kind == "draws":
            self.draws.setdefault(rest[0], set()).update(rest[1:])
        elif kind == "unpicklable":
            self.unpicklable.update(dict.fromkeys(rest[1:], rest[0].replace("-", " ")))
        else:
            raise ValueError(f"effects.txt: {' '.join(words)}")

    def effect(self, name: str, seeded: bool = True) -> Effect | None:
        """What a call of the callable does: None if nothing is known about it, `SAFE` if it is known to do nothing."""
        own = self._own.find(name)
        if own is not None:
            return own
        if not seeded and name in self._unseeded:
            return self._unseeded[name]
        found = self._effects.find(name)
        if found is not None:
            return found
        if name in self.mutates or name in self.views or name in self.types or name in self.unpicklable:
            return SAFE
        return self._pure.find(name)

    def all_draws(self) -> set[str]:
        return set().union(*self.draws.values())


def _lines(file: Iterable[str]) -> Iterable[list[str]]:
    for line in file:
        words = line.split("#")[0].split()
        if words:
            yield words
