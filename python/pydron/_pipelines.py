"""Which functions are pipelines, and when a call of one goes through the scheduler.

`schedule` returns a real function. As long as there is no functional function in the process, that is all it is: its
code is the user's, and a call costs what it always did. When there is one, pipelines are *armed*: their code gives way
to one that takes the call to the scheduler. A pipeline in which nothing functional can be found gets its own code back.

Everything here refers to functions weakly: code objects refer to the marks, and the garbage collector does not look
into code objects.
"""

from __future__ import annotations

import os
import sys
from types import CodeType, FunctionType, MethodType, TracebackType
from typing import Any
from weakref import WeakKeyDictionary, ref

from pydron import _state

_SPECIAL = 0x20 | 0x80 | 0x100 | 0x200  # generators and coroutines
#: How often a pipeline is looked at in vain before it is left alone.
_LOOKS = 3
#: Where a pipeline keeps what is known about it, from its first run on.
KEY = "__pydron__"
#: Names of functions and arguments that see how many frames and objects there are, and whose; and the module in which
#: somebody may change what our own code is written in.
_LOOK_INSIDE = frozenset(
    {"_getframe", "_getframemodulename", "currentframe", "extract_stack", "f_back", "format_stack", "getouterframes"}
    | {"getrecursionlimit", "print_stack", "set_coroutine_origin_tracking_depth", "setprofile", "setrecursionlimit"}
    | {"set_trace", "settrace", "walk_stack"}
    | {"get_count", "get_objects", "get_referents", "get_referrers", "getrefcount", "builtins"}
)
_INSIDE_REASON = "it looks inside Python: at calls that led to it, or at what there is in memory"

#: Exceptions on their way out of armed code: line in the pipeline, traceback, context.
_failures: dict[int, tuple[BaseException, int, TracebackType | None, BaseException | None]] = {}
_marks: WeakKeyDictionary[FunctionType, Mark] = WeakKeyDictionary()
#: By the identity of the code object, which the shape keeps alive. Bounded, since programs may make code without end.
_shapes: dict[int, Shape] = {}
_MOST_SHAPES = 10_000
#: Pipelines without variables from outside. They reach the globals, and these the functions: bounded as well.
_kept: list[Pipeline] = []
_MOST_KEPT = 1_000


class Shape:
    """What pipelines with the same code have in common: an inner function is made anew each time."""

    __slots__ = ("code", "entry", "looks", "prepared", "reason")

    def __init__(self, code: CodeType) -> None:
        self.code = code
        self.looks = 0
        # Why it is, or became, a function like any other: it is never armed again.
        self.reason = _INSIDE_REASON if _looks_inside(code) else ""
        self.entry: CodeType | None = None  # armed code, with a place for the mark
        self.prepared: Any = None  # what is known from its source

    def looked_in_vain(self, reason: str) -> None:
        """Nothing functional was found. What names are bound to may change, so a pipeline is looked at again."""
        self.looks += 1
        if self.looks >= _LOOKS:
            self.reason = reason


