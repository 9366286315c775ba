import pydron
from conftest import emitted
from pydron._runtime import ORDERED, RegionSpec, Site

S = Site(__file__, 1, 0, "p")


@pydron.functional
def double(x):
    return 2 * x


def test_loop(scheduler):
    s = scheduler()

    @emitted
    def p(r, n):
        out = []
        for i in range(n):
            out.append(r.call(S, double, i))
        return out
        yield

    assert p(10) == [2 * i for i in range(10)]
    assert len(s.executed) == 10
