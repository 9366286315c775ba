"""`pydron plan`: what a script would do, without running it, and what that would cost."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from staging import LAUNCHER
from test_elastic import SETTINGS

SCRIPT = """
    import os
    import pydron

    N = 5
    FILES = ["a", "b", "c"]
    CALLS = []

    @pydron.functional
    def work(n, k=0):
        CALLS.append(n)
        return n

    @pydron.functional
    def join(a, b):
        CALLS.append(a)
        return a + b

    @pydron.schedule
    def part(rows, weight):
        return [work(row, weight) for row in rows]

    @pydron.schedule
    def main(count, stars=(), depth=3):
        total = []
        for f in FILES:
            for i in range(count):
                for j in range(i):
                    total.append(work(j))
        sums = 0
        for x in total:
            sums = join(sums, x)
        for i, s in enumerate(stars):
            if i % 2 == 0:
                work(s)
        while depth > 0:
            depth -= 1
            work(depth)
        for a, b in zip(part(range(N), 1), part(FILES[:2], 2)):
            work(a)
        return sums

    if __name__ == "__main__":
        main(2 * N, stars=list(range(7)))
        print(len(CALLS))
    """


@pytest.fixture
def plan(stage):
    settings = stage.folder / "pydron.toml"
    settings.write_text(SETTINGS)
    os.utime(settings, (1790000000, 1790000000))
    stage.environment.update(PYDRON_CONFIG=str(settings), PYDRON_STATE=str(stage.folder / "state"), TZ="UTC")

    def run(*arguments) -> subprocess.CompletedProcess:
        return stage.finish(stage.start(LAUNCHER, "plan", *arguments, "--python", sys.executable), 60)

    return run


def test_a_plan_counts_the_calls_that_there_will_be(stage, plan):
    script = stage.script(SCRIPT)
    done = plan(script, "--seconds", "2", "--seconds", "join=0.5")
    assert done.returncode == 0, done.stderr
    # Counted by Python itself: the decorators do nothing.
    (stage.folder / "plain").mkdir()
    (stage.folder / "plain" / "pydron.py").write_text("def functional(f):\n    return f\nschedule = functional\n")
    plain = ("env", f"PYTHONPATH={stage.folder}/plain", sys.executable, script)
    made = int(stage.finish(stage.start(*plain), 40).stdout)
    first = re.match(r"'main': (\d+) calls, at most (\d+) at the same time\n", done.stdout)
    assert first, done.stdout
    assert int(first[1]) == made
    # Those of the first loop, of the stars, of the `while`, and of the parts begin without waiting for anything.
    assert int(first[2]) == 135 + 4 + 3 + 5 + 2
    assert "join                         135 calls of 0.500 s" in done.stdout
    assert "goes round" not in done.stdout, "all sizes are known"
    assert "'count' of 'main' is 10, as in the call in line" in done.stdout
    assert "The service would start:\n  2 of pool 'small' (process, 2 cores, 0.10/h)\n" in done.stdout
    assert "last changed on 2026-09-21" in done.stdout
    assert not (stage.folder / "state").exists(), "nothing is begun"


def test_what_cannot_be_seen_is_assumed_and_said(stage, plan):
    script = stage.script(
        """
        import pydron

        @pydron.functional
        def work(n):
            return n

        @pydron.schedule
        def main(rows):
            out = []
            for row in rows:
                out.append(work(row))
            return out
        """
    )
    done = plan(script)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("'main': 100 calls, at most 100 at the same time\n")
    assert "calls of 1.00 s (assumed: --seconds work=S says it)" in done.stdout
    assert "'for … in rows' in line 10 goes round 100 times (--rounds 10=N says how often)" in done.stdout
    more = plan(script, "--rounds", "10=7", "--seconds", "work=60")
    assert more.stdout.startswith("'main': 7 calls, at most 7 at the same time\n")
    assert "assumed" not in more.stdout.lower()
    for wrong in (("--rounds", "x"), ("--seconds", "-1"), ("--seconds", "work=nan"), ("--calls", "0")):
        assert plan(script, *wrong).returncode == 2
    endless = plan(script, "--rounds", "999999999")
    assert "more than 200000 calls; only so many were looked at" in endless.stdout
    empty = plan(stage.script("x = 1", "empty.py"))
    assert "There is no function with @pydron.schedule" in empty.stderr
