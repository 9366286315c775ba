"""A script whose functional functions are elsewhere."""

import pydron

from package import measure
from package.steps import reads


@pydron.schedule
def pipeline(xs):
    return [measure(reads(x)) for x in xs]
