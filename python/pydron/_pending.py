"""Values that are not there yet, and the walks through containers that may hold them.

A container holds pendings only while no user code can see it. Before that ends it is *cleaned*: pendings are
replaced, in place, by their values.
"""

from __future__ import annotations

from typing import Any, Iterable, List, Optional, Set

TASK = 0  #: the result of a task; `n` is its number from the start
OUT = 1  #: a variable that a parked region defines; gets a number when a task depends on it
TUPLE = 2  #: a tuple display with pending elements; `value` holds them until all have values

WAITING = 0
SETTLED = 1
CHAINED = 2  #: settled to another pending, which is `value`
DEAD = 3  #: its region failed or was discarded: nobody who can still run may wait for it


class Pending:
    """A value to come.

    `book` counts pendings and collects the numbers of those that have died, so that "is any alive?" costs nothing
    and the scheduler can be told, in batches, what no variable can reach any more.
    """

    __slots__ = ("kind", "n", "state", "value", "waiters", "book", "earlier")

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
        """Unsettled tuples travel as tuples of references. The other kinds travel by persistent id."""
        pending = follow(self)
        if pending.kind != TUPLE or pending.state != WAITING:
            raise TypeError("a pending value reached user code")
        return tuple, ([_known(element) for element in pending.value],)

    def __repr__(self) -> str:
        kind = ("task", "out", "tuple")[self.kind]
        state = ("waiting", "settled", "chained", "dead")[self.state]
        return f"<pending {kind} {self.n} {state}>"


class Book:
    """Which pendings of one connection are alive. Deaths arrive in any thread: appending to a list is atomic."""

    __slots__ = ("made", "gone", "dead")

    def __init__(self) -> None:
        self.made = 0
        self.gone = 0
        self.dead: List[int] = []

    def any_alive(self) -> bool:
        return self.made != self.gone + len(self.dead)

    def take_dead(self) -> List[int]:
        """The numbers of those that died since the last time."""
        dead = self.dead
        n = len(dead)
        numbers = dead[:n]
        del dead[:n]
        self.gone += n
        return [number for number in numbers if number]


_CONTAINERS = frozenset((list, tuple, dict))
_INTERESTING = frozenset((Pending, list, tuple, dict))


def follow(pending: Pending) -> Pending:
    while pending.state == CHAINED:
        pending = pending.value
    return pending


def _known(element: Any) -> Any:
    if type(element) is Pending:
        pending = follow(element)
        return pending.value if pending.state == SETTLED else pending
    return element


def holds_pending(value: Any) -> bool:
    """Is it a pending, or a list, tuple or dict that holds one at whatever depth?"""
    kind = type(value)
    if kind is Pending:
        return True
    if kind not in _CONTAINERS:
        return False
    seen: Optional[Set[int]] = None
    stack = [value]
    while stack:
        container = stack.pop()
        items = container.values() if type(container) is dict else container
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


def shallow(value: Any, missing: List[Pending]) -> Any:
    """The value of a pending, or itself; what it has to wait for goes to `missing`."""
    if type(value) is not Pending:
        return value
    pending = follow(value)
    if pending.state == SETTLED:
        return pending.value
    if pending.kind != TUPLE:
        missing.append(pending)
        return value
    return build_tuple(pending, missing)


def build_tuple(root: Pending, missing: List[Pending]) -> Any:
    """Makes the real tuple of a TUPLE pending if all of its elements have values.

    Tuples may be nested as deep as a program likes (`acc = (acc, f(x))`), so this keeps its own stack.
    """
    tried: Set[int] = set()
    stack = [root]
    while stack:
        pending = stack[-1]
        if pending.state == SETTLED:
            stack.pop()
            continue
        first = id(pending) not in tried
        tried.add(id(pending))
        depth = len(stack)
        blocked = False
        for element in pending.value:
            if type(element) is not Pending:
                continue
            element = follow(element)
            if element.state == SETTLED:
                continue
            blocked = True
            if element.kind != TUPLE:
                if first:
                    missing.append(element)
            elif id(element) not in tried:
                stack.append(element)
        if len(stack) > depth:
            continue
        stack.pop()
        if not blocked:
            pending.value = tuple(
                follow(element).value if type(element) is Pending else element for element in pending.value
            )
            pending.state = SETTLED
    return root.value if root.state == SETTLED else root


def deep(value: Any, missing: List[Pending]) -> Any:
    """Cleans `value` in place and returns it. What is not there yet stays, and goes to `missing`.

    Values that come out of pendings are cleaned as well: a parked region may hand out containers that hold pendings.
    """
    value = shallow(value, missing)
    if type(value) is Pending:
        # Only a TUPLE can be here with containers of its own in it; they are cleaned when it is built, but
        # what they miss is known already.
        if value.kind == TUPLE:
            _clean(list(follow(value).value), missing)
        return value
    if type(value) in _CONTAINERS:
        _clean(value, missing)
    return value


def _clean(root: Any, missing: List[Pending]) -> None:
    seen = {id(root)}
    stack = [root]
    while stack:
        container = stack.pop()
        kind = type(container)
        items: Iterable[Any] = container.values() if kind is dict else container
        kinds = set(map(type, items))
        if kinds.isdisjoint(_INTERESTING):
            continue
        if Pending in kinds:
            pairs = list(container.items()) if kind is dict else enumerate(container)
            for key, item in pairs:
                if type(item) is not Pending:
                    continue
                # The usual case first: ten thousand results in a list.
                if item.state == SETTLED:
                    container[key] = item.value
                elif item.state == WAITING and item.kind != TUPLE:
                    missing.append(item)
                else:
                    found = shallow(item, missing)
                    if type(found) is not Pending:
                        container[key] = found
                    elif found.kind == TUPLE and found.state == WAITING and id(found) not in seen:
                        seen.add(id(found))
                        stack.append(list(found.value))
        for item in container.values() if kind is dict else container:
            if type(item) in _CONTAINERS and id(item) not in seen:
                seen.add(id(item))
                stack.append(item)


def settle_known(value: Any) -> None:
    """Replaces, in place, the pendings inside containers whose values are known already."""
    if type(value) in _CONTAINERS:
        _clean(value, [])
