"""What a function may change besides its arguments, as far as that is cheap to see.

Watched are the globals that its code names, and that functions of the user's which it names name in turn; attributes
of the user's modules and classes among them; the state of the shared generators of random numbers; environment
variables; and the present folder.
"""

from __future__ import annotations

import dis
import os
import sys
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

from pydron._difference import Difference, difference, pickled, shown

#: Larger data is only watched for being replaced.
_LARGEST = 1 << 20
_MOST_FUNCTIONS = 500
_MISSING = "nothing"


class Change(NamedTuple):
    kind: str  # "global" or "state"
    text: str


class Watch:
    """Remembers how things are now, to tell later what has changed."""

    def __init__(self, function: Any) -> None:
        self._places = _places(function)
        self._before = {key: _Snapshot(*place) for key, place in self._places.items()}
        self._state = _state()

    def changes(self) -> list[Change]:
        found = []
        for key, place in self._places.items():
            change = self._before[key].compare(_Snapshot(*place))
            if change is not None:
                found.append(Change("global", f"{key}{change.path}: {change.first} became {change.second}"))
        now = _state()
        found += [Change("state", name) for name, value in self._state.items() if now.get(name) != value]
        return found

    def content(self) -> dict[str, bytes | None]:
        """What is in the watched places now, to be compared with that of another process."""
        return {key: _Snapshot(*place).data for key, place in self._places.items()}

    def state(self) -> dict[str, Any]:
        """The state of the process, as far as there was something to watch when this was made."""
        return {name: value for name, value in _state().items() if name in self._state}


class _Snapshot:
    def __init__(self, names: dict[str, Any], name: str) -> None:
        self._value = names.get(name, _MISSING)
        data = pickled(self._value) if _is_data(self._value) else None
        self.data = data if data is None or len(data) <= _LARGEST else None

    def compare(self, now: _Snapshot) -> Difference | None:
        if self.data is not None and now.data is not None:
            if self.data == now.data:
                return None
            from pydron import _values

            return difference(_values.loads(self.data), _values.loads(now.data))
        if self._value is now._value or not (_is_data(self._value) and _is_data(now._value)):
            return None
        return Difference("", shown(self._value), shown(now._value))


def _is_data(value: Any) -> bool:
    return not isinstance(value, (type, ModuleType, FunctionType, CodeType)) and not (
        callable(value) and hasattr(value, "__wrapped__")
    )


def _places(function: Any) -> dict[str, tuple[Any, str]]:
    """Where data is that the function may change: what it is called, the names it is in, its name there."""
    found: dict[str, tuple[Any, str]] = {}
    done: set[int] = set()
    queue = [function]
    while queue and len(done) < _MOST_FUNCTIONS:
        one = _unwrapped(queue.pop())
        if not isinstance(one, FunctionType) or id(one) in done:
            continue
        done.add(id(one))
        names = one.__globals__
        used = _names(one.__code__)
        for name in used:
            value = names.get(name, _MISSING)
            if isinstance(value, ModuleType):
                if is_own(getattr(value, "__file__", None)):
                    inner = vars(value)
                    for attribute in used & inner.keys():
                        if _is_data(inner[attribute]):
                            found[f"{name}.{attribute}"] = inner, attribute
                        queue.append(inner[attribute])
            elif isinstance(value, type):
                if (
                    is_own(getattr(sys.modules.get(value.__module__), "__file__", None))
                    or value.__module__ == "__main__"
                ):
                    for attribute, member in vars(value).items():
                        if isinstance(_unwrapped(member), FunctionType):
                            queue.append(member)
                        elif _is_data(member) and not attribute.startswith("__"):
                            found[f"{name}.{attribute}"] = _Attributes(value), attribute
            elif isinstance(_unwrapped(value), FunctionType):
                if is_own(_unwrapped(value).__code__.co_filename):
                    queue.append(value)
            elif name in names or name in _stored(one.__code__):
                found[name] = names, name
        for cell, name in zip(one.__closure__ or (), one.__code__.co_freevars):
            try:
                inside = cell.cell_contents
            except ValueError:
                continue
            if isinstance(_unwrapped(inside), FunctionType):
                queue.append(inside)
            elif _is_data(inside):
                found[name] = _Cell(cell), name
    return found


class _Attributes(dict):  # type: ignore[type-arg]
    """Attributes of a class, as they are when they are asked for."""

    def __init__(self, cls: type) -> None:
        super().__init__()
        self._cls = cls

    def get(self, name: Any, default: Any = None) -> Any:
        return vars(self._cls).get(name, default)


class _Cell(dict):  # type: ignore[type-arg]
    def __init__(self, cell: Any) -> None:
        super().__init__()
        self._cell = cell

    def get(self, name: Any, default: Any = None) -> Any:
        try:
            return self._cell.cell_contents
        except ValueError:
            return default


def _unwrapped(thing: Any) -> Any:
    for _ in range(20):
        inner = getattr(thing, "__wrapped__", None) or getattr(thing, "__func__", None)
        if inner is None or (isinstance(thing, FunctionType) and not hasattr(thing, "__wrapped__")):
            return thing
        thing = inner
    return thing


def _codes(code: CodeType) -> list[CodeType]:
    found, queue = [], [code]
    while queue:
        one = queue.pop()
        found.append(one)
        queue += [constant for constant in one.co_consts if isinstance(constant, CodeType)]
    return found


def _names(code: CodeType) -> set[str]:
    return {name for one in _codes(code) for name in one.co_names}


def _stored(code: CodeType) -> set[str]:
    """Globals that the code assigns, and which need not exist yet."""
    return {i.argval for one in _codes(code) for i in dis.get_instructions(one) if i.opname == "STORE_GLOBAL"}


_STDLIB = os.path.dirname(os.path.abspath(os.__file__)) + os.sep
_OWN = os.path.dirname(os.path.abspath(__file__)) + os.sep


def is_own(file: str | None) -> bool:
    """Is it a file of the user's, rather than of a library?"""
    if not file or file.startswith("<frozen"):
        return False
    path = os.path.abspath(file)
    parts = path.split(os.sep)
    return not (path.startswith((_STDLIB, _OWN)) or "site-packages" in parts or "dist-packages" in parts)


def _state() -> dict[str, Any]:
    found: dict[str, Any] = {
        "an environment variable (os.environ)": dict(os.environ),
        "the present folder (os.chdir)": _cwd(),
    }
    random = sys.modules.get("random")
    if random is not None and hasattr(random, "getstate"):
        found["the state of the generator that all of 'random' shares"] = random.getstate()
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None and hasattr(numpy_random, "get_state"):
        state = numpy_random.get_state()
        found["the state of the generator that all of 'numpy.random' shares"] = (
            state[1].tobytes(), *state[2:],
        ) if isinstance(state, tuple) else None  # fmt: skip
    return found


def _cwd() -> str | None:
    try:
        return os.getcwd()
    except OSError:
        return None
