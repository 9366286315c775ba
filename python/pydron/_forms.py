"""The pipelines of a run in executable form."""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from pydron._pipelines import pipeline_of

if TYPE_CHECKING:
    from pydron._session import Session


class Forms:
    """Finds the compiled form of what is called in one run."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.defined: dict[int, tuple[Any, Any]] = {}  # of functions defined in pipelines: code's id to it, what it is
        self._bound: WeakKeyDictionary[Any, tuple[Any, Any]] | None = None  # those, compiled

    def compiled(self, pipeline: Any, args: tuple[Any, ...] = (), found: Any = None) -> Any:
        """The compiled form of a pipeline for what its names are bound to now; None if it runs plainly.

        `found` is that form, if it has just been found."""
        epoch = self._session.epoch
        known: tuple[int, Any] | None = pipeline.known.get(self._session.id)
        if found is not None:
            known = pipeline.known[self._session.id] = epoch, found
        elif known is None or known[0] != epoch or args:
            from pydron import _compile

            known = pipeline.known[self._session.id] = epoch, _compile.prepare(pipeline, self._session, args)
        compiled = known[1]
        for code, nested in compiled.nested:
            self.defined[id(code)] = code, nested
        return None if compiled.plain_reason is not None else compiled

    def reason(self, pipeline: Any) -> str:
        """Why a pipeline runs plainly: to be asked after ``compiled``."""
        return pipeline.known[self._session.id][1].plain_reason or ""

    def compiled_function(self, function: FunctionType) -> Any:
        """The compiled form of a function that is called in a pipeline, if that may overlap with what is around."""
        pipeline = pipeline_of(function)
        if pipeline is None:
            return self.compiled_nested(function)
        compiled = self.compiled(pipeline)
        return None if compiled is not None and compiled.opaque else compiled

    def compiled_nested(self, function: FunctionType) -> Any:
        """The compiled form of a function that was defined in a pipeline of this run; None if it is no such thing."""
        found = self.defined.get(id(function.__code__))
        if found is None:
            return None
        compiled = self.compiled(found[1])
        if compiled is None or compiled.opaque:
            return None
        if self._bound is None:
            self._bound = WeakKeyDictionary()
        bound = self._bound.get(function)
        if bound is None or bound[0] is not compiled:
            bound = self._bound[function] = compiled, compiled.blueprint.bind(function)
        return bound[1]
