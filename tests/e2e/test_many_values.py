"""More values at a time than a process may have files open."""

from __future__ import annotations

import pytest

SCRIPT = """
    import resource, sys
    import numpy as np
    import pydron

    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, limit), limit))

    @pydron.functional
    def field(i, size):
        return np.full(size, float(i))

    @pydron.functional
    def total(fields):
        return sum(field[-1] for field in fields)

    @pydron.schedule
    def pipeline(n, size):
        fields = []
        seen = 0
        for i in range(n):
            one = field(i, size)
            seen += one[0]
            fields.append(one)
        return fields, seen, total(fields)

    fields, seen, total = pipeline(600, int(sys.argv[1]))
    print([field[0] for field in fields] == list(range(600)), seen == total == sum(range(600)))
"""


@pytest.mark.parametrize("size", [20_000, 50_000])
def test_they_are_all_there(stage, size):
    script = stage.script(SCRIPT)
    assert stage.run(script, str(size)).stdout == "True True\n"
    stage.assert_nothing_left()
