"""Values that are not there yet, and the walks through containers that may hold them.

A container holds pendings only while no user code can see it. Before that ends it is *cleaned*: pendings are
replaced, in place, by their values.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

TASK = 0  #: the result of a task; `n` is its number from the start
OUT = 1  #: a variable that a parked region defines; gets a number when a task depends on it

WAITING = 0
SETTLED = 1
CHAINED = 2  #: settled to another pending, which is `value`
DEAD = 3  #: its region failed or was discarded: nobody who can still run may wait for it


class Pending:
    """A value to come.

    `book` counts pendings and collects the numbers of those that have died, so that "is any alive?" costs nothing
    and the scheduler can be told, in batches, what no variable can reach any more.
    """

    __slots__ = ("book", "earlier", "kind", "n", "state", "value", "waiters")

    def __init__(self, book: Book, kind: int, n: int, value: Any = None) -> None:
        book.made += 1
        self.book = book
        self.kind = kind
        self.n = n
        self.state = WAITING
        self.value = value
        self.waiters: Any = None  # None, a Wait, or a list of them
        self.earlier: Any = None  # inside a try statement: what the variable held before, while this is not settled

    def __del__(self) -> None:
        self.book.dead.append(self.n)

    def __reduce__(self) -> Any:
        """Pendings travel by persistent id: where they are pickled without one, they do not belong."""
        raise TypeError("a pending value reached user code")

    def __repr__(self) -> str:
        kind = ("task", "out")[self.kind]
        state = ("waiting", "settled", "chained", "dead")[self.state]
        return f"<pending {kind} {self.n} {state}>"


class Book:
    """Which pendings of one connection are alive. Deaths arrive in any thread: appending to a list is atomic."""

    __slots__ = ("dead", "gone", "made")

    def __init__(self) -> None:
        self.made = 0
        self.gone = 0
        self.dead: list[int] = []

    def any_alive(self) -> bool:
        return self.made != self.gone + len(self.dead)

    def take_dead(self) -> list[int]:
        """The numbers of those that died since the last time."""
        dead = self.dead
        n = len(dead)
        numbers = dead[:n]
        del dead[:n]
        self.gone += n
        return [number for number in numbers if number]


def wake(pending: Pending) -> None:
    waiters = pending.waiters
    if waiters is not None:
        pending.waiters = None
        if type(waiters) is list:
            for wait in waiters:
                wait.arrived()
        else:
            waiters.arrived()


_DICTS = frozenset((dict, defaultdict))
_CONTAINERS = _DICTS | {list, tuple}
_INTERESTING = _CONTAINERS | {Pending}
_TUPLES_DEEP = 100


def follow(pending: Pending) -> Pending:
    while pending.state == CHAINED:
        pending = pending.value
    return pending


def holds_pending(value: Any) -> bool:
    """Is it a pending, or a list, tuple or dict that holds one at whatever depth?"""
    kind = type(value)
    if kind is Pending:
        return True
    if kind not in _CONTAINERS:
        return False
    seen: set[int] | None = None
    stack = [value]
    while stack:
        container = stack.pop()
        items = container.values() if type(container) in _DICTS else container
        kinds = set(map(type, items))
        if Pending in kinds:
            return True
        if kinds.isdisjoint(_CONTAINERS):
            continue
        if seen is None:
            seen = {id(value)}
        for item in items:
            if type(item) in _CONTAINERS and id(item) not in seen:
                seen.add(id(item))
                stack.append(item)
    return False


def shallow(value: Any, missing: list[Pending]) -> Any:
    """The value of a pending, or itself; what it has to wait for goes to `missing`."""
    if type(value) is not Pending:
        return value
    pending = follow(value)
    if pending.state == SETTLED:
        return pending.value
    missing.append(pending)
    return value


def deep(value: Any, missing: list[Pending]) -> Any:
    """Cleans `value` in place and returns it. What is not there yet stays, and goes to `missing`.

    Values that come out of pendings are cleaned as well: a parked region may hand out containers that hold pendings.
    A real tuple can hold pendings too (the `*args` of a pipeline): the answer is then another tuple.
    """
    kind = type(value)
    if kind is not Pending and kind not in _CONTAINERS:
        return value
    stack: list[Any] = []
    seen: set[int] = set()
    value = _cleaned(value, missing, stack, seen, 0)
    while stack:
        container = stack.pop()
        kinds = set(map(type, container.values() if type(container) in _DICTS else container))
        if kinds.isdisjoint(_INTERESTING):
            continue
        fixed = type(container) is tuple
        for key, item in list(container.items()) if type(container) in _DICTS else enumerate(container):
            kind = type(item)
            # The usual cases first: ten thousand results in a list.
            if kind is Pending:
                if item.state == SETTLED and type(item.value) not in _INTERESTING:
                    new = item.value
                elif item.state == WAITING:
                    missing.append(item)
                    continue
                else:
                    new = _cleaned(item, missing, stack, seen, 0)
            elif kind in _CONTAINERS:
                new = _cleaned(item, missing, stack, seen, 0)
            else:
                continue
            if new is not item and not fixed:
                container[key] = new
    return value


def _cleaned(item: Any, missing: list[Pending], stack: list[Any], seen: set[int], depth: int) -> Any:
    """The value of one item; containers that have to be looked into as well go to the `stack`."""
    if type(item) is Pending:
        item = shallow(item, missing)
        if type(item) is Pending:
            return item
    kind = type(item)
    if kind is list or kind in _DICTS:
        if id(item) not in seen:
            seen.add(id(item))
            stack.append(item)
    elif kind is tuple and not _INTERESTING.isdisjoint(map(type, item)):
        if depth > _TUPLES_DEEP:
            if id(item) not in seen:
                seen.add(id(item))
                stack.append(item)
            return item
        new = [
            _cleaned(element, missing, stack, seen, depth + 1) if type(element) in _INTERESTING else element
            for element in item
        ]
        if any(a is not b for a, b in zip(new, item)):
            return tuple(new)
    return item


def shape_of(outs: tuple[Any, ...]) -> Any:
    """What a region with these variables gives back."""
    if len(outs) == 1:
        return outs[0]
    return outs or None
