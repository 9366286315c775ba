from __future__ import annotations

import inspect
import signal
import sys
import types
from collections.abc import Iterator
from typing import Any

import pytest

from pydron import _connection, _state
from pydron._pipelines import pipeline_of, scheduled

# A shell's background job starts us with this signal ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)


class Emitted:
    """What the compiler would have made of a pipeline, written by hand."""

    plain_reason = None
    nested: tuple[()] = ()

    def __init__(self, main: Any, opaque: bool) -> None:
        self.main = main
        self.opaque = opaque

    def start(self, r: Any, args: Any, kwargs: Any) -> Any:
        return self.main(r, *args, **kwargs)


def emitted(main: Any = None, *, opaque: bool = False) -> Any:
    if main is None:
        return lambda main: emitted(main, opaque=opaque)
    code = main.__code__
    # A function with the parameters that the pipeline would have: all but the region.
    code = code.replace(
        co_argcount=code.co_argcount - 1,
        co_varnames=(*code.co_varnames[1:], code.co_varnames[0]),
        co_flags=code.co_flags & ~inspect.CO_GENERATOR,
    )
    _state.awake = True
    function = scheduled(types.FunctionType(code, main.__globals__, main.__name__, main.__defaults__, main.__closure__))
    pipeline: Any = pipeline_of(function)
    pipeline.emitted = Emitted(main, opaque)
    return function


@pytest.fixture(autouse=True)
def compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pipelines in these tests are written in the style of the compiler's output."""
    module = types.ModuleType("pydron._compile")
    module.look = lambda pipeline, args: (None, None)  # type: ignore[attr-defined]
    module.prepare = lambda pipeline, session, args=(): pipeline.emitted  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pydron._compile", module)
    import pydron

    monkeypatch.setattr(pydron, "_compile", module, raising=False)


@pytest.fixture
def scheduler(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A factory of schedulers that the driver of this thread will use."""
    from scheduler import Scheduler

    started = []

    def start(**options: Any) -> Any:
        one = Scheduler(**options)
        one.__enter__()
        started.append(one)
        monkeypatch.setenv("PYDRON_SOCKET", one.path)
        _connection.disconnect()
        return one

    yield start
    _connection.disconnect()
    for one in started:
        one.__exit__()
