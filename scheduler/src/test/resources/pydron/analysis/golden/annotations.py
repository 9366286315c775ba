"""Annotated assignments."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(x: int) -> int:
    y: int = f(x)
    z: float
    z = y + 1
    return f(z)
