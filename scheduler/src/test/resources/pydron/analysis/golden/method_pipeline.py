"""A pipeline that is a method."""

import pydron
from tasks import f


class Telescope:
    def __init__(self, gain):
        self.gain = gain

    @pydron.schedule
    def observe(self, xs):
        return [f(x) * self.gain for x in xs]
