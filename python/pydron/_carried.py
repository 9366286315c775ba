"""Classes of `__main__`, which no other process can import, travel once with the functions, not with every argument.

The driver collects the classes that it has met (`Classes`). Each function takes all of them along, pickled by
cloudpickle (`Carried`), and from then on arguments, and results of tasks, only name them. A task's inputs come from
tasks that were submitted before it, by functions that had no classes that its own function does not have.
(docs/adr/0129-classes-travel-once.md)
"""

from __future__ import annotations

import abc
import enum
import pickle
import types
import weakref
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydron._session import Session

_METACLASSES = frozenset({type, abc.ABCMeta, enum.EnumMeta})
_CONSTANT = frozenset(
    {
        *(int, float, complex, bool, str, bytes, type(None), type(Ellipsis), type(NotImplemented), range, frozenset),
        *(types.FunctionType, types.BuiltinFunctionType, types.MethodType, property, staticmethod, classmethod),
        *(types.MemberDescriptorType, types.GetSetDescriptorType, types.WrapperDescriptorType),
        *(types.MethodDescriptorType, types.ClassMethodDescriptorType, *_METACLASSES),
    }
)
_MOST = 64

#: The classes of this process that others name, by the name that cloudpickle gives them.
_here: weakref.WeakValueDictionary[str, type] = weakref.WeakValueDictionary()
#: In a task process: the classes that came with the function of the task that is running.
running: Bundle | None = None
_restored: Bundle | None = None  # the one whose classes are as they were when they came


def known(name: str) -> type:
    """The class of that name: what pickles call in its place."""
    if running is not None:
        return running.find(name)
    return _here[name]


def named(names: Mapping[int, str], obj: Any) -> Any:
    """What a pickler puts in the place of a class that is known where the pickle goes; None for anything else."""
    name = names.get(id(obj))
    return None if name is None else (known, (name,))


class Classes:
    """The classes that travel with the functions of a session. Its `number` is another one when any of them changes."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._held: dict[str, type] = {}
        self._refused: weakref.WeakSet[type] = weakref.WeakSet()
        self._epoch = -1
        self._data = b""
        self.number = 0
        self.names: dict[int, str] = {}  # by `id`
        self.version = 0  # of the names
        self.met: list[type] = []

    def collect(self) -> bool:
        """Takes the classes that were met, to travel with functions from now on. Whether there is anything new."""
        if not self.met:
            return False
        fresh = [cls for cls in dict.fromkeys(self.met) if id(cls) not in self.names and self._is_constant(cls)]
        del self.met[:]
        if not fresh or self._session.verifier is not None or len(self.names) + len(fresh) > _MOST:
            return False
        from pydron._classes import name_of

        for cls in fresh:
            name = name_of(cls)
            self._held[name] = _here[name] = cls
            self.names[id(cls)] = name
        self.version += 1
        self._epoch = -1
        self.look()
        return True

    def look(self) -> None:
        """Pickles them again if that may give something else now. If one cannot be pickled, none travels."""
        if self._epoch == self._session.epoch:
            return
        self._epoch = self._session.epoch
        from pydron import _values

        data = b""
        if self._held:
            try:
                data = _values.dumps(tuple(self._held.values()))
            except Exception:
                self._refused.update(self._held.values())
                self.forget()
        if data != self._data:
            self._data = data
            self.number += 1

    def forget(self) -> None:
        """No class travels so until it is met again."""
        self._held.clear()
        self.names.clear()
        self.version += 1

    def forget_if_many(self) -> None:
        """Classes that are defined again and again, as in a notebook, are others each time."""
        if len(self._held) > len({(cls.__module__, cls.__qualname__) for cls in self._held.values()}):
            self.forget()

    def with_function(self, data: bytes) -> bytes:
        """The pickle of a function, with the classes that its arguments name."""
        return pickle.dumps(Carried(self.number, self._data, data), 5) if self._held else data

    def _is_constant(self, cls: type) -> bool:
        """What a task might change in it comes anew with each argument."""
        if type(cls) not in _METACLASSES or cls in self._refused:
            return False
        if isinstance(cls, enum.EnumMeta):
            members: Any = cls
            return all(type(member.value) in _CONSTANT for member in members)
        return all(
            type(value) in _CONSTANT or (name.startswith("__") and name.endswith("__"))
            for base in cls.__mro__
            if base.__module__ == cls.__module__
            for name, value in vars(base).items()
        )


class Carried:
    """A function and the classes that travel with it, in pickles."""

    __slots__ = ("classes", "data", "number")

    def __init__(self, number: int, classes: bytes, data: bytes) -> None:
        self.number = number
        self.classes = classes
        self.data = data

    def __reduce__(self) -> Any:
        return Carried, (self.number, self.classes, self.data)


class Bundle:
    """The classes that came with a function, in a task process, as they were then."""

    met = None  # nobody collects here

    def __init__(self, data: bytes) -> None:
        from pydron._classes import name_of

        classes: tuple[type, ...] = pickle.loads(data)
        self._found: dict[str, tuple[type, dict[str, Any]]] = {name_of(cls): (cls, _contents(cls)) for cls in classes}
        self.names = {id(cls): name for name, (cls, _) in self._found.items()}

    def find(self, name: str) -> type:
        cls, contents = self._found[name]
        _restore(cls, contents)
        return cls

    def restore(self) -> None:
        for cls, contents in self._found.values():
            _restore(cls, contents)


def _contents(cls: type) -> dict[str, Any]:
    return {} if isinstance(cls, enum.EnumMeta) else dict(vars(cls))


def _restore(cls: type, contents: dict[str, Any]) -> None:
    """A task, or a function that came later, may have changed the class."""
    now = vars(cls)
    for name, value in contents.items():
        if now.get(name) is not value:
            type.__setattr__(cls, name, value)
    if len(now) != len(contents) and contents:
        for name in [each for each in now if each not in contents and not each.startswith("__")]:
            type.__delattr__(cls, name)


_bundles: dict[int, Bundle] = {}


def unpacked(carried: Carried) -> tuple[Any, Bundle]:
    """The function, and the classes that came with it."""
    bundle = _bundles.get(carried.number)
    if bundle is None:
        bundle = Bundle(carried.classes)
        _bundles.clear()  # functions keep those that they need
        _bundles[carried.number] = bundle
    enter(bundle)
    return pickle.loads(carried.data), bundle


def enter(bundle: Bundle | None) -> None:
    """A task runs whose function came with these classes."""
    global running, _restored
    running = bundle
    if bundle is not None and bundle is not _restored:
        bundle.restore()
        _restored = bundle