class Mark:
    """What is known of a pipeline from its decoration on. In its armed code this is a constant."""

    __slots__ = ("__weakref__", "code", "entry", "pipeline", "reference", "shape")

    def __init__(self, function: FunctionType) -> None:
        self.reference = ref(function)
        self.code = function.__code__
        self.entry: CodeType | None = None
        self.pipeline: ref[Pipeline] | None = None
        known = _shapes.get(id(self.code))
        if known is None:
            if len(_shapes) >= _MOST_SHAPES:
                _shapes.clear()
            known = _shapes[id(self.code)] = Shape(self.code)
        self.shape: Shape = known

    # The three that the armed code calls.

    def call(self, witness: FunctionType, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Runs the pipeline. The witness has the globals and the variables from outside of what was called: that may
        be another function, made of this one's code."""
        function = self.reference()
        if function is None or not _alike(function, witness):
            function = FunctionType(self.code, witness.__globals__, self.code.co_name, None, witness.__closure__)
        from pydron._entry import run_pipeline

        error, offset, value, context = run_pipeline(self, function, args, kwargs)
        if error is None:
            return value
        _failures[id(error)] = error, offset, error.__traceback__, context
        raise error

    def failed_at(self, offset: int) -> bool:
        """Was it on this line of the pipeline that the exception came from that is being handled?"""
        found = _failures.get(id(sys.exc_info()[1]))
        return found is not None and found[1] == offset

    def failure(self) -> BaseException:
        """That exception, with the traceback and the context that it has in the pipeline."""
        error = sys.exc_info()[1]
        assert error is not None
        found = _failures.pop(id(error), None)
        if found is not None:  # and not, say, Ctrl-C just before the call
            _, _, error.__traceback__, error.__context__ = found
        return error

    def arm(self, function: FunctionType) -> None:
        shape = self.shape
        if shape.reason or function.__code__ is not self.code:
            return  # or the user has given it another code
        if self.entry is None:
            from pydron import _entrance

            if shape.entry is None:
                shape.entry = _entrance.entry_code(self.code)
                if shape.entry is None:
                    shape.reason = "it has too many lines, or is code that no Python source has"
                    return
            self.entry = _entrance.with_mark(shape.entry, self)
        function.__code__ = self.entry

    def disarm(self, function: FunctionType) -> None:
        """From now on a call is a call of the user's code, with nothing in between."""
        if function.__code__ is self.entry:
            function.__code__ = self.code

    def __reduce__(self) -> Any:
        # In another process it is the plain function.
        return _restored, (self.code,)


def _restored(code: CodeType) -> Mark:
    function = FunctionType(code, {}, code.co_name, None, tuple(map(_cell, code.co_freevars)))
    return Mark(function)


def _cell(name: str) -> Any:
    return (lambda: name).__closure__[0]  # type: ignore[index]


class Pipeline:
    """A function that is a pipeline, for the driver: what it is compiled to is kept here.

    What it is compiled to has the function's variables from outside, so these would live as long as this does. Where
    there are any, the function has it in its `__dict__`, and both go at the same time.
    """

    def __init__(self, function: FunctionType, mark: Mark) -> None:
        self._reference: ref[FunctionType] = ref(function)
        self.mark = mark
        self.__qualname__ = function.__qualname__
        self.__module__ = function.__module__
        self.known: dict[int, tuple[int, Any]] = {}  # by session: compiled for the names of an epoch
        self.before: Any = None  # what the names were bound to at the last call, and what it was compiled to

    @property
    def function(self) -> Any:
        function: FunctionType | None = self._reference()
        if function is None:
            raise ReferenceError(f"the pipeline '{self.__qualname__}' is gone")
        return function

    @property
    def __wrapped__(self) -> FunctionType:
        return plain(self.function)

    def __reduce__(self) -> Any:
        return _nothing, ()  # a copy of the function is no pipeline


def _nothing() -> None:
    return None


def mark_of(value: Any) -> Mark | None:
    """The mark of a function that is a pipeline."""
    if type(value) is not FunctionType:
        return None
    mark = _marks.get(value)
    if mark is not None and value.__code__ is not mark.code and value.__code__ is not mark.entry:
        return _marked_anew(value)
    return mark


def _marked_anew(function: FunctionType) -> Mark | None:
    """The mark of a pipeline to which somebody, a notebook's autoreload for one, has given other code."""
    function.__code__ = code_of(function)
    if function.__code__.co_flags & _SPECIAL:
        del _marks[function]
        return None
    mark = _marks[function] = Mark(function)
    if _state.awake:
        mark.arm(function)
    return mark


def code_of(function: FunctionType) -> CodeType:
    """The code of the user's, whatever stands in its place."""
    for constant in reversed(function.__code__.co_consts):
        if type(constant) is MethodType and type(constant.__self__) is Mark:
            return constant.__self__.code
    return function.__code__


def pipeline_of(value: Any) -> Pipeline | None:
    """What is known of a function that is a pipeline; None for everything else."""
    mark = mark_of(value)
    if mark is None:
        return None
    if value.__closure__ is None:
        known = mark.pipeline() if mark.pipeline is not None else None
        if known is None:
            known = Pipeline(value, mark)
            mark.pipeline = ref(known)
            if len(_kept) >= _MOST_KEPT:
                _kept.clear()
            _kept.append(known)
        return known
    known = value.__dict__.get(KEY)
    if known is None or known.function is not value:
        known = value.__dict__[KEY] = Pipeline(value, mark)
    return known


def forget(function: FunctionType) -> None:
    """Leaves nothing behind in a function that turned out to be no pipeline."""
    known = function.__dict__.get(KEY)
    if known is not None and known.function is function:
        del function.__dict__[KEY]


def scheduled(function: FunctionType) -> FunctionType:
    """A function like this one that is a pipeline."""
    made = twin(function, function.__code__)
    mark = _marks[made] = Mark(made)
    _look_for_catalogue()
    if _state.awake:
        mark.arm(made)
    return made


_looked = False


def _look_for_catalogue() -> None:
    """Where a project has a catalogue of its own, functions of libraries may be functional."""
    global _looked
    if not _looked:
        _looked = True
        script = getattr(sys.modules.get("__main__"), "__file__", None)
        folder = os.path.dirname(os.path.abspath(script)) if isinstance(script, str) else os.getcwd()
        while not os.path.exists(os.path.join(folder, "pydron.catalogue")):
            if os.path.dirname(folder) == folder:
                return
            folder = os.path.dirname(folder)
        wake()


def wake() -> None:
    """There are functional functions: calls of pipelines have something to look for."""
    if not _state.awake:
        _state.awake = True
        for function, mark in list(_marks.items()):
            mark.arm(function)


def plain(function: FunctionType) -> FunctionType:
    """The plain function of a pipeline."""
    return twin(function, _marks[function].code)


def twin(function: FunctionType, code: CodeType) -> FunctionType:
    made = FunctionType(code, function.__globals__, function.__name__, function.__defaults__, function.__closure__)
    made.__kwdefaults__ = function.__kwdefaults__
    made.__qualname__ = function.__qualname__
    made.__module__ = function.__module__
    made.__doc__ = function.__doc__
    made.__dict__.update(function.__dict__)
    made.__dict__.pop(KEY, None)
    if sys.version_info >= (3, 12):
        made.__type_params__ = function.__type_params__
    if sys.version_info >= (3, 14):
        made.__annotate__ = function.__annotate__
    else:
        made.__annotations__ = function.__annotations__
    return made


def _alike(function: FunctionType, witness: FunctionType) -> bool:
    if function.__globals__ is not witness.__globals__:
        return False
    mine, theirs = function.__closure__ or (), witness.__closure__ or ()
    return len(mine) == len(theirs) and all(a is b for a, b in zip(mine, theirs))


def _looks_inside(code: CodeType) -> bool:
    if not _LOOK_INSIDE.isdisjoint(code.co_names) or {"inspect", "stack"} <= set(code.co_names):
        return True
    return any(
        (type(constant) is CodeType and _looks_inside(constant))
        or (type(constant) is tuple and "stacklevel" in constant and _names_a_caller(code))
        for constant in code.co_consts
    )


def _names_a_caller(code: CodeType) -> bool:
    """Is `stacklevel=` anything but a 1 that stands there? Then a warning is about who called the pipeline."""
    from dis import get_instructions

    before: list[Any] = []
    for instruction in get_instructions(code):
        # Python 3.11 does not say what the argument of this instruction is.
        names = instruction.argval
        if instruction.opname == "KW_NAMES" and instruction.arg is not None:
            names = code.co_consts[instruction.arg]
        if type(names) is tuple and "stacklevel" in names:
            # The values of the keywords come just before their names.
            place = len(names) - names.index("stacklevel")
            if before[-place:][:1] != [1]:
                return True
        before.append(instruction.argval)
    return False
