"""A functional defined inside, which takes a variable along."""

import pydron


@pydron.schedule
def pipeline(xs, scale):
    @pydron.functional
    def scaled(x):
        return x * scale

    return [scaled(x) for x in xs]
