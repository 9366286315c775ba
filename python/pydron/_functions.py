"""What the two decorators return: objects that look like the function they were given."""

from __future__ import annotations

import sys
from types import FunctionType, MethodType
from typing import Any, Callable, cast

from pydron import _state
from pydron._pipelines import mark_of, scheduled, wake

_GENERATOR = 0x20 | 0x80 | 0x100 | 0x200  # generator, coroutine, iterable coroutine, async generator
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
_COPIED = ("__module__", "__name__", "__qualname__", "__doc__")


#: Functions that `schedule` gives back as they are; only kept for those who ask (`pydron explain`).
left_alone: list[FunctionType] | None = None


class _Wrapper:
    """Looks like the function it wraps: name, documentation, signature, source, pickling, use as a method.

    `__call__` is a slot: calling the object calls what is in it with no frame of ours in between, so that tracebacks
    are the ones the user would have without us.
    """

    __slots__ = ("__call__", "__dict__", "__weakref__")

    def __init__(self, function: Callable[..., Any]) -> None:
        own = self.__dict__
        own.update(getattr(function, "__dict__", {}))
        for name in _COPIED:
            value = getattr(function, name, None)
            if value is not None:
                own[name] = value
        own["__doc__"] = getattr(function, "__doc__", None)
        own.setdefault("__name__", type(function).__name__)
        own.setdefault("__qualname__", own["__name__"])
        own["__wrapped__"] = function

    def __getattr__(self, name: str) -> Any:
        if name == "__wrapped__":  # half made, in the middle of unpickling
            raise AttributeError(name)
        return getattr(self.__wrapped__, name)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        return MethodType(cast(Any, self), instance)

    def __instancecheck__(self, instance: Any) -> bool:
        return isinstance(instance, self.__wrapped__)

    def __subclasscheck__(self, subclass: type) -> bool:
        return issubclass(subclass, self.__wrapped__)

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[Any, ...]:
        return (self.__wrapped__,)

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: Any) -> Any:
        return self

    def __repr__(self) -> str:
        return f"<pydron.{self._decorator} {self.__module__}.{self.__qualname__}>"

    _decorator = ""

    def importable(self) -> bool:
        """Can another process find this very object under its name?"""
        found: Any = sys.modules.get(self.__module__)
        if found is None or (getattr(found, "__spec__", None) is None and self.__module__ != "__main__"):
            return False  # a module that somebody made in memory
        for part in self.__qualname__.split("."):
            found = getattr(found, part, None)
        return found is self

    def __reduce__(self) -> Any:
        return self.__qualname__ if self.importable() else self.reduce_by_value()

    def reduce_by_value(self) -> Any:
        # In two steps, since a function may reach itself through its globals.
        return object.__new__, (type(self),), self._contents()

    def _contents(self) -> dict[str, Any]:
        return {"function": self.__wrapped__}


class Functional(_Wrapper):
    """A function without side effects. Called, it is the plain function; only a pipeline makes tasks of it."""

    __slots__ = ("cpus", "gpus", "memory", "retries", "speculate", "timeout")
    _decorator = "functional"

    def __init__(
        self,
        function: Callable[..., Any],
        cpus: float = 1.0,
        memory: int = 0,
        gpus: int = 0,
        retries: int | None = None,
        timeout: float = 0.0,
        speculate: bool = True,
    ) -> None:
        super().__init__(function)
        self.cpus = cpus
        self.memory = memory
        self.gpus = gpus
        self.retries = retries
        self.timeout = timeout
        self.speculate = speculate
        self.__call__ = function
        if not _state.inside_task:
            wake()

    def _contents(self) -> dict[str, Any]:
        names = ("cpus", "memory", "gpus", "retries", "timeout", "speculate")
        return {"function": self.__wrapped__, **{name: getattr(self, name) for name in names}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]


#: Functions that were declared functional after they were defined, by `id`: their own names count as well.
_declared: dict[int, tuple[Any, Functional]] = {}


def declare(function: Any, made: Functional) -> None:
    """Remembers a declaration of a function that exists under its own name, which a decorated one does not yet."""
    module = sys.modules.get(getattr(function, "__module__", None) or "")
    found: Any = module
    for part in (getattr(function, "__qualname__", None) or "").split("."):
        found = getattr(found, "__dict__", {}).get(part)
    if found is function:
        _declared[id(function)] = function, made


def declared_functional(function: Any) -> Functional | None:
    """What a function of a library was declared as, if it was."""
    found = _declared.get(id(function))
    return found[1] if found is not None else None


def declared() -> int:
    """How many there are. It only grows."""
    return len(_declared)


def name_of(functional: Functional) -> str:
    """The name that notices and attributed output use."""
    module = functional.__module__
    name: str = functional.__qualname__
    return name if module == "__main__" else f"{module}.{name}"


def register_with_cloudpickle() -> None:
    """Makes cloudpickle take wrappers of `__main__` by value, as it does functions of `__main__`."""
    import cloudpickle

    table = cloudpickle.CloudPickler.dispatch_table
    if Functional not in table:
        table[Functional] = _reduce_for_cloudpickle


def _reduce_for_cloudpickle(wrapper: _Wrapper) -> Any:
    from pydron._modules import is_by_value

    return wrapper.reduce_by_value() if is_by_value(wrapper.__module__) else wrapper.__reduce__()


