"""A module of the user's, in a package. Importing it would fail: the check reads, it does not import."""

import pydron

from . import tools
from .tools import note

raise RuntimeError("nothing of the user's may run")


@pydron.functional
def measure(x):
    note(x)
    tools.total += x  # finds: global certain
    return x


@pydron.functional
def reads(x):
    return x + tools.total  # finds: reads-global likely
