"""A coroutine runs as it is."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    async def inner():
        return f(1)

    return inner
