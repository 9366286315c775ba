"""The decorators, without any scheduler: what they accept, and how little they change."""

from __future__ import annotations

import copy
import inspect
import math
import os
import pickle
import subprocess
import sys
import threading
from typing import Any

import cloudpickle
import pytest

import pydron
from pydron import _functions, _state
from pydron._functions import Functional


@pydron.functional
def plain(x: int, y: int = 2, *rest: int, key: str = "k") -> int:
    """Documentation."""
    return x + y


@pydron.functional(cpus=2, memory="2GB", gpus=1, retries=0, timeout=1.5)
def demanding(x: int) -> int:
    return x


@pydron.schedule
def pipeline(x: int, y: int = 2) -> int:
    """Finds its work."""
    return plain(x, y)


class Thing:
    factor = 3

    @pydron.functional
    def times(self, x: int) -> int:
        return self.factor * x

    @staticmethod
    @pydron.functional
    def static(x: int) -> int:
        return x + 1

    @pydron.functional
    @staticmethod
    def static_too(x: int) -> int:
        return x + 2

    @classmethod
    @pydron.functional
    def of_class(cls, x: int) -> int:
        return cls.factor + x


def test_a_functional_function_is_called_as_it_is() -> None:
    assert plain(1) == 3
    assert plain(1, 5, 9, key="z") == 6
    assert plain.__call__ is plain.__wrapped__


def test_wrappers_look_like_what_they_wrap() -> None:
    assert inspect.signature(plain) == inspect.signature(plain.__wrapped__)
    assert plain.__code__ is plain.__wrapped__.__code__
    for wrapper, name in ((plain, "plain"), (pipeline, "pipeline")):
        assert wrapper.__name__ == wrapper.__qualname__ == name
        assert wrapper.__module__ == __name__
        assert f"def {name}(" in inspect.getsource(wrapper)
        assert name in repr(wrapper)
        assert callable(wrapper)
        assert copy.deepcopy(wrapper) is copy.copy(wrapper) is wrapper
    assert plain.__doc__ == "Documentation."
    assert inspect.signature(Thing().times).parameters.keys() == {"x"}


def test_methods() -> None:
    thing = Thing()
    assert thing.times(2) == 6
    assert Thing.times(thing, 3) == 9
    assert thing.static(1) == Thing.static(1) == 2
    assert thing.static_too(1) == Thing.static_too(1) == 3
    assert thing.of_class(1) == Thing.of_class(1) == 4
    assert type(thing.times.__func__) is Functional


