"""Context managers of the user's, between emitted code and them: they see tracebacks without the runtime's entries."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from pydron._traceback import linked, user_part

_dict_of = type.__dict__["__dict__"].__get__
_mro_of = type.__dict__["__mro__"].__get__
_MISSING = object()


class Managed:
    """Enters and leaves a context manager as `with` does: by the methods of its class, both looked up at first."""

    __slots__ = ("_enter", "_leave")

    def __init__(self, enter: Any, leave: Any) -> None:
        self._enter = enter
        self._leave = leave

    def __enter__(self) -> Any:
        return self._enter()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> Any:
        if error is not None:
            error.__traceback__ = traceback = linked(user_part(traceback))
        return self._leave(kind, error, traceback)


def managed(manager: Any) -> Any:
    """What a `with` statement of emitted code enters; what is no context manager stays what it is, and fails there."""
    enter, leave = _special(manager, "__enter__"), _special(manager, "__exit__")
    return manager if enter is _MISSING or leave is _MISSING else Managed(enter, leave)


def _special(value: Any, name: str) -> Any:
    kind = type(value)
    for base in _mro_of(kind):
        found = _dict_of(base).get(name, _MISSING)
        if found is not _MISSING:
            binds = getattr(type(found), "__get__", None)
            return found if binds is None else binds(found, value, kind)
    return _MISSING
