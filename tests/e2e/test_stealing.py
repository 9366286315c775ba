"""Tasks do not wait behind one of their batch that takes much longer than those before it."""

from __future__ import annotations

import pytest

#: Two calls in a row that end only while both are running: they were given to one slot, as a thousand brief ones were.
MEETING = """
    import os, sys, time
    import pydron

    @pydron.functional
    def f(i, folder):
        if i in (700, 701):
            open(os.path.join(folder, str(i)), "w").close()
            other = os.path.join(folder, str(1401 - i))
            end = time.monotonic() + 20
            while not os.path.exists(other):
                if time.monotonic() > end:
                    return "alone"
                WAIT
        return i

    @pydron.schedule
    def pipeline(n, folder):
        out = []
        for i in range(n):
            out.append(f(i, folder))
        return out

    print(pipeline(1000, sys.argv[1]) == list(range(1000)))
"""


@pytest.mark.parametrize("wait", ["time.sleep(0.01)", "pass"], ids=["sleeping", "computing"])
def test_calls_that_wait_for_each_other_meet(stage, tmp_path, wait):
    script = stage.script(MEETING.replace("WAIT", wait))
    assert stage.run(script, tmp_path).stdout == "True\n"
    stage.assert_nothing_left()
