"""The runtime, driven by generators written the way the compiler emits them."""

from __future__ import annotations

import io
import sys
import time
from typing import Any

import pytest
from conftest import emitted
from tasks import add, describe, double, fail, fail_if, lock, same, total_of

from pydron import PydronError
from pydron._runtime import ORDERED, Discarded, Region, RegionSpec, Site, arrived

S = Site(__file__, 1, "p")
ORDERS = ["fifo", "lifo", "random"]


def spec(kind: str, needs: Any, outs: int = 0, guard: Any = ()) -> Any:
    def decorate(fn: Any) -> RegionSpec:
        return RegionSpec(kind, fn, needs, [f"v{i}" for i in range(outs)], guard)

    return decorate


@pytest.mark.parametrize("order", ORDERS)
def test_results_in_a_list_come_back_in_its_order(scheduler: Any, order: str) -> None:
    s = scheduler(order=order)

    @emitted
    def p(r: Region, n: int) -> Any:
        out = []
        for i in range(n):
            out.append(r.call(S, double, i))
        return out
        yield

    assert p(600) == [2 * i for i in range(600)]
    assert len(s.executed) == 600
    assert s.counts["SUBMIT"] < 100


@pytest.mark.parametrize("order", ORDERS)
def test_pendings_travel_as_references(scheduler: Any, order: str) -> None:
    s = scheduler(order=order)

    @emitted
    def p(r: Region) -> Any:
        a = r.call(S, double, 1)
        b = r.call(S, add, a, 10, c=a)
        c = r.call(S, total_of, [a, b, [1][0]])
        d = r.call(S, same, {"k": (1, [c])})
        return [a, b, c, d, (a, a)]
        yield

    assert p() == [2, 14, 17, {"k": (1, [17])}, (2, 2)]
    # Only what was asked for at the end came back.
    assert s.counts["WANT"] == 1


def test_a_result_is_one_object_everywhere(scheduler: Any) -> None:
    scheduler()

    @emitted
    def p(r: Region) -> Any:
        a = r.call(S, same, [1])
        return [a, a, {"x": a}]
        yield

    out = p()
    assert out[0] is out[1] is out[2]["x"]


@pytest.mark.parametrize("order", ORDERS)
def test_parked_reduction(scheduler: Any, order: str) -> None:
    scheduler(order=order)

    @spec("local", [1, 1], 1)
    def plus(total: Any, value: Any) -> Any:
        total += value
        return total

    @emitted
    def p(r: Region, n: int) -> Any:
        total = 0
        for i in range(n):
            total = r.fork(plus, total, r.call(S, double, i))
        return total
        yield

    assert p(300) == 2 * sum(range(300))


@pytest.mark.parametrize("order", ORDERS)
def test_a_branch_on_a_result_does_not_hold_up_the_loop(scheduler: Any, order: str) -> None:
    s = scheduler(order=order)

    @spec("gen", [0], 1)
    def branch(r: Region, x: Any) -> Any:
        x = yield x
        if x % 4 == 0:
            x = r.call(S, add, x, 1)
        return x

    @emitted
    def p(r: Region, n: int) -> Any:
        out = []
        for i in range(n):
            x = r.call(S, double, i)
            out.append(r.fork(branch, x))
        return out
        yield

    assert p(50) == [2 * i + (i % 2 == 0) for i in range(50)]
    assert s.executed[1][0].endswith("double") or order != "fifo"


def test_shapes_of_outs(scheduler: Any) -> None:
    scheduler()

    @spec("gen", [0], 2)
    def two(r: Region, x: Any) -> Any:
        x = yield x
        return x, x + 1

    @spec("local", [1], 0)
    def none(x: Any) -> None:
        return None

    @spec("local", [1, 2], 2)
    def local_two(x: Any, y: Any) -> Any:
        return y, x

    @emitted
    def p(r: Region) -> Any:
        a, b = r.fork(two, r.call(S, double, 1))
        c, d = r.fork(two, 5)
        e, f = r.fork(local_two, a, [b, (1, [d])])
        nothing = r.fork(none, a)
        return [a, b, c, d, e, f, nothing]
        yield

    assert p() == [2, 3, 5, 6, [3, (1, [6])], 2, None]


