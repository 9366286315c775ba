"""`pydron run --verify`: what breaks a contract is told, what keeps it is not blamed, the answer stays as it was."""

from __future__ import annotations

import json
import os
import time

import pytest

BROKEN = 123

BREAKING = """
import os, random, time
import numpy as np
import pydron

count = 0
seen = [0]
level = 1

class Star:
    def __init__(self, flux):
        self.flux = flux

class Settings:
    level = 1

@pydron.functional
def writes_global(x):
    global count
    count += 1
    return x

@pydron.functional
def counts(x):
    seen.append(x)
    return len(seen)

@pydron.functional
def draws(x):
    return [x, {"r": random.random()}]

@pydron.functional
def draws_from_numpy(x):
    return np.random.rand(3)

@pydron.functional
def seeds(x):
    random.seed(x)
    return random.random()

@pydron.functional
def reads_time(x):
    return [1, 2, 3, Star(time.time())]

@pydron.functional
def changes_array(x, image=None):
    image[1, 2] = 5
    return x

@pydron.functional
def make(x):
    return {"rows": [x]}

@pydron.functional
def changes_result(x, table):
    table["rows"].append(x)
    return len(table)

@pydron.functional
def raises_again(x):
    path = os.environ["STAGE"] + f"/seen{x}"
    if os.path.exists(path):
        raise ValueError("again")
    open(path, "w").close()
    return x

@pydron.functional
def changes_class(x):
    Settings.level = 2
    return x

@pydron.functional
def changes_environment(x):
    os.environ["X"] = "1"
    return x

@pydron.schedule
def pipeline(xs):
    found = []
    for x in xs:
        found.append(writes_global(x))
        found.append(counts(x))
        found.append(draws(x))
        found.append(draws_from_numpy(x))
        found.append(seeds(x))
        found.append(reads_time(x))
        found.append(changes_array(x, image=np.zeros((3, 3))))
        found.append(changes_result(x, make(x)))
        found.append(raises_again(x))
        found.append(changes_class(x))
        found.append(changes_environment(x))
    return len(found)

print(pipeline([1, 2]))
"""

#: What is said of each.
SAID = {
    "writes_global": ["count: 0 became 1"],
    "counts": ["seen: 1 element became 2 elements"],
    "draws": ["result[1]['r']: 0.", "the state of the generator that all of 'random' shares"],
    "draws_from_numpy": ["result[0]: np.float64(", "the state of the generator that all of 'numpy.random' shares"],
    "seeds": ["the state of the generator that all of 'random' shares"],
    "reads_time": ["result[3].flux: 1"],
    "changes_array": ["argument 'image'[1, 2]: np.float64(0.0) became np.float64(5.0)"],
    "changes_result": ["argument 'table'['rows']: 1 element became 2 elements"],
    "raises_again": ["the first time it returned, again it raised ValueError: again"],
    "changes_class": ["Settings.level: 1 became 2"],
    "changes_environment": ["an environment variable (os.environ)"],
}

ONE = """
import random
import pydron

@pydron.functional
def f(x):
    return random.random()

@pydron.schedule
def pipeline(xs):
    return len([f(x) for x in xs])

print(pipeline([1, 2, 3]))
"""


def test_broken_contracts_are_told(stage):
    pytest.importorskip("numpy")
    script = stage.script(BREAKING)
    done = stage.run("--verify=100%", script)
    assert (done.returncode, done.stdout) == (BROKEN, "22\n"), done.stderr
    lines = done.stderr.splitlines()
    source = script.read_text().splitlines()
    for name, messages in SAID.items():
        defined = next(n for n, row in enumerate(source, 1) if row.startswith(f"def {name}(")) - 1
        called = next(n for n, row in enumerate(source, 1) if f"append({name}(" in row)
        head = f"'{name}' ({script}:{defined}), called at {script}:{called}, breaks its contract:"
        told = [lines[n + 1].strip() for n, line in enumerate(lines) if line.endswith(head)]
        for message in messages:
            assert any(text.startswith(message) for text in told), (name, message, told)
    assert "'make'" not in done.stderr
    stage.assert_nothing_left()


