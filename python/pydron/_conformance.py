"""``pydron conformance``: the tests of existing files, with and without `@pydron.schedule` on every function.

Each file is run twice, each time in a process of its own, and each test has to end the same way. The command of that
name starts this module beside a service.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

_OUTCOMES = ("passed", "failed", "error", "skipped")
#: As a user of the decorator has it; as in a program in which something is functional; every call goes through the
#: scheduler that can, whether there is something to run in parallel or not.
_WAYS = ("scheduled", "awake", "through")


@dataclass
class Run:
    """What came of one file, run one way."""

    tests: dict[str, dict[str, Any]] = field(default_factory=dict)
    seconds: float = 0.0
    ended: bool = False
    how: str = ""  # it did not reach its end
    functions: int = 0
    runs: int = 0

    def counts(self) -> dict[str, int]:
        found = dict.fromkeys(_OUTCOMES, 0)
        for test in self.tests.values():
            found[test["outcome"]] += 1
        return found


@dataclass
class Comparison:
    target: str
    plain: Run
    pydron: Run
    differing: list[str]
    unsteady: list[str]  # differ from one plain run to the next

    @property
    def same(self) -> bool:
        return not self.differing and self.plain.how == self.pydron.how


class Options(argparse.Namespace):
    only: str
    timeout: float
    jobs: int
    way: str
    outermost: bool


def targets(arguments: list[str]) -> list[str]:
    """Files and modules to run, in the place of folders. Raises LookupError for what is not there."""
    found: list[str] = []
    for argument in arguments:
        if not os.path.isdir(argument):
            if not os.path.exists(argument) and (os.sep in argument or argument.endswith(".py")):
                raise LookupError(f"there is no file '{argument}'")
            found.append(argument)
            continue
        inside = [
            os.path.join(folder, file)
            for folder, folders, files in os.walk(argument)
            for file in sorted(files)
            if folders.sort() is None and _is_test(file)
        ]
        if not inside:
            raise LookupError(f"there are no files 'test_*.py' in folder '{argument}'")
        found += inside
    return found


def _is_test(file: str) -> bool:
    return file.endswith(".py") and (file.startswith("test_") or file.endswith("_test.py"))


def run(target: str, way: str, options: Options) -> Run:
    """Runs the tests of one file. A process that takes too long is killed, with all that it has started."""
    with tempfile.TemporaryDirectory(prefix="pydron-conformance-") as folder:
        results = os.path.join(folder, "results")
        orders = {
            "target": target,
            "way": way,
            "results": results,
            "folder": folder,
            "only": options.only,
            "outermost": options.outermost,
        }
        log = os.path.join(folder, "log")
        begin = time.monotonic()
        with open(log, "wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "pydron._conformance_child", json.dumps(orders)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
            try:
                code = process.wait(options.timeout)
                how = "" if code == 0 else f"ended by signal {-code}" if code < 0 else f"exit code {code}"
            except subprocess.TimeoutExpired:
                how = f"more than {options.timeout:g} s"
            finally:
                _end(process)
        found = _read(results)
        found.seconds = time.monotonic() - begin
        if how or not found.ended:
            found.how = how or "it ended early"
            with open(log, encoding="utf-8", errors="replace") as file:
                text = file.read()[-4000:]
            found.tests[f"({target})"] = {"outcome": "error", "kind": found.how, "text": text}
        return found


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _read(path: str) -> Run:
    found = Run()
    if not os.path.exists(path):
        return found
    with open(path, encoding="utf-8") as file:
        for text in file:
            line = json.loads(text)
            if "end" in line:
                found.ended, found.functions, found.runs = True, line["functions"], line["runs"]
                continue
            name, number = line.pop("test"), 1
            while (unique := name if number == 1 else f"{name} #{number}") in found.tests:
                number += 1
            found.tests[unique] = line
    return found


def compare(target: str, options: Options) -> Comparison:
    plain = run(target, "plain", options)
    pydron = run(target, options.way, options)
    differing = _differing(plain, pydron)
    unsteady: list[str] = []
    if differing:
        again = _differing(plain, run(target, "plain", options))
        unsteady = [name for name in differing if name in again]
    return Comparison(target, plain, pydron, [name for name in differing if name not in unsteady], unsteady)


def _differing(one: Run, other: Run) -> list[str]:
    return [name for name in {**one.tests, **other.tests} if _outcome(one, name) != _outcome(other, name)]


def _outcome(run: Run, name: str) -> tuple[str, str]:
    test = run.tests.get(name)
    return (test["outcome"], test["kind"]) if test is not None else ("not run", "")


# --- what is shown


def _line(comparison: Comparison, width: int) -> str:
    def counted(run: Run) -> str:
        counts = run.counts()
        return " ".join(f"{counts[each]:6}" for each in _OUTCOMES)

    verdict = "same" if comparison.same else f"{len(comparison.differing) or 1} DIFFER"
    if comparison.unsteady:
        verdict += f", {len(comparison.unsteady)} unsteady"
    if comparison.plain.how:
        verdict += f" ({comparison.plain.how} without)"
    seconds = f"{comparison.plain.seconds:6.1f} {comparison.pydron.seconds:6.1f}"
    return f"{comparison.target:{width}} {counted(comparison.plain)}  {counted(comparison.pydron)} {seconds}  {verdict}"


def _heading(width: int) -> str:
    columns = " ".join(f"{each:>6}" for each in _OUTCOMES)
    return (
        f"{'':{width}} {'without Pydron':^27}  {'with Pydron':^27} {'seconds':^13}\n{'':{width}} {columns}  {columns}"
    )


def _explained(comparison: Comparison) -> str:
    lines = []
    for name in comparison.differing:
        before, after = _outcome(comparison.plain, name), _outcome(comparison.pydron, name)
        lines.append(f"{comparison.target}: {name}: {_said(before)} without, {_said(after)} with")
        for run in (comparison.pydron, comparison.plain):
            text = run.tests.get(name, {}).get("text", "")
            if text:
                lines += ["    " + line for line in text.rstrip().splitlines()[-30:]]
                break
    return "\n".join(lines)


def _unloadable(comparison: Comparison) -> list[str]:
    """What kept tests from being found, with Pydron and without: nothing was compared then."""
    lines = []
    for name, test in comparison.plain.tests.items():
        if test["outcome"] == "error" and name.endswith(("(import)", "(loading)")) and name not in comparison.differing:
            said = ["    " + line for line in test.get("text", "").strip().splitlines()[-8:]]
            lines.append("\n".join([f"{comparison.target}: cannot be loaded, without Pydron neither ({name})", *said]))
    return lines


def _said(outcome: tuple[str, str]) -> str:
    return f"{outcome[0]} ({outcome[1]})" if outcome[1] else outcome[0]


def _as_json(comparison: Comparison) -> dict[str, Any]:
    return {
        "target": comparison.target,
        "same": comparison.same,
        "plain": {**comparison.plain.counts(), "seconds": round(comparison.plain.seconds, 2)},
        "pydron": {
            **comparison.pydron.counts(),
            "seconds": round(comparison.pydron.seconds, 2),
            "functions": comparison.pydron.functions,
            "runs": comparison.pydron.runs,
        },
        "differing": [
            {"test": name, "plain": _outcome(comparison.plain, name), "pydron": _outcome(comparison.pydron, name)}
            for name in comparison.differing
        ],
        "unsteady": comparison.unsteady,
        "unloadable": _unloadable(comparison),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pydron conformance")
    parser.add_argument("targets", nargs="+")
    parser.add_argument("--only", default="")
    parser.add_argument("--timeout", type=float, default=300)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--way", choices=_WAYS, default="scheduled")
    parser.add_argument("--outermost", action="store_true")
    parser.add_argument("--json", action="store_true")
    return parser


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments, Options())
    try:
        files = targets(options.targets)
    except LookupError as error:
        print(f"pydron: {error}", file=sys.stderr)
        return 127
    width = max(map(len, files))
    if not options.json:
        print(_heading(width))
    found = []
    with ThreadPoolExecutor(max(options.jobs, 1)) as pool:
        for comparison in pool.map(lambda target: compare(target, options), files):
            found.append(comparison)
            if not options.json:
                print(_line(comparison, width), flush=True)
    if options.json:
        print(json.dumps([_as_json(each) for each in found], indent=1))
    else:
        for comparison in found:
            if not comparison.same:
                print("\n" + _explained(comparison))
            for line in _unloadable(comparison):
                print("\n" + line)
        differing = [each.target for each in found if not each.same]
        tests = sum(len(each.plain.tests) for each in found)
        functions = sum(each.pydron.functions for each in found)
        runs = sum(each.pydron.runs for each in found)
        print(f"\n{tests} tests; {functions} functions decorated, {runs} calls of them run by the scheduler")
        print(f"{len(differing)} of {len(found)} files differ" if differing else "All tests end the same way.")
    return 0 if all(each.same for each in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
