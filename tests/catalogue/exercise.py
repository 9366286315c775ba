"""Calls what an entry of the catalogue is about, on samples, and says where the library does something else."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import observe
import samples

from pydron._catalogue import Entry
from pydron._naming import is_ufunc, type_name

_ATOMS = frozenset({int, float, complex, bool, str, bytes, type(None), range, slice, type, frozenset})
ENOUGH = 3  # calls that succeed
# Parameters that are functions, or may be: they must be declared with `calls`.
_CALLED = frozenset(
    {
        *("key", "func", "function", "func1d", "fun", "f", "callback", "predicate", "object_hook", "object_pairs_hook"),
        *("parse_float", "parse_int", "aggfunc", "metric", "statistic", "cenfunc", "stdfunc", "comparator", "jac"),
        *("hess", "fprime", "default_factory"),
    }
)
# With which a function may change its arguments, or return one of them.
_CHANGING = re.compile(r"out|output|inplace|overwrite_\w+")
_MISSING = object()
_settings: dict[str, Any] = {}  # as the last call left them


def begin() -> None:
    """Before the entries of a file: settings that somebody else has changed are nobody's fault."""
    _settings.update(observe.settings())


class Report:
    """What came of one entry."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.calls = 0
        self.faults: list[str] = []
        self.absent = ""

    def fault(self, text: str) -> None:
        self.faults.append(f"{self.entry.file}:{self.entry.line}: {self.entry.full_name}: {text}")


def exercise(entry: Entry) -> Report:
    report = Report(entry)
    if _not_here(entry):
        report.absent = "not in this version"
        return report
    target = find(entry)
    if target is _MISSING:
        report.fault("there is no such name")
        return report
    if entry.meaning.effect == "opaque":
        report.absent = "opaque"
        return report
    _signature(report, target)
    seen = {"changed": False}
    tried = 0
    for recipe in samples.recipes(entry):
        tried += 1
        mutates = entry.meaning.effect == "mutates"
        if (report.calls >= ENOUGH and (seen["changed"] or not mutates)) or report.faults:
            break
        _call(report, target, recipe, seen)
    if not report.calls and not report.faults:
        report.fault(f"none of {tried} samples succeeds")
    if entry.meaning.effect == "mutates" and report.calls and not seen["changed"] and not report.faults:
        report.fault("it changes nothing that it should change")
    return report


def _version(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text)[:2]))


def _not_here(entry: Entry) -> bool:
    library = entry.owner.partition(".")[0]
    module = sys.modules.get(library)
    third = library in ("numpy", "scipy", "pandas", "astropy", "tqdm")
    present = _version(module.__version__) if third and module is not None else sys.version_info[:2]
    meaning = entry.meaning
    return bool(
        (meaning.since and present < _version(meaning.since)) or (meaning.until and present >= _version(meaning.until))
    )


def find(entry: Entry) -> Any:
    """The function or the class's attribute that the entry is about."""
    parts = entry.full_name.split(".")
    for i in range(len(parts) - 1, 0, -1):
        try:
            value: Any = importlib.import_module(".".join(parts[:i]))
        except ImportError:
            continue
        for part in parts[i:]:
            value = getattr(value, part, _MISSING)
        if value is not _MISSING or not entry.is_method:
            return value
    # A class without a public name: its samples know it.
    for make in samples.objects(entry.owner):
        value = getattr(type(make()), entry.name, _MISSING)
        if value is not _MISSING:
            return value
    return _MISSING