CLEAN = """
import collections, dataclasses, functools, random, sys
import numpy as np
import pydron
import helpers

TABLE = {"a": 1}

@dataclasses.dataclass
class Star:
    flux: float
    tags: set

class NoEquality:
    def __init__(self, x):
        self.x = x
        self.other = [self]

@pydron.functional
def arrays(a, seed):
    rng = np.random.default_rng(seed)
    b = a.copy()
    b[0] = np.nan
    b /= 0
    return b, rng.normal(size=5), np.ma.array([1.0, 2.0], mask=[0, 1]), np.arange(100_000) * seed

@pydron.functional
def sets(words, n):
    found = {w + str(i) for w in words for i in range(n)}
    return found, frozenset(words), list(found), list(words), {w: {w} for w in found}

@pydron.functional
def objects(x):
    return [NoEquality(x), Star(float("nan"), {"a", "b"}), {NoEquality(1), NoEquality(2)}, collections.Counter("abc")]

@pydron.functional
def cached(x):
    return helpers.square(x) + TABLE["a"] + helpers.K

@pydron.functional
def local_random(seed):
    rng = random.Random(seed)
    xs = list(range(10))
    rng.shuffle(xs)
    return xs, rng.random()

@pydron.functional
def chained(star, more):
    return len(star), more

@pydron.functional
def printing(x):
    print("printed by", x)
    return x

@pydron.functional
def imported(x):
    return helpers.scale(x)

@pydron.functional
def fails(x):
    raise ValueError(x)

@pydron.schedule
def pipeline():
    found = []
    a = np.arange(4.0)
    for i in range(4):
        found.append(arrays(a, i))
        found.append(sets({"x", "yy", "zzz", "äöü"} | {str(k) for k in range(20)}, i))
        o = objects(i)
        found.append(chained(o, [o, a]))
        found.append(cached(i))
        found.append(local_random(i))
        found.append(printing(i))
        found.append(imported(i))
        found.append(chained("x" * 200_000, np.zeros(50_000)))
        try:
            fails(i)
        except ValueError:
            found.append(i)
    return len(found)

print(pipeline())
"""

HELPERS = """
import functools

K = 3

def scale(x):
    return [x] * K

@functools.lru_cache(maxsize=None)
def square(x):
    return x * x
"""


def clean(stage):
    (stage.folder / "helpers.py").write_text(HELPERS)
    (stage.folder / "clean.py").write_text(CLEAN)
    return "clean.py"


@pytest.mark.parametrize("slots", [1, 2])
def test_no_false_alarm(stage, slots):
    pytest.importorskip("numpy")
    done = stage.run("--verify=100%", clean(stage), slots=slots)
    assert done.stdout.splitlines()[-1] == "36"
    assert "breaks its contract" not in done.stderr
    assert done.returncode == 0
    assert "verify: 36 of 40 calls were run again: nothing differed" in done.stderr
    assert done.stdout.count("printed by 0") == 1, "what the second run prints goes nowhere"
    stage.assert_nothing_left()


def test_no_false_alarm_both_ways(stage):
    pytest.importorskip("numpy")
    done = stage.run("--verify=sequential", clean(stage))
    assert (done.returncode, "differs" in done.stderr) == (0, False), done.stderr
    assert "verify: 1 pipeline was run both ways: nothing differed" in done.stderr
    stage.assert_nothing_left()


def test_plain_python_is_told_by_the_environment(stage):
    stage.script(ONE)
    stage.environment["PYDRON_VERIFY"] = "100%"
    done = stage.python("script.py")
    assert (done.returncode, done.stdout) == (0, "3\n")
    assert "result: 0." in done.stderr
    stage.environment["PYDRON_VERIFY"] = "many"
    done = stage.python("script.py")
    assert (done.returncode, done.stdout) == (0, "3\n")
    assert "PYDRON_VERIFY: 'many' is neither" in done.stderr


def test_with_a_report_of_what_held_the_run_up(stage):
    done = stage.run("--explain", "--verify=100%,sequential", stage.script(ONE))
    assert (done.returncode, done.stdout.splitlines()[0]) == (BROKEN, "3")
    assert "verify: 3 of 3 calls were run again; 1 pipeline was run both ways" in done.stderr


