"""Failures as they surface: the exception, with the lines of the user's that led to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from pydron._errors import PydronError
from pydron._failures import add_note, revive
from pydron._traceback import linked, replacing, synthetic, user_part

if TYPE_CHECKING:
    from pydron._session import Chain, Session


def task_failure(session: Session, task: int, record: Any, where: Chain) -> BaseException:
    """The exception of a task, as an activation (the one that was called by `where`) sees it."""
    site, chain = session.task_origin(task)
    error = session.local_errors.pop(task, None)
    if error is not None:
        below = linked(user_part(error.__traceback__))
    else:
        failure = revive(record)
        error = failure.error
        below = synthetic(failure.frames, None)
        if failure.note:
            add_note(error, f"pydron: in task {failure.note}")
    error.__context__ = context_of(error, session.contexts.pop(task, None))
    sites = [*_sites(chain), *([site] if site is not None else [])][len(_sites(where)) :]
    error.__traceback__ = replacing(synthetic([(site.file, site.line, site.function) for site in sites], below))
    return error


def region_failure(found: tuple[BaseException, Chain] | None, where: Chain) -> BaseException:
    """The same for an exception that was raised in the driver, in a region."""
    if found is None:
        return PydronError("The scheduler reports the failure of a region that did not fail: please report this")
    error, chain = found
    sites = _sites(chain)[len(_sites(where)) :]
    entries = [(site.file, site.line, site.function) for site in sites]
    error.__traceback__ = replacing(synthetic(entries, error.__traceback__))
    return error


def context_of(error: BaseException, handled: BaseException | None) -> BaseException | None:
    """What was handled where the pipeline was called is the context of the first exception that was raised in it."""
    if handled is None or handled is error:
        return error.__context__
    seen = {id(error)}
    inner = error
    while inner.__context__ is not None and id(inner.__context__) not in seen:
        inner = inner.__context__
        if inner is handled:
            return error.__context__
        seen.add(id(inner))
    if inner is error:
        return handled
    inner.__context__ = handled
    return error.__context__


def while_handling(error: BaseException | None, known: BaseException | None, resume: Callable[[], Any]) -> Any:
    """Goes on with what was set aside in the handler of an exception: `logging.exception` asks which one that is.

    The `known` exception is being handled anyway.
    """
    if error is None or error is known:
        return resume()
    traceback, context = error.__traceback__, error.__context__
    try:
        raise error
    except BaseException:
        error.__traceback__, error.__context__ = traceback, context
        return resume()


def _sites(chain: Chain) -> list[Any]:
    """The calls that lead to an activation, outermost first."""
    sites = []
    while chain is not None:
        sites.append(chain[0])
        chain = chain[1]
    sites.reverse()
    return sites