@pytest.mark.parametrize("order", ORDERS)
def test_output_in_program_order(scheduler: Any, order: str, capsys: pytest.CaptureFixture[str]) -> None:
    scheduler(order=order, delay=lambda name, n: 0.02 if n == 1 else 0)

    @spec("output", [2])
    def show(x: Any) -> None:
        print(x)

    @spec("gen", [0], 1)
    def inner(r: Region, x: Any) -> Any:
        x = yield x
        r.fork(show, ("inner", r.call(S, double, x)))
        return x

    @emitted
    def p(r: Region) -> Any:
        for i in range(5):
            x = r.call(S, double, i)
            r.fork(inner, x)
            r.fork(show, ["outer", x])
        r.fork(show, "end")
        return None
        yield

    p()
    expected = []
    for i in range(5):
        expected += [str(("inner", 4 * i)), str(["outer", 2 * i])]
    assert capsys.readouterr().out.splitlines() == [*expected, "end"]


@pytest.mark.parametrize("order", ORDERS)
def test_the_first_failure_in_program_order_surfaces(
    scheduler: Any, order: str, capsys: pytest.CaptureFixture[str]
) -> None:
    scheduler(order=order, delay=lambda name, n: 0.03 if n == 2 else 0)

    @spec("output", [1])
    def show(x: Any) -> None:
        print(x)

    @emitted
    def p(r: Region) -> Any:
        r.fork(show, "before")
        a = r.call(S, double, 1)
        r.fork(show, a)
        r.call(S, fail, "first")
        r.call(S, fail, "second")
        r.fork(show, "never")
        raise RuntimeError("third")
        yield

    with pytest.raises(ValueError, match="first"):
        p()
    assert capsys.readouterr().out.splitlines() == ["before", "2"]


def test_own_exception_waits_for_what_is_earlier(scheduler: Any, capsys: pytest.CaptureFixture[str]) -> None:
    scheduler(delay=lambda name, n: 0.02)

    @spec("output", [1])
    def show(x: Any) -> None:
        print(x)

    @emitted
    def p(r: Region) -> Any:
        r.fork(show, r.call(S, double, 4))
        raise RuntimeError("mine")
        yield

    with pytest.raises(RuntimeError, match="mine"):
        p()
    assert capsys.readouterr().out == "8\n"


def test_failure_in_a_parked_region(scheduler: Any, capsys: pytest.CaptureFixture[str]) -> None:
    scheduler()

    @spec("local", [1], 1)
    def divide(x: Any) -> Any:
        return 1 // x

    @spec("output", [1])
    def show(x: Any) -> None:
        print(x)

    @emitted
    def p(r: Region) -> Any:
        r.fork(show, "one")
        y = r.fork(divide, r.call(S, double, 0))
        z = r.call(S, double, y)
        r.fork(show, z)
        return [y, z]
        yield

    with pytest.raises(ZeroDivisionError):
        p()
    assert capsys.readouterr().out == "one\n"


