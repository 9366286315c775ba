"""The exceptions of this package. A module of its own, because it is imported with the package."""


class PydronError(Exception):
    """Something about running in parallel failed, as opposed to something in the user's own code."""


class TaskLost(PydronError):
    """The process or the machine that ran a task died, and so did every further try."""


class TaskTimeout(PydronError):
    """A task ran for longer than the `timeout` of its function."""


class TaskMemory(PydronError):
    """A task needed more than the `memory` of its function."""


for _public in (PydronError, TaskLost, TaskTimeout, TaskMemory):
    _public.__module__ = "pydron"


def brief(error: BaseException) -> str:
    """Type and first line, for messages of one line."""
    try:
        text = str(error).strip().splitlines()
    except Exception:
        text = []  # its class makes it unprintable
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__