def _signature(report: Report, target: Any) -> None:
    """Parameters that say by their name what the entry must say too."""
    meaning = report.entry.meaning
    if is_ufunc(target):
        if meaning.most != target.nin:
            report.fault(f"with more than {target.nin} arguments it changes one, so 'most {target.nin}'")
        return
    try:
        parameters = list(inspect.signature(target).parameters.values())
    except (ValueError, TypeError):
        return
    entry = report.entry
    if entry.is_method:
        found = inspect.getattr_static(_owner(entry), entry.name, None)
        parameters = parameters if isinstance(found, (classmethod, staticmethod)) else parameters[1:]
    parameters = [each for each in parameters if (entry.full_name, each.name) not in samples.HARMLESS_PARAMETERS]
    by_position = [each for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    for i, each in enumerate(by_position):
        if _CHANGING.fullmatch(each.name) and (meaning.most is None or meaning.most > i):
            report.fault(f"argument {i + 1} is '{each.name}', which may be changed: 'most {i}'")
    for each in parameters:
        if re.fullmatch(r"output|overwrite_\w+", each.name) and each.name not in meaning.unless:
            report.fault(f"'{each.name}' may have it change an argument: 'unless {each.name}'")
        if each.name in _CALLED and each.name not in meaning.calls and meaning.effect != "output":
            place = str(by_position.index(each) + 1) if each in by_position else ""
            if place not in meaning.calls:
                report.fault(f"it may call '{each.name}': 'calls {each.name}'")


def _owner(entry: Entry) -> Any:
    for make in samples.objects(entry.owner):
        return type(make())
    return object


def _call(report: Report, target: Any, recipe: Callable[[], tuple], seen: dict[str, bool]) -> None:
    entry = report.entry
    try:
        args, kwargs = recipe()
        again, _ = recipe()
    except Exception as error:  # a recipe that this version of the library does not know
        report.fault(f"the sample itself fails: {error!r}") if entry.full_name in samples.BY_NAME else None
        return
    given = len(args) - entry.is_method
    if entry.meaning.most is not None and given > entry.meaning.most:
        return  # such a call happens in order
    before = [observe.state(each) for each in args]
    with observe.listening() as printed:
        try:
            result = _run(entry, target, args, kwargs)
            other = _run(entry, target, again, dict(kwargs))
        except (Exception, SystemExit):
            return
    report.calls += 1
    _looks(report, args, before, seen)
    after = observe.settings()
    for name, value in _settings.items():
        if after[name] != value:
            report.fault(f"it changes a setting: {name}")
    _settings.update(after)
    if printed.text and entry.meaning.effect != "output":
        report.fault(f"it prints {printed.text[:40]!r}")
    if entry.meaning.effect != "output" and entry.full_name not in samples.NOT_REPEATABLE:
        one, two = observe.state(result), observe.state(other)
        if one != two and not entry.meaning.calls:
            report.fault("called twice with the same, it does not give the same")
    _result(report, result, args)


def _run(entry: Entry, target: Any, args: tuple, kwargs: dict) -> Any:
    if entry.is_method:
        return getattr(args[0], entry.name)(*args[1:], **kwargs)
    return target(*args, **kwargs)


def _looks(report: Report, args: tuple, before: list[Any], seen: dict[str, bool]) -> None:
    """Are the arguments what they were, but for the one that may change?"""
    meaning = report.entry.meaning
    may = None
    if meaning.effect == "mutates":
        may = meaning.changed if report.entry.is_method else meaning.changed - 1
    if meaning.effect == "output" and report.entry.is_method:
        may = 0  # a bar remembers what it shows
    for i, (value, old) in enumerate(zip(args, before)):
        if old == observe.HIDDEN:
            seen["changed"] |= i == may
            continue
        if observe.state(value) != old:
            if i == may:
                seen["changed"] = True
            else:
                report.fault(
                    "it changes its object" if report.entry.is_method and i == 0 else f"it changes argument {i + 1}"
                )


def _result(report: Report, result: Any, args: tuple) -> None:
    meaning = report.entry.meaning
    wanted = meaning.result
    if meaning.type and type_name(type(result)) != meaning.type:
        report.fault(f"it returns a '{type_name(type(result)) or type(result).__name__}', not 'of {meaning.type}'")
    if wanted == "atom" and not meaning.type:
        if type(result) not in _ATOMS:
            report.fault(f"it returns a '{type(result).__name__}', which is no atom")
        return
    exact = {"list": list, "set": set, "dict": dict}.get(wanted)
    if exact is not None and type(result) is not exact:
        report.fault(f"it returns a '{type(result).__name__}', not a {wanted}")
    if wanted in ("fresh", "list", "set", "dict"):
        _shares_nothing(report, result, args, "an argument")
    if wanted == "view":
        _shares_nothing(report, result, args[1:], "an argument but the first")


def _shares_nothing(report: Report, result: Any, args: tuple, what: str) -> None:
    given: dict[int, Any] = {}
    for each in args:
        given.update(observe.objects(each))
    if id(result) in given:
        report.fault(f"it returns {what} itself, or something in it")
        return
    theirs = [each for arg in args for each in observe.buffers(arg)]
    for mine in observe.buffers(result):
        if any(np.shares_memory(mine, each) for each in theirs):
            report.fault(f"what it returns shares memory with {what}")
            return