@pytest.mark.parametrize("order", ORDERS)
def test_one_failing_output_stops_those_released_with_it(
    scheduler: Any, order: str, capsys: pytest.CaptureFixture[str]
) -> None:
    scheduler(order=order)

    @spec("output", [1])
    def show(x: Any) -> None:
        print(8 // x)

    @spec("gen", [], 1)
    def body(r: Region) -> Any:
        m = r.mark()
        try:
            r.fork(show, r.call(S, same, 2))
            r.fork(show, r.call(S, same, 0))
            r.fork(show, r.call(S, same, 4))
            yield r.fence(m)
        except Discarded:
            raise
        except BaseException as e:
            r.clean_tb()
            e = arrived((yield r.settle(m, e)))
            return type(e).__name__
        return None

    @emitted
    def p(r: Region) -> Any:
        name = r.fork(body)
        r.fork(show, r.call(S, same, 1))
        return name
        yield

    assert p() == "ZeroDivisionError"
    assert capsys.readouterr().out.split() == ["4", "8"]


def try_except(r: Region, log: list[Any], bad: Any, outer: bool = False) -> Any:
    """try: a = fail_if(bad); b = double(1) except KeyError: log."""
    m = r.mark()
    try:
        try:
            a = r.call(S, fail_if, bad, "x")
            b = r.call(S, add, 1, 2)
            yield r.fence(m)
        except Discarded:
            raise
        except BaseException as e:
            e = arrived((yield r.settle(m, e)))
            if isinstance(e, KeyError):
                log.append("caught")
                return "caught"
            raise e
    finally:
        if not r.dead:
            log.append("finally")
    return [a, b]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("bad", [False, True])
def test_try(scheduler: Any, order: str, bad: bool) -> None:
    scheduler(order=order)
    log: list[Any] = []

    @emitted
    def p(r: Region) -> Any:
        first = r.call(S, double, 21)
        result = yield from try_except(r, log, bad)
        return [first, result, r.call(S, double, 1)]

    assert p() == [42, "caught" if bad else ["x", 3], 2]
    assert log == (["caught", "finally"] if bad else ["finally"])


def test_try_that_submits_nothing_costs_nothing(scheduler: Any) -> None:
    s = scheduler()

    @emitted
    def p(r: Region) -> Any:
        m = r.mark()
        yield r.fence(m)
        m = r.mark()
        try:
            raise KeyError(1)
        except BaseException as e:
            e = arrived((yield r.settle(m, e)))
            return type(e)

    assert p() is KeyError
    assert "MARK" not in s.counts and "FENCE" not in s.counts


@pytest.mark.parametrize("order", ORDERS)
def test_earlier_failure_wins_over_the_one_raised_in_the_body(scheduler: Any, order: str) -> None:
    scheduler(order=order)

    @emitted
    def p(r: Region) -> Any:
        m = r.mark()
        try:
            r.call(S, fail, "from the task")
            raise RuntimeError("from the body")
        except Discarded:
            raise
        except BaseException as e:
            e = arrived((yield r.settle(m, e)))
            return [type(e).__name__, e.args]

    assert p() == ["ValueError", ("from the task",)]


@pytest.mark.parametrize("order", ORDERS)
def test_failure_of_an_outer_body_passes_by_inner_handlers(scheduler: Any, order: str) -> None:
    scheduler(order=order, delay=lambda name, n: 60 if name.endswith("add") else 0)
    log: list[Any] = []

    @emitted
    def p(r: Region) -> Any:
        m1 = r.mark()
        try:
            r.call(S, fail, "outer")
            m2 = r.mark()
            try:
                try:
                    x = yield r.call(S, add, 1)
                    log.append(x)
                    yield r.fence(m2)
                except Discarded:
                    raise
                except BaseException as e:
                    e = arrived((yield r.settle(m2, e)))
                    log.append("wrong handler")
                    raise e
            finally:
                if not r.dead:
                    log.append("wrong finally")
            yield r.fence(m1)
        except Discarded:
            raise
        except BaseException as e:
            e = arrived((yield r.settle(m1, e)))
            assert not r.dead
            return [r.call(S, double, 2), str(e)]

    assert p() == [4, "outer"]
    assert log == []


@pytest.mark.parametrize("order", ORDERS)
def test_discarded_regions_run_no_user_code(scheduler: Any, order: str) -> None:
    scheduler(order=order, delay=lambda name, n: 0.05 if n == 3 else 0)
    log: list[Any] = []

    @spec("gen", [0], 1)
    def later(r: Region, x: Any) -> Any:
        try:
            x = yield x
            y = yield r.call(S, double, x)
            log.append(y)
        finally:
            if not r.dead:
                log.append("finally")
        return x

    @emitted
    def p(r: Region) -> Any:
        m = r.mark()
        try:
            r.call(S, fail, "x")
            r.fork(later, r.call(S, fail_if, False, "slow"))
            r.fork(later, r.call(S, double, 1))
            yield r.fence(m)
        except Discarded:
            raise
        except BaseException as e:
            e = arrived((yield r.settle(m, e)))
            log.append("handler")
        r.call(S, double, 3)
        yield ORDERED
        return r.call(S, double, 3)

    assert p() == 6
    assert log[-1] == "handler"


def test_nested_pipelines(scheduler: Any) -> None:
    scheduler()

    @emitted
    def child(r: Region, x: Any, y: int = 0) -> Any:
        x = yield x
        return [r.call(S, double, x), y]

    @emitted
    def p(r: Region) -> Any:
        a = r.call(S, child, 1)
        b = r.call(S, child, r.call(S, double, 2), y=3)
        return [a, b]
        yield

    assert p() == [[2, 0], [8, 3]]


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("depth", [10, 800])
def test_deep_recursion(scheduler: Any, depth: int, known: bool) -> None:
    scheduler()
    limit = sys.getrecursionlimit()

    @spec("local", [1], 1)
    def plus(x: Any) -> Any:
        return x + 1

    @emitted
    def p(r: Region, n: Any) -> Any:
        n = yield n
        if n == 0:
            return 0
        below = r.call(S, p, n - 1 if known else r.call(S, add, n, -1))
        return r.fork(plus, below)

    assert p(depth) == depth
    assert sys.getrecursionlimit() == limit


def test_endless_recursion_ends_as_it_would(scheduler: Any) -> None:
    scheduler()

    @emitted
    def p(r: Region, n: int) -> Any:
        return r.call(S, p, n + 1)
        yield

    with pytest.raises(RecursionError, match="maximum recursion depth exceeded"):
        p(0)


def test_ordered_waits_for_all_that_is_earlier(scheduler: Any) -> None:
    s = scheduler(delay=lambda name, n: 0.01 * (n % 3))

    @emitted
    def p(r: Region) -> Any:
        for i in range(20):
            r.call(S, double, i)
        if r.barrier():
            yield ORDERED
        done = len(s.executed)
        assert not r.barrier()
        return done

    assert p() == 20


def test_blocked_code_may_start_runs_of_its_own(scheduler: Any) -> None:
    scheduler()

    @emitted
    def inner(r: Region, n: int) -> Any:
        return [r.call(S, double, i) for i in range(n)]
        yield

    @emitted
    def p(r: Region) -> Any:
        a = r.call(S, double, 10)
        if r.barrier():
            yield ORDERED
        values = inner(3)
        b = r.call(S, total_of, [a, *values])
        return b

    assert p() == 26


def test_an_opaque_pipeline_is_called_plainly(scheduler: Any) -> None:
    s = scheduler()
    log: list[Any] = []

    @emitted(opaque=True)
    def inner(r: Region, x: Any) -> Any:
        log.append((x, len(s.executed)))
        return x
        yield

    @emitted
    def p(r: Region) -> Any:
        a = r.call(S, double, 10)
        b = r.call(S, double, 11)
        c = r.call(S, inner, [a])
        return [b, c]
        yield

    assert p() == [22, [20]]
    assert log == [([20], 2)]


def test_arguments_that_cannot_be_pickled_run_here(scheduler: Any, capsys: pytest.CaptureFixture[str]) -> None:
    s = scheduler()
    stream = io.TextIOWrapper(io.BytesIO())

    @emitted
    def p(r: Region) -> Any:
        a = r.call(S, double, 4)
        b = r.call(S, describe, stream)
        c = r.call(S, describe, [stream, a])
        return [a, b, c]
        yield

    assert p() == [8, "TextIOWrapper", "list"]
    assert [name for name, _ in s.executed] == ["tasks.double"]
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "'tasks.describe' runs in the driver" in err and "cannot be pickled" in err


def test_blocking_inside_a_parked_region(scheduler: Any) -> None:
    scheduler(order="lifo")
    stream = io.StringIO

    class Stuck:
        def __reduce__(self) -> Any:
            raise TypeError("stuck")

    stuck = Stuck()
    log: list[Any] = []

    @spec("gen", [0, 0], 1)
    def part(r: Region, i: Any, x: Any) -> Any:
        x = yield x
        name = r.call(S, describe, [stuck, r.call(S, double, x)])
        log.append(i)
        return name

    @emitted
    def p(r: Region) -> Any:
        return [r.fork(part, i, r.call(S, double, i)) for i in range(10)]
        yield

    assert stream is io.StringIO
    assert p() == ["list"] * 10
    assert log == list(range(10))


@pytest.mark.parametrize("order", ORDERS)
def test_a_failure_surfaces_while_a_region_blocks(scheduler: Any, order: str) -> None:
    scheduler(order=order, delay=lambda name, n: 0.02)
    log: list[Any] = []

    class Stuck:
        def __reduce__(self) -> Any:
            raise TypeError("stuck")

    @emitted
    def child(r: Region) -> Any:
        try:
            r.call(S, describe, Stuck())
            log.append("wrong")
        finally:
            if not r.dead:
                log.append("wrong finally")
        return 1
        yield

    @emitted
    def p(r: Region) -> Any:
        m = r.mark()
        try:
            r.call(S, fail, "x")
            r.call(S, child)
            yield r.fence(m)
        except Discarded:
            raise
        except BaseException as e:
            e = arrived((yield r.settle(m, e)))
            return [str(e), r.call(S, double, 1)]

    assert p() == ["x", 2]
    assert log == []


def test_a_result_that_cannot_be_pickled_is_made_here(scheduler: Any, capsys: pytest.CaptureFixture[str]) -> None:
    scheduler()

    @emitted
    def p(r: Region) -> Any:
        a = r.call(S, lock, 1)
        b = r.call(S, describe, a)
        c = r.call(S, double, 2)
        return [a, b, c]
        yield

    a, b, c = p()
    assert (type(a).__name__, b, c) == ("lock", "lock", 4)
    assert "runs in the driver" in capsys.readouterr().err


def test_guarded_inputs_of_unknown_type_run_in_order(scheduler: Any) -> None:
    s = scheduler(delay=lambda name, n: 0.03 if n == 1 else 0)
    log: list[Any] = []

    @spec("local", [1], 1, guard=[0])
    def use(x: Any) -> Any:
        log.append((type(x).__name__, len(s.executed)))
        return x

    @emitted
    def p(r: Region) -> Any:
        r.call(S, double, 1)
        r.fork(use, r.call(S, same, 5))
        r.fork(use, [Odd()])
        r.fork(use, Odd())
        return None
        yield

    p()
    assert sorted(log) == [("Odd", 3), ("int", 1), ("list", 3)] or sorted(log)[1:] == [("int", 1), ("list", 2)]


class Odd:
    def __add__(self, other: Any) -> Any:
        return self


def test_large_arguments_go_through_files_once(scheduler: Any) -> None:
    numpy = pytest.importorskip("numpy")
    s = scheduler()
    array = numpy.arange(200_000.0)
    text = "x" * 100_000

    @emitted
    def p(r: Region) -> Any:
        out = [r.call(S, total_of, array) for _ in range(5)]
        array[0] = 7
        out += [r.call(S, total_of, array) for _ in range(5)]
        out += [r.call(S, describe, list(range(50_000)))]
        out += [r.call(S, same, [text, text, r.call(S, double, 1)]) for _ in range(2)]
        return out
        yield

    before = array.sum()
    assert p() == [before] * 5 + [before + 7] * 5 + ["list"] + [[text, text, 2]] * 2
    # Two states of the array, the long list, the text.
    assert s.counts["PUT"] == 4


def test_values_of_dead_variables_are_freed(scheduler: Any) -> None:
    s = scheduler()

    @emitted
    def p(r: Region) -> Any:
        for i in range(100):
            r.call(S, double, i)
        return None
        yield

    p()
    p()
    assert set(range(1, 101)) <= set(s.connections[0].freed)


def test_output_of_tasks_is_attributed(scheduler: Any, capsys: pytest.CaptureFixture[str]) -> None:
    scheduler(printing=True)

    @emitted
    def p(r: Region) -> Any:
        return [r.call(S, double, 1)]
        yield

    p()
    assert capsys.readouterr().out == "[tasks.double] run 1\n[tasks.double] part\n"


def test_stop_iteration_leaves_a_pipeline_as_it_is(scheduler: Any) -> None:
    scheduler()

    @emitted
    def p(r: Region) -> Any:
        r.call(S, double, 1)
        next(iter(()))
        yield

    with pytest.raises(StopIteration):
        p()


def test_a_scheduler_that_vanishes(scheduler: Any) -> None:
    s = scheduler(delay=lambda name, n: 5)

    @emitted
    def p(r: Region) -> Any:
        x = r.call(S, double, 1)
        r.session.flush()
        s.stop()
        return (yield x)

    with pytest.raises(PydronError, match="scheduler has gone"):
        p()


def test_interrupt_ends_the_run_and_leaves_the_connection(scheduler: Any) -> None:
    import os
    import signal
    import threading

    s = scheduler(delay=lambda name, n: 60 if name.endswith("double") else 0)
    log: list[Any] = []

    @spec("gen", [0], 1)
    def waiting(r: Region, x: Any) -> Any:
        try:
            x = yield x
        finally:
            if not r.dead:
                log.append("wrong")
        return x

    @emitted
    def p(r: Region) -> Any:
        return [r.fork(waiting, r.call(S, double, 1)), r.call(S, double, 2)]
        yield

    @emitted
    def fine(r: Region) -> Any:
        return r.call(S, same, 1)
        yield

    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        p()
    assert log == []
    assert fine() == 1
    deadline = time.monotonic() + 5
    while s.ended < 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    # That the second one is over is told with the next message.
    assert s.ended == 1
    assert fine() == 1
    while s.ended < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert s.ended == 2
    assert len(s.connections) == 1


def test_threads_have_jobs_of_their_own(scheduler: Any) -> None:
    import threading

    s = scheduler()
    results: list[Any] = []

    @emitted
    def p(r: Region, i: int) -> Any:
        return [r.call(S, double, i) for _ in range(10)]
        yield

    threads = [threading.Thread(target=lambda i=i: results.append(p(i))) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [[2 * i] * 10 for i in range(4)]
    assert s.counts["HELLO"] == 4