def test_options() -> None:
    assert (demanding.cpus, demanding.memory, demanding.gpus, demanding.retries, demanding.timeout) == (
        2.0, 2 * 10**9, 1, 0, 1.5,
    )  # fmt: skip
    assert pydron.functional(memory="1.5 GiB")(len).memory == 3 * 2**29
    assert pydron.functional(memory=1000)(len).memory == 1000


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"cpus": "2"}, TypeError, "cpus is a number"),
        ({"cpus": 0}, ValueError, "cpus is a number > 0"),
        ({"cpus": float("nan")}, ValueError, "cpus"),
        ({"cpus": True}, TypeError, "cpus"),
        ({"gpus": -1}, ValueError, "gpus is a whole number >= 0"),
        ({"gpus": 1.5}, TypeError, "gpus is a whole number"),
        ({"retries": -1}, ValueError, "retries"),
        ({"timeout": 0}, ValueError, "timeout"),
        ({"timeout": float("inf")}, ValueError, "timeout"),
        ({"memory": "lots"}, ValueError, "'2GB'"),
        ({"memory": 0}, ValueError, "memory"),
        ({"memory": []}, TypeError, "memory"),
    ],
)
def test_bad_options_are_refused_at_decoration(options: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        pydron.functional(**options)


def test_what_can_be_decorated() -> None:
    assert pydron.functional(math.sqrt)(4) == 2
    assert pydron.functional(int)("7") == 7
    assert isinstance(7, pydron.functional(int))

    class Callable:
        def __call__(self, x: int) -> int:
            return x + 1

    assert pydron.functional(Callable())(1) == 2
    assert pydron.schedule()(lambda: 5)() == 5
    assert pydron.schedule(pipeline) is pipeline
    with pytest.raises(TypeError, match=r"decorates functions, not a value of type 'int'"):
        pydron.functional(5)
    with pytest.raises(TypeError, match="classes"):
        pydron.schedule(Callable)
    with pytest.raises(TypeError, match="cannot be pydron\\.functional as well"):
        pydron.functional(pipeline)


def test_generators_and_coroutines_stay_what_they_are() -> None:
    def generator() -> Any:
        yield 1

    async def coroutine() -> int:
        return 1

    for function in (generator, coroutine):
        assert pydron.functional(function) is function
        assert pydron.schedule(function) is function


def test_pickling_by_name() -> None:
    for thing in (plain, pipeline, Thing.times):
        assert pickle.loads(pickle.dumps(thing)) is thing
        assert cloudpickle.loads(cloudpickle.dumps(thing)) is thing
    assert pickle.loads(pickle.dumps(Thing().times))(2) == 6


def test_pickling_by_value() -> None:
    _functions.register_with_cloudpickle()

    @pydron.functional(cpus=3)
    def local(n: int) -> int:
        return 1 if n == 0 else n * local(n - 1)

    again = cloudpickle.loads(cloudpickle.dumps(local))
    assert again is not local
    assert (again.cpus, again(5), again.__name__) == (3.0, 120, "local")


def test_functional_in_main_travels_to_another_process(tmp_path: Any) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import sys, pydron\nfrom pydron import _functions, _values\n"
        "@pydron.functional\ndef f(n):\n    return 1 if n == 0 else n * f(n - 1)\n"
        "@pydron.schedule\ndef p(n):\n    return f(n)\n"
        "_functions.register_with_cloudpickle()\n"
        "sys.stdout.buffer.write(_values.dumps([f.__wrapped__, f, p]))\n"
    )
    data = subprocess.run([sys.executable, script], capture_output=True, check=True, env=_environment()).stdout
    code = (
        "import sys, pickle\nfrom pydron import _state\n_state.inside_task = True\n"
        "functions = pickle.loads(sys.stdin.buffer.read())\nprint([f(4) for f in functions])\n"
    )
    out = subprocess.run([sys.executable, "-c", code], input=data, capture_output=True, check=True, env=_environment())
    assert out.stdout == b"[24, 24, 24]\n"


def test_inside_a_task_a_pipeline_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_state, "inside_task", True)

    def double(x: int) -> int:
        return 2 * x

    assert pydron.schedule(double) is double


def test_without_a_scheduler_pipelines_run_sequentially(tmp_path: Any) -> None:
    code = (
        "import pydron, threading\n"
        "@pydron.functional\ndef f(x):\n    return x + 1\n"
        "@pydron.schedule\ndef p(x):\n    return f(x)\n"
        "print(p(1), p(2))\nprint(p.__code__ is pydron._pipelines.mark_of(p).code)\n"
    )
    environment = {**_environment(), "PYDRON_SOCKET": str(tmp_path / "none")}
    (tmp_path / "script.py").write_text(code)
    command = [sys.executable, str(tmp_path / "script.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "2 3\nTrue\n"
    assert done.stderr.count("\n") == 1
    assert "Pipelines run sequentially" in done.stderr and "pydron doctor" in done.stderr


def test_import_is_light() -> None:
    """How long it takes is measured by the benchmarks; here, that it brings in nothing heavy."""
    code = (
        "import sys\nbefore = set(sys.modules)\nimport pydron\nnew = set(sys.modules) - before\n"
        "print(sorted(new & {'cloudpickle', 'pickle', 'socket', 'subprocess', 'ast', 'tempfile', 'threading'}))\n"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_environment())
    assert out.stdout.strip() == "[]"


def test_threads_can_decorate_and_call() -> None:
    threads = [threading.Thread(target=lambda: plain(1)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _environment() -> Any:
    here = os.path.dirname(os.path.dirname(os.path.abspath(pydron.__file__)))
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))}
