"""Arguments and values on their way out: what travels inside the pickle, what as a reference, what in a file."""

from __future__ import annotations

import sys
import weakref
from typing import TYPE_CHECKING, Any

from pydron import _guarded, _values
from pydron._expected import Expected
from pydron._pending import CHAINED, OUT, SETTLED, TASK, WAITING, Pending, deep, follow, holds_pending, wake

if TYPE_CHECKING:
    from pydron._session import Session

ATOMS = frozenset((int, float, bool, type(None), str, bytes, complex))
_KEPT = 16


class Packer:
    """Pickles for one session. What it pickles is a snapshot: the program goes on and may change it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        # Large arrays and strings that were sent before. Keyed by identity; checked against the file before each use.
        self._sent: dict[int, _Sent] = {}

    def arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[bytes, list[int] | None]:
        """The pickle of (args, kwargs) and the numbers of the values that it refers to. Raises what pickling raises."""
        references: _References | None = None
        if self._session.book.any_alive() and (holds_pending(args) or holds_pending(kwargs)):
            missing: list[Pending] = []
            args = tuple([deep(value, missing) for value in args])
            kwargs = {name: deep(value, missing) for name, value in kwargs.items()}
            references = _References(self)
        if any(map(_holds_large, args)) or any(map(_holds_large, kwargs.values())):
            references = references or _References(self)
            references.take_large = True
        both = args, kwargs
        classes = self._session.classes
        if references is None:
            data = _values.dump(both, self._session.value_path(), classes=classes)
        else:
            data = _values.dump(both, self._session.value_path(), references.of, references.numbers, classes)
        if classes.collect():
            self._session.registry.outdate()
        deps = references.numbers if references is not None else None
        if isinstance(data, _values.ValueFile):
            # All of it becomes a value; the arguments are a reference to it.
            whole = self._hold(data, deps or [])
            alone = _References(self)
            return _values.dumps(whole, alone.of), alone.numbers
        return data, deps

    def arguments_ahead(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[bytes, list[int] | None]:
        """The same, had without an effect and not large. Raises Refused, Stale, or what pickling raises."""
        if self._session.book.any_alive() and (holds_pending(args) or holds_pending(kwargs)):
            raise _guarded.Refused
        references: _References | None = None
        large = any(map(_holds_large, args)) or any(map(_holds_large, kwargs.values()))
        if large or self._session.expectations.any():
            references = _References(self)
            references.take_large = large
        persistent = references.of if references is not None else None
        data = _guarded.dumps((args, kwargs), persistent, names=self._session.classes.names)
        return data, references.numbers if references is not None else None

    def value(self, number: int, value: Any) -> None:
        """PUTs a value that tasks wait for; if it cannot be pickled, says that only the driver has it."""
        value = deep(value, [])
        references = _References(self)
        try:
            if self._session.book.any_alive():
                data = _values.dump(value, self._session.value_path(), references.of, references.numbers)
            else:
                data = _values.dump(value, self._session.value_path())
        except KeyboardInterrupt:
            raise
        except BaseException:
            self._session.put_local(number, value)
        else:
            self._session.put(number, data, references.numbers)

    def settle(self, out: Pending, value: Any) -> None:
        """Gives a variable its value. Tasks that wait for it get it first, as it is at this moment."""
        out.earlier = None
        if type(value) is Pending:
            target = follow(value)
            if target.state != SETTLED:
                out.value = target
                out.state = CHAINED
                if out.n and target.state == WAITING:
                    if not target.n:
                        target.n = self._session.new_value()
                    self._session.alias(out.n, target.n)
                wake(out)
                return
            value = target.value
        out.value = value
        out.state = SETTLED
        if out.n:
            self.value(out.n, value)
        wake(out)

    def forget(self) -> None:
        for sent in self._sent.values():
            sent.end()
        self._sent.clear()

    def _hold(self, data: Any, deps: list[int]) -> Pending:
        """PUTs what was pickled. The value lives as long as the pending that is returned, or a task that needs it."""
        number = self._session.new_value()
        self._session.put(number, data, deps)
        return Pending(self._session.book, OUT, number)

    def large(self, leaf: Any) -> Pending:
        """The value that holds the same as a large array or string, made if it was not sent before."""
        key = id(leaf)
        found = self._sent.get(key)
        if found is not None:
            if found.still(leaf):
                return found.pending
            found.end()
            del self._sent[key]
        array = _is_array(leaf)
        watch = _watch(leaf) if array else None
        path = self._session.value_path()
        data = _values.dump(leaf, path)
        pending = self._hold(data, [])
        if isinstance(data, _values.ValueFile):
            while len(self._sent) >= _KEPT:
                self._sent.pop(next(iter(self._sent))).end()
            reference = weakref.ref(leaf, lambda _: self._gone(key)) if array else leaf
            copy = _values.load_file(data.path) if array else None
            self._sent[key] = _Sent(reference, pending, copy, watch)
        elif watch is not None:
            watch.end_watch()
        return pending

    def _gone(self, key: int) -> None:
        found = self._sent.pop(key, None)
        if found is not None:
            found.end()


class _Sent:
    """A large array or string that was sent, and how to see that it is still the same."""

    __slots__ = ("address", "copy", "pending", "reference", "watch")

    def __init__(self, reference: Any, pending: Pending, copy: Any, watch: Any) -> None:
        self.reference = reference
        self.pending = pending
        self.copy = copy
        self.watch = watch
        self.address = None if watch is None else _address(reference())

    def still(self, leaf: Any) -> bool:
        """`leaf` is what was sent, and nobody has changed it."""
        reference: Any = self.reference
        if type(reference) is not weakref.ref:
            return bool(reference is leaf)  # strings do not change
        copy, watch = self.copy, self.watch
        if id(reference()) != id(leaf) or leaf.shape != copy.shape or leaf.dtype != copy.dtype:
            return False
        if leaf.strides != copy.strides:
            return False
        if watch is not None and self.address == _address(leaf):
            if not watch.written():
                # The kernel watches whole pages; here is what lies before the first and behind the last.
                before, after = watch.begin - self.address, self.address + leaf.nbytes - watch.end
                mine, theirs = memoryview(_flat(leaf)), memoryview(_flat(copy))
                return bool(
                    mine[:before] == theirs[:before] and mine[-after or len(mine) :] == theirs[-after or len(mine) :]
                )
            try:
                watch.protect()
            except OSError:
                self.end()
        elif watch is not None:
            self.end()
        return _same_content(leaf, copy)

    def end(self) -> None:
        if self.watch is not None:
            self.watch.end_watch()
            self.watch = None


class _References:
    """Persistent ids for one pickle: indices into `numbers`."""

    def __init__(self, packer: Packer) -> None:
        self._packer = packer
        self._index: dict[int, int] = {}
        self._alive: list[Pending] = []
        self.numbers: list[int] = []
        self.take_large = False

    def of(self, part: Any) -> int | None:
        if type(part) is Pending:
            pending = follow(part)
            if pending.state == SETTLED and pending.kind == TASK:
                return None
        elif type(part) is Expected:
            self._packer._session.expectations.check(part)
            return self._at(part.number)
        elif self.take_large and _is_large(part):
            pending = self._packer.large(part)
        else:
            return None
        number = pending.n
        if not number:
            number = pending.n = self._packer._session.new_value()
        if number not in self._index:
            self._alive.append(pending)
        return self._at(number)

    def _at(self, number: int) -> int:
        index = self._index.get(number)
        if index is None:
            index = self._index[number] = len(self.numbers)
            self.numbers.append(number)
        return index


def _is_array(part: Any) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and type(part) is getattr(numpy, "ndarray", None)


def _is_large(part: Any) -> bool:
    kind = type(part)
    if kind is bytes or kind is str:
        return len(part) > _values.LIMIT
    return (
        kind.__name__ == "ndarray"
        and _is_array(part)
        and part.nbytes > _values.LIMIT
        and not part.dtype.hasobject
        and part.flags.c_contiguous
    )


def _holds_large(value: Any) -> bool:
    """Looks one level deep: what is deeper travels with its container."""
    kind = type(value)
    if kind in (list, tuple):
        return len(value) <= 1000 and any(map(_is_large, value))
    if kind is dict:
        return len(value) <= 1000 and any(map(_is_large, value.values()))
    return _is_large(value)


def _address(array: Any) -> int:
    return int(array.__array_interface__["data"][0])


def _watch(array: Any) -> Any:
    from pydron import _tracking

    return _tracking.watch(_address(array), array.nbytes) if array.flags.writeable else None


def _flat(array: Any) -> Any:
    return array.reshape(-1).view("u1")


def _same_content(leaf: Any, copy: Any) -> bool:
    """Bit by bit: NaN is equal to itself here."""
    from pydron import _tracking

    return _tracking.equal(leaf, copy)