def schedule(function: Any = None, /) -> Any:
    """Finds the parallelism in a function: runs the calls of functional functions in it in parallel.

    The function gives the same result, or raises the same exception, as without the decorator::

        @pydron.schedule
        def pipeline(inputs):
            return [process(i) for i in inputs]
    """
    if function is None:
        return schedule
    if isinstance(function, (staticmethod, classmethod)):
        return _outside(function, schedule)
    if type(function) is property:
        return _property(function)
    if type(function) is not FunctionType:
        if callable(function) and not isinstance(function, type):
            return function  # written in C, say: it runs as it is
        raise TypeError(f"pydron.schedule decorates functions, not {_described(function)}")
    if _state.inside_task or function.__code__.co_flags & _GENERATOR or function.__code__.co_name == "<lambda>":
        # The body of a generator runs when it is iterated, not when it is called; a lambda is one expression.
        if left_alone is not None and function.__code__.co_flags & _GENERATOR:
            left_alone.append(function)
        return function
    return function if mark_of(function) is not None else scheduled(function)


def functional(
    function: Any = None,
    /,
    *,
    cpus: float = 1,
    memory: int | str | None = None,
    gpus: int = 0,
    retries: int | None = None,
    timeout: float | None = None,
    speculate: bool = True,
) -> Any:
    """Declares a function free of side effects: it may run anywhere, at any time, twice, or in vain.

    For functions of libraries: ``fit = pydron.functional(scipy.optimize.curve_fit, memory="1GB")`` makes tasks of
    calls of `fit`, and of calls of `scipy.optimize.curve_fit` by its own name as well.

    `cpus`, `memory` (bytes, or text such as "2GB") and `gpus` are what one call needs, `retries` how often it is tried
    again when its machine fails, `timeout` after how many seconds it is given up. With `speculate=False` no call is
    computed before it is certain that it will be made.
    """
    options: dict[str, Any] = {
        "cpus": _number("cpus", cpus, 0.0, zero=False),
        "memory": _memory(memory),
        "gpus": int(_number("gpus", gpus, 0, whole=True)),
        "retries": None if retries is None else int(_number("retries", retries, 0, whole=True)),
        "timeout": 0.0 if timeout is None else _number("timeout", timeout, 0.0, zero=False),
        "speculate": bool(speculate),
    }

    def decorate(function: Any, /) -> Any:
        if isinstance(function, (staticmethod, classmethod)):
            return _outside(function, decorate)
        if isinstance(function, Functional):
            return Functional(function.__wrapped__, **options)
        if mark_of(function) is not None:
            raise TypeError(
                f"'{function.__name__}' is a pydron.schedule function, which cannot be pydron.functional as well: "
                "a functional call is one task, a scheduled one is many"
            )
        if not callable(function):
            raise TypeError(f"pydron.functional decorates functions, not {_described(function)}")
        code = getattr(function, "__code__", None)
        if code is not None and code.co_flags & _GENERATOR:
            # What a call returns (a generator, a coroutine) can only live in the process that made it.
            return function
        made = Functional(function, **options)
        declare(function, made)
        return made

    return decorate if function is None else decorate(function)


def _outside(function: Any, decorate: Callable[[Any], Any]) -> Any:
    """Above @staticmethod and @classmethod is as good as below."""
    inner = decorate(function.__func__)
    return function if inner is function.__func__ else type(function)(inner)


def _property(function: property) -> property:
    inner = [None if each is None else schedule(each) for each in (function.fget, function.fset, function.fdel)]
    return property(inner[0], inner[1], inner[2], function.__doc__)


def _described(thing: Any) -> str:
    if isinstance(thing, type):
        return f"classes ('{thing.__name__}')"
    return f"a value of type '{type(thing).__name__}'"


def _number(name: str, value: Any, least: float, whole: bool = False, zero: bool = True) -> float:
    wanted = "a whole number" if whole else "a number"
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        index = getattr(value, "__index__" if whole else "__float__", None)
        if isinstance(value, (bool, str)) or index is None:
            raise TypeError(f"pydron.functional: {name} is {wanted}, not {value!r}")
        value = index()
    limit = 0xFFFF_FFFE if whole else float("inf")
    if not least <= value < limit or (not zero and value == 0):
        raise ValueError(f"pydron.functional: {name} is {wanted} {'>=' if zero else '>'} {least:g}, not {value!r}")
    return value if whole else float(value)


def _memory(memory: int | str | None) -> int:
    if memory is None:
        return 0
    if isinstance(memory, str):
        text = memory.strip().lower()
        digits = text.rstrip("kmgtib ")
        unit = text[len(digits) :].strip()
        if unit.endswith("b"):
            unit = unit[:-1]
        try:
            size = float(digits) * _UNITS[unit]
        except (ValueError, KeyError):
            size = -1.0
        if not 0 < size < 2**63:
            raise ValueError(f"pydron.functional: memory is a number of bytes, or text such as '2GB', not {memory!r}")
        return int(size)
    size = _number("memory", memory, 1, whole=False)
    if size >= 2**63:
        raise ValueError(f"pydron.functional: memory is a number of bytes, not {memory!r}")
    return int(size)
