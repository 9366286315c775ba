"""What `schedule` returns: a function that costs nothing until something functional may be found in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import pydron

HEAD = """
import gc, inspect, pickle, sys, threading, time, weakref
import pydron
from pydron import _pipelines, _state

@pydron.schedule
def adds(x, y=1):
    "Documented."
    return x + y

def is_armed(function):
    return function.__code__ is not _pipelines.mark_of(function).code
"""
FUNCTIONAL = """
@pydron.functional
def double(x):
    return 2 * x
"""


@pytest.fixture
def run(tmp_path: Path) -> Any:
    """Runs a script in which there is no scheduler to be had; answers with what it prints."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(pydron.__file__)))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([package, os.environ.get("PYTHONPATH", "")])}
    environment["PYDRON_SOCKET"] = str(tmp_path / "none")

    def run(*parts: str, **more: str) -> str:
        script = tmp_path / "script.py"
        script.write_text("".join(parts))
        variables = environment | more
        done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, env=variables)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_nothing_happens_before_there_is_something_functional(run: Any) -> None:
    out = run(
        HEAD,
        "print(is_armed(adds), _state.awake, adds(1), adds.__dict__)\n",
        FUNCTIONAL,
        "print(is_armed(adds), _state.awake, adds(1), adds.__dict__, type(adds) is type(is_armed))\n",
        "print('pydron._session' in sys.modules)\n",
    )
    assert out == "False False 2 {}\nTrue True 2 {} True\nFalse\n"


def test_pipelines_that_come_later_are_armed_as_well(run: Any) -> None:
    out = run(HEAD, FUNCTIONAL, "@pydron.schedule\ndef later(x):\n    return double(x)\nprint(is_armed(later))\n")
    assert out == "True\n"


def test_after_looking_in_vain_a_pipeline_is_left_alone(run: Any) -> None:
    out = run(HEAD, FUNCTIONAL, "print([(adds(1), is_armed(adds)) for _ in range(4)])\n")
    assert out == "[(2, True), (2, True), (2, False), (2, False)]\n"


def test_asked_for_instances_it_does_not_go_on_without_them(run: Any) -> None:
    out = run(
        HEAD,
        FUNCTIONAL,
        """
@pydron.schedule
def doubles(x):
    return double(x)
for _ in range(3):
    try:
        print(doubles(1))
    except pydron.PydronError as error:
        print(str(error).split(": ")[0])
""",
        PYDRON_ON="lab, aws",
    )
    assert out == "The service that has instances on lab, aws is gone\n" * 3


def test_calls_then_cost_nothing(run: Any) -> None:
    out = run(
        HEAD,
        FUNCTIONAL,
        """
def plain(x, y=1):
    return x + y

def cost(function):
    best = 1.0
    for _ in range(5):
        begin = time.perf_counter()
        for _ in range(100_000):
            function(1)
        best = min(best, (time.perf_counter() - begin) / 100_000)
    return best

for _ in range(3):
    adds(1)
print(cost(adds) - cost(plain))
""",
    )
    assert float(out) < 1e-6


def test_what_looks_inside_python_is_never_armed(run: Any) -> None:
    out = run(
        HEAD,
        FUNCTIONAL,
        """
import warnings
@pydron.schedule
def caller(x):
    return double(x), sys._getframe(1).f_code.co_name
@pydron.schedule
def warns(x):
    warnings.warn("older", DeprecationWarning, stacklevel=2)
@pydron.schedule
def warns_itself(x):
    warnings.warn("older", DeprecationWarning, stacklevel=1)
@pydron.schedule
def nested():
    return [inspect.stack() for _ in "a"]
print(is_armed(caller), is_armed(warns), is_armed(nested), is_armed(warns_itself), caller(1))
""",
    )
    assert out == "False False False True (2, '<module>')\n"


def test_recursion_is_as_deep_as_without(run: Any) -> None:
    out = run(
        HEAD,
        FUNCTIONAL,
        """
def plain(n):
    return n and plain(n - 1) + 1
@pydron.schedule
def pipeline(n):
    return n and pipeline(n - 1) + 1
def deepest(function):
    depth = 900
    while True:
        try:
            function(depth)
        except RecursionError:
            return depth
        depth += 1
for _ in range(4):
    depth = deepest(pipeline)
print(depth - deepest(plain))
""",
    )
    assert out == "0\n"


def test_functions_go_without_the_garbage_collector(run: Any) -> None:
    out = run(
        HEAD,
        FUNCTIONAL,
        """
def make(kept):
    @pydron.schedule
    def inner():
        return kept
    return inner
class Kept: pass
gc.disable()
kept = Kept()
inner = make(kept)
inner()
watches = weakref.ref(inner), weakref.ref(kept)
del inner, kept
print([watch() for watch in watches], gc.collect())
for n in range(100):
    make(n)()
print(len(_pipelines._marks))
""",
    )
    assert out.splitlines()[0].startswith("[None, None]") and out.splitlines()[1] == "1"


def test_errors_leave_one_entry_on_the_right_line(run: Any) -> None:
    out = run(
        HEAD,
        FUNCTIONAL,
        """
import traceback
@pydron.schedule
def fails(x):
    y = x + 1

    return y / 0
for _ in range(4):
    try:
        fails(1)
    except ZeroDivisionError as error:
        entries = traceback.extract_tb(error.__traceback__)
        print([(entry.name, entry.line) for entry in entries], error.__context__)
try:
    adds()
except TypeError as error:
    print(error, len(traceback.extract_tb(error.__traceback__)))
""",
    )
    assert out.splitlines() == ["[('<module>', 'fails(1)'), ('fails', 'return y / 0')] None"] * 4 + [
        "adds() missing 1 required positional argument: 'x' 1"
    ]


def test_a_debugger_sees_the_pipeline_alone(run: Any) -> None:
    out = run(
        HEAD,
        FUNCTIONAL,
        """
@pydron.schedule
def pipeline(x):
    y = double(x)
    return y
seen = []
def trace(frame, event, argument):
    if event == "line" and frame.f_code.co_name == "pipeline" and "y" in frame.f_code.co_varnames:
        seen.append(frame.f_lineno - frame.f_code.co_firstlineno)
    return trace
sys.settrace(trace)
pipeline(1)
sys.settrace(None)
print(seen[-2:], "pydron._session" in sys.modules)
""",
    )
    assert out == "[2, 3] False\n"


def test_cloudpickle_of_the_users_takes_the_plain_function(run: Any, tmp_path: Path) -> None:
    out = run(
        HEAD,
        FUNCTIONAL,
        f"""
import cloudpickle, subprocess
@pydron.schedule
def pipeline(x):
    return [adds(x), offset]
offset = 5
print(is_armed(pipeline))
data = cloudpickle.dumps(pipeline)
code = "import pickle, sys; print(pickle.load(sys.stdin.buffer)(4))"
print(subprocess.run([sys.executable, "-c", code], input=data, capture_output=True, check=True).stdout.decode())
open({str(tmp_path / "x")!r}, "wb").write(pickle.dumps(pipeline))
""",
    )
    assert out.split() == ["True", "[5,", "5]"]


def test_threads_may_call_and_decorate_at_a_time(run: Any) -> None:
    out = run(
        HEAD,
        FUNCTIONAL,
        """
results = []
def work(n):
    @pydron.schedule
    def mine(x):
        return x + n
    results.append([mine(1) for _ in range(50)] == [n + 1] * 50 and adds(n) == n + 1)
threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(results)
""",
    )
    assert out == f"{[True] * 8}\n"
