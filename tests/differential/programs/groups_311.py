"""Exception groups, except*, notes (Python 3.11)."""

import pydron
from case import case

LOG = []


@pydron.functional
def several(n):
    raise ExceptionGroup("many", [ValueError(n), KeyError("k")])


@pydron.functional
def noted(x):
    e = ValueError("with notes")
    e.add_note(f"note {x}")
    raise e


@case(1)
@pydron.schedule
def except_star(n):
    try:
        several(n)
    except* ValueError as e:
        LOG.append([str(x) for x in e.exceptions])
    except* KeyError:
        LOG.append("key")
    return LOG


@case(1)
@pydron.schedule
def except_star_rest(n):
    try:
        several(n)
    except* ValueError:
        LOG.append("value")


@case(1)
@pydron.schedule
def group_from_task(n):
    return several(n)


@case(1)
@pydron.schedule
def notes_from_task(n):
    return noted(n)


@case(1)
@pydron.schedule
def note_added_here(n):
    try:
        noted(n)
    except ValueError as e:
        e.add_note("seen here")
        raise
