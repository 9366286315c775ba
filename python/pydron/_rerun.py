"""Calls that have to run in the driver, since their arguments or their results cannot travel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydron import _values
from pydron._failures import record_of
from pydron._functions import name_of
from pydron._pending import OUT, SETTLED, Pending

if TYPE_CHECKING:
    from pydron._session import Session


class Rerun:
    """A call that has to run in the driver, since its arguments or its result cannot travel."""

    __slots__ = ("arguments", "deps", "function", "reason", "session", "task", "values")

    def __init__(
        self, session: Session, task: int, function: int, deps: tuple[int, ...], arguments: bytes, reason: str
    ) -> None:
        self.session = session
        self.task = task
        self.function = function
        self.deps = deps
        self.arguments = arguments
        self.reason = reason
        self.values: dict[int, Pending] = {}
        for n in deps:
            if n in session.local:
                continue
            pending = session.wanted.get(n)
            if pending is None:
                # Not the variable's own pending: dying, it must not free the value's number.
                pending = Pending(session.book, OUT, 0)
                session.wanted[n] = pending
                session.wants.append(n)
            self.values[n] = pending

    def ready(self) -> bool:
        local = self.session.local
        return all(pending.state == SETTLED or n in local for n, pending in self.values.items())

    def run(self) -> None:
        session = self.session
        if session.verifier is not None and session.verifier.again(self.function):
            # A call whose result exists only here. The first one ran here already.
            session.put(self.task, _values.dumps((("skipped", "it runs in the driver"),)), [])
            return
        functional = session.registry.by_number[self.function]
        session.registry.tell_here(functional, self.reason)
        local = session.local
        try:
            deps = [local[n] if n in local else self.values[n].value for n in self.deps]
            args, kwargs = _values.loads(self.arguments, deps)
            session.console.erase()
            value = functional.__wrapped__(*args, **kwargs)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            session.local_errors[self.task] = error
            record = record_of(error, name_of(functional))
            session.fail_task(self.task, record)
            return
        try:
            data = _values.dump(value, session.value_path())
        except Exception:
            session.put_local(self.task, value)
        else:
            session.put(self.task, data, [])
