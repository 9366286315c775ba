"""Calls that are computed before their turn: used only if the very same call is made, shown only then, and counted."""

from __future__ import annotations

import re

LOOP = """
    import sys, time
    import pydron

    @pydron.functional
    def work(x, factor=1):
        print("working on", x)
        time.sleep(0.2)
        if x > 9:
            raise ValueError(x)
        return x * factor

    @pydron.functional(speculate=False)
    def costly(x):
        time.sleep(0.2)
        return x

    rows = []
    options = {"factor": 1}

    def save(row):
        print("saving", row)
        rows.append(row)
        options["factor"] = row + 1
        return row

    @pydron.schedule
    def saved(items):
        for x in items:
            save(work(x))

    @pydron.schedule
    def found(items):
        for x in items:
            if save(work(x)) == 3:
                return x

    @pydron.schedule
    def changing(items):
        for x in items:
            save(work(x, options["factor"]))
        return rows

    @pydron.schedule
    def one_by_one(items):
        for x in items:
            save(costly(x))

    start = time.perf_counter()
    print("result", {call})
    print("seconds", time.perf_counter() - start)
"""


def run(stage, call: str, *options: str, slots: int = 4, before: str = ""):
    text = before + LOOP.replace("{call}", call)
    done = stage.run(*options, stage.script(text), slots=slots)
    assert done.returncode == 0, done.stderr
    seconds = float(re.search(r"seconds (.*)", done.stdout).group(1))
    return [line for line in done.stdout.splitlines() if not line.startswith("seconds")], seconds, done.stderr


def in_order(count: int) -> list[str]:
    return [line for x in range(count) for line in (f"[work] working on {x}", f"saving {x}")]


def test_output_comes_where_the_call_is_made(stage):
    shown, _, said = run(stage, "saved(range(10))", "--speculate=2")
    assert shown == [*in_order(10), "result None"]
    assert re.search(r"pydron: (\d+) calls computed before their turn, (\d+) used", said).groups() == ("9", "9")


def test_what_is_not_called_shows_nothing_and_raises_nothing(stage):
    shown, _, said = run(stage, "found(range(20))", "--speculate=4")
    assert shown == [*in_order(4), "result 3"]
    made, used, wasted = re.search(r"(\d+) calls .*, (\d+) used, ([\d.]+) s wasted", said).groups()
    assert int(made) > int(used) >= 2
    assert float(wasted) > 0


def test_another_call_is_not_that_call(stage):
    """The arguments are part of what is compared."""
    shown, _, _ = run(stage, "changing([1, 2, 3, 4])", "--speculate=4")
    assert shown[-1] == "result [1, 4, 15, 64]"


def test_a_check_that_leaves_out_the_arguments_is_found(stage):
    """The one above counts: with this planted fault it would fail."""
    fault = """
    import pydron._ahead
    pydron._ahead.key_of = lambda function, data, deps: (function, b"", None)
"""
    shown, _, _ = run(stage, "changing([1, 2, 3, 4])", "--speculate=4", before=fault)
    assert shown[-1] != "result [1, 4, 15, 64]"


def test_off_is_one_after_the_other(stage):
    shown, seconds, said = run(stage, "saved(range(5))", "--speculate=off")
    assert shown == [*in_order(5), "result None"]
    assert seconds >= 1.0
    assert "0 calls computed before their turn" in said


def test_a_function_may_decline(stage):
    _, seconds, said = run(stage, "one_by_one(range(5))", "--speculate=2")
    assert seconds >= 1.0
    assert "0 calls computed before their turn" in said


def test_nothing_is_said_unless_asked(stage):
    shown, _, said = run(stage, "saved(range(10))")
    assert shown[-1] == "result None"
    assert said == ""
