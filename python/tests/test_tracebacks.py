"""What the user sees of a failure: the lines of the program, and nothing of what is in between."""

from __future__ import annotations

import contextlib
import inspect
import os
import sys
import traceback
from typing import Any

import pytest
from conftest import emitted
from tasks import double, fail, lock, same

import pydron
from pydron import _failures, _record
from pydron._runtime import Discarded, Region, RegionSpec, Site, arrived, surface

HERE = __file__


class Custom(Exception):
    def __init__(self, a: int, b: int) -> None:
        super().__init__(f"{a} and {b}")
        self.b = b


@pydron.functional
def fail_custom(x: int) -> Any:
    try:
        raise ValueError(x)
    except ValueError as error:
        raise Custom(x, 2) from error


def site(function: str) -> Site:
    """The place of the caller, as the compiler notes it."""
    frame = inspect.currentframe()
    assert frame is not None and frame.f_back is not None
    return Site(HERE, frame.f_back.f_lineno, function)


def stack(error: BaseException) -> list[tuple[str, str]]:
    """(function, source line) of each entry below the one of the test, as far as they are in files of the tests."""
    found = []
    for entry in traceback.extract_tb(error.__traceback__):
        assert "/pydron/_" not in entry.filename, f"runtime frame {entry}"
        if entry.filename.startswith(os.path.dirname(HERE)) and not entry.name.startswith("test_"):
            found.append((entry.name, entry.line or ""))
    return found


def test_a_failing_task(scheduler: Any) -> None:
    scheduler()

    @emitted
    def p(r: Region) -> Any:
        r.call(site("p"), double, 1)
        r.call(site("p"), fail, "x")  # here
        r.call(site("p"), double, 2)
        return None
        yield

    with pytest.raises(ValueError) as caught:
        p()
    entries = stack(caught.value)
    assert entries == [
        ("p", 'r.call(site("p"), fail, "x")  # here'),
        ("fail", "raise ValueError(message)"),
    ]
    assert caught.value.__context__ is None
    if sys.version_info >= (3, 11):
        assert "fail" in "".join(caught.value.__notes__)


def test_a_failing_task_in_nested_pipelines(scheduler: Any) -> None:
    scheduler()

    @emitted
    def inner(r: Region, x: Any) -> Any:
        x = yield x
        y = r.call(site("inner"), fail, x)  # inner
        return y

    @emitted
    def middle(r: Region, x: Any) -> Any:
        return r.call(site("middle"), inner, x)  # middle
        yield

    @emitted
    def p(r: Region) -> Any:
        x = r.call(site("p"), same, "deep")
        return [r.call(site("p"), middle, x)]  # outer
        yield

    with pytest.raises(ValueError, match="deep") as caught:
        p()
    assert [name for name, _ in stack(caught.value)] == ["p", "middle", "inner", "fail"]
    assert [line.partition("# ")[2] for _, line in stack(caught.value)][:3] == ["outer", "middle", "inner"]


@pytest.mark.parametrize("known", [True, False])
def test_an_exception_raised_in_a_part(scheduler: Any, known: bool) -> None:
    scheduler()

    def divide(x: Any) -> Any:
        return 1 // x  # divide

    divide.__code__ = divide.__code__.replace(co_name="inner")

    @emitted
    def inner(r: Region, x: Any) -> Any:
        return r.fork(RegionSpec("local", divide, [1], ["y"]), x)
        yield

    @emitted
    def p(r: Region) -> Any:
        x = 0 if known else r.call(site("p"), same, 0)
        return r.call(site("p"), inner, x)  # call
        yield

    with pytest.raises(ZeroDivisionError) as caught:
        p()
    entries = stack(caught.value)
    assert entries == [("p", 'return r.call(site("p"), inner, x)  # call'), ("inner", "return 1 // x  # divide")]


def test_inside_a_handler(scheduler: Any) -> None:
    scheduler()
    seen: list[Any] = []

    @emitted
    def inner(r: Region) -> Any:
        return r.call(site("inner"), fail, "x")  # inner
        yield

    @emitted
    def p(r: Region) -> Any:
        m = r.mark()
        error = None
        try:
            r.call(site("p"), inner)  # body
            yield r.fence(m)
        except Discarded:
            raise
        except BaseException as e:
            error = e
        error = arrived((yield r.settle(m, error)))
        try:
            surface(error)
        except ValueError as e:
            r.clean_tb()
            seen.extend(stack(e))
        return None

    p()
    assert [name for name, _ in seen] == ["p", "inner", "fail"]
    assert seen[0][1].endswith("# body")


def test_the_context_is_that_of_the_caller(scheduler: Any) -> None:
    scheduler()

    @emitted
    def p(r: Region) -> Any:
        r.call(site("p"), fail_custom, 7)
        return None
        yield

    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError as outer:
        with pytest.raises(Custom) as caught:
            p()
        error = caught.value
        assert error.args == ("7 and 2",) and error.b == 2
        assert type(error.__cause__) is ValueError and error.__suppress_context__
        assert error.__context__ is not None and error.__context__.__context__ is outer


def test_a_call_that_ran_here(scheduler: Any) -> None:
    scheduler()

    class Stuck:
        def __reduce__(self) -> Any:
            raise TypeError("stuck")

    @emitted
    def p(r: Region) -> Any:
        return r.call(site("p"), fail, Stuck())
        yield

    with pytest.raises(ValueError) as caught:
        p()
    assert [name for name, _ in stack(caught.value)] == ["p", "fail"]


def test_a_rerun_that_fails(scheduler: Any) -> None:
    scheduler()

    @emitted
    def p(r: Region) -> Any:
        a = r.call(site("p"), lock, 1)
        return r.call(site("p"), fail, a)  # here
        yield

    with pytest.raises(ValueError) as caught:
        p()
    entries = stack(caught.value)
    assert [name for name, _ in entries] == ["p", "fail"]
    assert entries[0][1].endswith("# here")


def test_records_of_strange_exceptions() -> None:
    class Local(Exception):
        def __reduce__(self) -> Any:
            raise TypeError("no")

    try:
        raise Local("text")
    except Local as error:
        record = _record.of(error, "task")
    revived = _failures.revive(record)
    assert type(revived.error).__name__ == "Local" and str(revived.error) == "text"
    assert revived.frames[-1][2] == "test_records_of_strange_exceptions"
    lost = b"\0" + b"".join(len(t).to_bytes(4, "little") + t for t in (b"timeout", b"slow", b"took longer than 2 s"))
    error = _failures.revive(lost).error
    assert type(error) is pydron.TaskTimeout and str(error) == "Task 'slow': took longer than 2 s"
    assert type(_failures.revive(b"garbage").error) is pydron.PydronError


def test_no_reference_cycle_is_left_behind(scheduler: Any) -> None:
    import gc
    import weakref

    scheduler()

    class Payload:
        pass

    @emitted
    def p(r: Region, payload: Any) -> Any:
        raise RuntimeError(payload)
        yield

    payload = Payload()
    alive = weakref.ref(payload)
    gc.collect()
    gc.disable()
    try:
        with contextlib.suppress(RuntimeError):
            p(payload)
        del payload
        assert alive() is None
    finally:
        gc.enable()
