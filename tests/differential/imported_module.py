"""A module of the user's own that a program imports: its functions travel by name, not by value."""

import pydron

OFFSET = 1000


@pydron.functional
def from_module(x):
    return x + OFFSET


@pydron.schedule
def module_pipeline(items):
    out = []
    for x in items:
        out.append(from_module(x))
    return out


class ModuleError(Exception):
    pass


@pydron.functional
def raises_from_module(x):
    raise ModuleError(x)