def test_nothing_is_verified_unasked(stage):
    stage.script(ONE)
    done = stage.run("script.py")
    assert (done.returncode, done.stdout, done.stderr) == (0, "3\n", "")


def test_a_sample(stage):
    """The first call of each function, and about so many of the others."""
    stage.script("""
        import pydron
        @pydron.functional
        def f(x):
            return x
        @pydron.functional
        def g(x):
            return -x
        @pydron.schedule
        def pipeline(n):
            return sum([f(i) for i in range(n)]) + g(1)
        pipeline(1000)
    """)
    done = stage.run("--verify=10%", "script.py")
    assert done.returncode == 0
    words = done.stderr.split()
    assert words[words.index("of") + 1] == "1001"
    assert 60 <= int(words[words.index("of") - 1]) <= 150


def test_silenced_functions_are_left_alone(stage):
    stage.script(ONE.replace("def f(x):", "def f(x):  # pydron: ok"))
    done = stage.run("--verify=100%", "script.py")
    assert done.returncode == 0
    assert "0 of 3 calls were run again" in done.stderr


def test_the_exit_code_of_the_script_wins(stage):
    stage.script(ONE + "\nraise SystemExit(7)\n")
    assert stage.run("--verify=100%", "script.py").returncode == 7


def test_a_failure_surfaces_as_without_it_and_what_ran_is_still_compared(stage):
    stage.script("""
        import random
        import pydron
        @pydron.functional
        def f(x):
            return random.random()
        @pydron.functional
        def fails(x):
            raise KeyError(x)
        @pydron.schedule
        def pipeline():
            a = f(1)
            fails(a)
        try:
            pipeline()
        except KeyError:
            print("failed")
    """)
    done = stage.run("--verify=100%", "script.py")
    assert (done.returncode, done.stdout) == (BROKEN, "failed\n")
    assert "'f' (" in done.stderr
    stage.assert_nothing_left()


def test_an_interrupted_run_ends_and_leaves_nothing(stage):
    stage.script("""
        import time
        import pydron
        @pydron.functional
        def f(x):
            time.sleep(0.5)
            return x
        @pydron.schedule
        def pipeline():
            return [f(i) for i in range(100)]
        print("begins", flush=True)
        pipeline()
    """)
    process = stage.start_run("--verify=100%", "script.py")
    assert process.stdout.readline() == "begins\n"
    time.sleep(1.5)
    os.killpg(process.pid, 2)
    done = stage.finish(process, 20)
    assert done.returncode == 130
    stage.assert_nothing_left()


def test_a_second_run_that_dies_blames_nobody(stage):
    stage.script("""
        import os
        import pydron
        @pydron.functional
        def f(x):
            path = os.environ["STAGE"] + "/seen"
            if os.path.exists(path):
                os.kill(os.getpid(), 11)
            open(path, "w").close()
            return x
        @pydron.schedule
        def pipeline():
            return f(1)
        print(pipeline())
    """)
    done = stage.run("--verify=100%", "script.py")
    assert (done.returncode, done.stdout) == (0, "1\n")
    assert "1 call of 'f' could not be compared: the process that ran it again ended with signal 11" in done.stderr


def test_results_that_cannot_travel_are_skipped(stage):
    stage.script("""
        import threading
        import pydron
        @pydron.functional
        def f(x):
            return threading.Lock()
        @pydron.schedule
        def pipeline():
            return type(f(1)).__name__
        print(pipeline())
    """)
    done = stage.run("--verify=100%", "script.py")
    assert (done.returncode, done.stdout) == (0, "lock\n")
    assert "could not be compared: it runs in the driver" in done.stderr


def test_the_report_can_be_read_by_programs(stage):
    stage.script(ONE)
    stage.environment["PYDRON_VERIFY"] = "100%"
    stage.environment["PYDRON_VERIFY_REPORT"] = str(stage.folder / "report")
    stage.python("script.py")
    rows = [json.loads(line) for line in (stage.folder / "report").read_text().splitlines()]
    assert {(row["function"], row["kind"]) for row in rows} == {("f", "result"), ("f", "state")}
    assert len(rows) == 6
    assert rows[0]["line"] == 4
