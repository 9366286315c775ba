"""`pydron conformance` on Python's own tests, and what it says when something is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
LAUNCHER = ROOT / "pydron"

#: Every call runs through the scheduler.
THROUGH = (
    "asyncgen augassign baseexception binop bisect call class compare contains contextlib contextlib_async decorators "
    "dictcomps enumerate except_star exception_group exception_variations extcall fstring funcattrs generators "
    "genexps genericclass global grammar iter keywordonlyarg list listcomps metaclass module named_expressions opcodes "
    "operator property raise reprlib richcmp scope setcomps string subclassinit super textwrap thread unpack "
    "unpack_ex userlist weakset with yield_from"
)
#: As a user of the decorator has it.
SCHEDULED = (
    THROUGH + " array bool bytes cmath collections copy coroutines dataclasses deque descr dict dynamic enum "
    "exceptions fractions functools gc hashlib heapq inspect int json isinstance itertools memoryview ordered_dict "
    "patma positional_only_arg pprint random re set slice sort struct traceback tuple types typing weakref"
)


@pytest.fixture(scope="module", autouse=True)
def built():
    subprocess.run([str(LAUNCHER), "version"], check=True, timeout=900, capture_output=True)


def conformance(*arguments, environment=None, timeout=900):
    command = [str(LAUNCHER), "conformance", "--python", sys.executable, *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=timeout, env={**os.environ, **(environment or {})}
    )
    return done.returncode, done.stdout, done.stderr


def modules(names):
    """Those that this Python has; distributions leave some out, and versions differ."""
    import test

    there = {path.stem for folder in test.__path__ for path in Path(folder).iterdir()}
    found = [f"test.test_{name}" for name in names.split() if f"test_{name}" in there]
    assert len(found) > 0.8 * len(names.split()), "Python's own tests are missing: apt install libpython3-testsuite"
    return found


def test_pythons_own_tests():
    code, out, err = conformance("--jobs", "2", "--timeout", "120", *modules(SCHEDULED))
    assert code == 0, out + err
    assert "All tests end the same way" in out


def test_pythons_own_tests_through_the_scheduler():
    code, out, err = conformance("--through", "--json", "--jobs", "2", "--timeout", "120", *modules(THROUGH))
    found = json.loads(out)
    assert [(each["target"], each["differing"]) for each in found if not each["same"]] == [], err
    assert code == 0
    assert sum(each["pydron"]["runs"] for each in found) > 10_000
    assert all(each["pydron"]["passed"] + each["pydron"]["skipped"] > 0 for each in found)


@pytest.fixture
def file(tmp_path):
    def write(text, name="test_it.py"):
        path = tmp_path / name
        path.write_text(textwrap.dedent(text))
        return path

    return write


UNITTEST = """
    import inspect
    import unittest

    class TestIt(unittest.TestCase):
        def test_passes(self):
            self.assertEqual(helper(2), 4)

        def test_fails(self):
            self.assertEqual(helper(2), 5)

        def test_raises(self):
            raise LookupError("always")

        @unittest.skip("for once")
        def test_skipped(self):
            pass

        @property
        def twice(self):
            return helper(1)

        async def coroutine(self):
            return 1

        def test_properties(self):
            self.assertEqual(self.twice, 2)
            self.assertTrue(inspect.iscoroutinefunction(self.coroutine))
            with self.subTest("inner"):
                self.assertEqual(helper(0), 0)

    def helper(x):
        def inner(y):
            return y + x
        return inner(x)
"""


@pytest.mark.parametrize("way", [[], ["--awake"], ["--through"], ["--outermost"], ["--through", "--outermost"]])
def test_outcomes_are_counted_and_compared(file, way):
    code, out, err = conformance("--json", *way, str(file(UNITTEST)))
    (found,) = json.loads(out)
    assert code == 0, out + err
    counts = {"passed": 2, "failed": 1, "error": 1, "skipped": 1}
    assert {name: found["plain"][name] for name in counts} == counts
    assert {name: found["pydron"][name] for name in counts} == counts
    assert found["pydron"]["functions"] >= 8
    assert (found["pydron"]["runs"] > 0) == ("--through" in way)


def test_files_written_for_pytest(file):
    code, out, err = conformance(
        "--json",
        "--only",
        "*add*",
        str(
            file("""
            import pytest

            @pytest.fixture
            def number():
                return 3

            @pytest.mark.parametrize("x", [1, 2])
            def test_add(number, x):
                assert number + x == 3 + x

            def test_add_wrongly(number):
                assert number + 1 == 5

            def test_other():
                assert False
            """)
        ),
    )
    (found,) = json.loads(out)
    assert code == 0, out + err
    assert (found["pydron"]["passed"], found["pydron"]["failed"]) == (2, 1)


#: A module that Python imports at its start: in Pydron's processes it makes every decorated function wrong.
FAULT = """
import sys
import pydron._functions as functions
right = functions.schedule

def wrong(function=None):
    made = right(function)
    if getattr(made, "__name__", "") == "helper":
        return lambda x: 5
    return made

functions.schedule = wrong
"""


@pytest.mark.parametrize("way", [[], ["--through"]])
def test_a_planted_fault_is_reported(file, way):
    path = file(UNITTEST)
    file(FAULT, "sitecustomize.py")
    code, out, err = conformance(*way, str(path), environment={"PYTHONPATH": str(path.parent)})
    assert code == 1, out + err
    assert "test_it.TestIt.test_passes: passed without, failed (AssertionError) with" in out
    assert "test_it.TestIt.test_fails: failed (AssertionError) without, passed with" in out
    assert "test_raises" not in out
    assert "1 of 1 files differ" in out


def test_a_file_that_takes_too_long_or_dies(file):
    endless = file("""
        import time, unittest
        class TestIt(unittest.TestCase):
            def test_a(self):
                pass
            def test_b(self):
                time.sleep(60)
        """)
    dying = file(
        """
        import os, unittest
        import pydron
        class TestIt(unittest.TestCase):
            def test_a(self):
                os.abort()
        """,
        "test_dying.py",
    )
    code, out, err = conformance("--json", "--timeout", "2", str(endless), str(dying))
    first, second = json.loads(out)
    assert code == 0, err  # the same both ways
    assert (first["plain"]["passed"], first["plain"]["error"]) == (1, 1)
    assert (second["pydron"]["passed"], second["pydron"]["error"]) == (0, 1)


def test_what_is_not_there():
    assert conformance("nowhere.py")[0] == 127
    code, _, err = conformance()
    assert code == 2 and "FILE" in err


def test_a_file_that_cannot_be_loaded_says_why(file):
    path = file("""
        import unittest
        import there_is_no_such_module
        """)
    code, out, err = conformance(str(path))
    assert code == 0, err
    assert "cannot be loaded, without Pydron neither" in out
    assert "No module named 'there_is_no_such_module'" in out
