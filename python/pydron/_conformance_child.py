"""Runs the tests of one file in this process: as they are, or with every function of the file decorated.

``python -m pydron._conformance_child '{"target": …, "results": …, "way": …}'`` writes a line of JSON for each test as
it ends, so that what was found out survives a crash.
"""

from __future__ import annotations

import ast
import fnmatch
import importlib
import importlib.util
import json
import os
import sys
import tempfile
import traceback
import unittest
from collections.abc import Iterator
from typing import Any

from pydron import _state


class Report:
    """Where outcomes go, one for each test."""

    def __init__(self, path: str) -> None:
        self._file = open(path, "a", encoding="utf-8")  # noqa: SIM115 - it lives as long as the process
        self._pid = os.getpid()

    def line(self, **fields: Any) -> None:
        if os.getpid() == self._pid:  # not what a test has forked
            self._file.write(json.dumps(fields) + "\n")
            self._file.flush()

    def test(self, name: str, outcome: str, kind: str = "", text: str = "") -> None:
        self.line(test=name, outcome=outcome, kind=kind, text=text[-4000:])


class _Result(unittest.TestResult):
    def __init__(self, report: Report) -> None:
        super().__init__()
        self._report = report

    def _tell(self, test: Any, outcome: str, error: Any = None, text: str = "") -> None:
        kind = ""
        if error is not None:
            kind, text = error[0].__name__, "".join(traceback.format_exception(*error))
        self._report.test(test.id(), outcome, kind, text)

    def addSuccess(self, test: Any) -> None:
        self._tell(test, "passed")

    def addError(self, test: Any, err: Any) -> None:
        self._tell(test, "error", err)

    def addFailure(self, test: Any, err: Any) -> None:
        self._tell(test, "failed", err)

    def addSkip(self, test: Any, reason: str) -> None:
        self._tell(test, "skipped", text=reason)

    def addExpectedFailure(self, test: Any, err: Any) -> None:
        self._tell(test, "passed", err)

    def addUnexpectedSuccess(self, test: Any) -> None:
        self._tell(test, "failed", text="It was expected to fail.")

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        if err is not None:
            self._tell(subtest, "failed" if issubclass(err[0], test.failureException) else "error", err)


class Place:
    """What is to be run: the name to import, and the files that are decorated."""

    def __init__(self, target: str) -> None:
        self.name, self.place = target, ""
        if os.path.exists(target):
            self._file(os.path.abspath(target))
        else:
            spec = importlib.util.find_spec(target)
            if spec is None or spec.origin is None:
                raise SystemExit(f"there is no file and no module '{target}'")
            self.place = spec.origin
        if os.path.basename(self.place) == "__init__.py":
            self.place = os.path.dirname(self.place)

    def _file(self, path: str) -> None:
        self.place = path
        folder = path if os.path.isdir(path) else os.path.dirname(path)
        parts = [] if os.path.isdir(path) else [os.path.splitext(os.path.basename(path))[0]]
        while os.path.exists(os.path.join(folder, "__init__.py")):
            parts.append(os.path.basename(folder))
            folder = os.path.dirname(folder)
        self.name = ".".join(reversed(parts))
        if len(parts) > 1 and importlib.util.find_spec(parts[-1]) is not None:
            # The package is there already: the file of that name may be another one.
            package = importlib.import_module(parts[-1])
            here = os.path.join(folder, parts[-1])
            if os.path.realpath(here) not in map(os.path.realpath, package.__path__):
                package.__path__.insert(0, here)
        else:
            sys.path.insert(0, folder)


def _is_for_pytest(place: str) -> bool:
    """Are there tests that unittest does not find?"""
    if os.path.isdir(place):
        return False
    with open(place, "rb") as file:
        tree = ast.parse(file.read())
    imported = {
        name
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in [*[alias.name for alias in node.names], getattr(node, "module", None)]
    }
    defined = [
        node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    ]
    if "pytest" in imported:
        return True
    return "unittest" not in imported and any(name.startswith(("test_", "Test")) for name in defined)


def _with_unittest(place: Place, only: str, report: Report) -> None:
    module = importlib.import_module(place.name)
    if place.name.startswith("test."):
        support = importlib.import_module("test.support")

        # As `python -m test` has it: no network, nothing that takes hours or a screen.
        vars(support).update(use_resources=(), verbose=0)
    loader = unittest.TestLoader()
    suite = loader.loadTestsFromModule(module)
    for text in loader.errors:
        report.test(f"{place.name} (loading)", "error", "LoadError", str(text))
    if only:
        suite = unittest.TestSuite(test for test in _each(suite) if _wanted(test.id(), only))
    suite.run(_Result(report))


def _each(suite: Any) -> Iterator[Any]:
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from _each(test)
        else:
            yield test


def _wanted(name: str, only: str) -> bool:
    return only in name or fnmatch.fnmatch(name, only)


def _with_pytest(place: Place, only: str, report: Report) -> None:
    import pytest

    class Plugin:
        def pytest_collection_modifyitems(self, items: list[Any]) -> None:
            if only:
                items[:] = [item for item in items if _wanted(item.nodeid, only)]

        def pytest_collectreport(self, report: Any) -> None:
            if report.failed:
                tell(f"{place.name} (loading)", "error", "LoadError", str(report.longrepr))

        @pytest.hookimpl(hookwrapper=True)
        def pytest_runtest_makereport(self, item: Any, call: Any) -> Any:
            outcome = (yield).get_result()
            # A test is one that was called, or that did not come so far; its end counts only if it goes wrong.
            if outcome.when == "call" or not outcome.passed:
                name = item.nodeid + ("" if outcome.when == "call" else f" ({outcome.when})")
                if outcome.failed:
                    result = "failed" if outcome.when == "call" else "error"
                else:
                    result = "skipped" if outcome.skipped else "passed"
                kind = call.excinfo.type.__name__ if call.excinfo is not None else ""
                tell(name, result, kind, str(outcome.longrepr or ""))

    tell = report.test
    pytest.main(["-q", "--assert=plain", "-p", "no:cacheprovider", place.place], plugins=[Plugin()])


def main(arguments: list[str]) -> None:
    orders = json.loads(arguments[0])
    sys.argv = [orders["target"]]
    # A path is relative to where we are; `-m` put that first, which a test run by itself does not have.
    sys.path = [each for each in sys.path if each not in ("", os.getcwd())] + [os.getcwd()]
    report = Report(orders["results"])
    place = Place(orders["target"])
    decorator = None
    if orders["way"] != "plain":
        from pydron import _decorating, _pipelines

        decorator = _decorating.Decorator(orders["outermost"])
        _state.always = orders["way"] == "through"
        if orders["way"] != "scheduled":
            _pipelines.wake()
        _decorating.install([place.place], decorator)
    if place.name.startswith("test."):
        os.chdir(tempfile.mkdtemp(dir=orders["folder"]))  # they leave files behind
    try:
        run = _with_pytest if _is_for_pytest(place.place) else _with_unittest
        run(place, orders["only"], report)
    except unittest.SkipTest as skip:
        report.test(f"{place.name} (import)", "skipped", "", str(skip))
    except BaseException as error:
        report.test(f"{place.name} (import)", "error", type(error).__name__, traceback.format_exc())
    report.line(end=True, functions=decorator.functions if decorator else 0, runs=_state.runs)
    sys.stdout.flush()


if __name__ == "__main__":
    # Under the name that other modules know it by.
    from pydron._conformance_child import main as run

    run(sys.argv[1:])
