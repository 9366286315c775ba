"""Unpickling in the driver what cloudpickle wrote in a task: the user's classes stay as they are.

A class of ``__main__`` travels by value, and comes back with its instances. cloudpickle finds the class that it was,
but then gives it the methods that came along: copies, whose global variables are not the user's. Here a class that
exists already is left alone.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Sequence
from typing import Any, Callable

import cloudpickle

_MODULES = [getattr(cloudpickle, name) for name in ("cloudpickle", "cloudpickle_fast") if hasattr(cloudpickle, name)]


def _find(name: str) -> Any:
    return next(vars(module)[name] for module in _MODULES if name in vars(module))


_set_state = _find("_class_setstate")
_make_class = _find("_make_skeleton_class")
_make_enum = _find("_make_skeleton_enum")
_tracked = _find("_DYNAMIC_CLASS_TRACKER_BY_ID")
#: The name under which cloudpickle knows a class of this process or of another one; it makes one if there is none.
name_of: Callable[[type], str] = _find("_get_or_create_tracker_id")


def is_new(reduced: Any) -> bool:
    """Whether cloudpickle wants to take all of a class along."""
    return type(reduced) is tuple and reduced[0] in (_make_class, _make_enum)


class Unpickler(pickle.Unpickler):
    def __init__(self, data: Any, deps: Sequence[Any], buffers: Any) -> None:
        super().__init__(io.BytesIO(data), buffers=buffers)
        self._deps = deps
        self._known: set[int] = set()

    def persistent_load(self, pid: Any) -> Any:
        return self._deps[pid]

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name)
        if found is _set_state:
            return self._set_state
        if found is _make_class or found is _make_enum:
            return self._skeleton(found)
        return found

    def _skeleton(self, make: Callable[..., Any]) -> Callable[..., Any]:
        def skeleton(*args: Any) -> Any:
            tracker = args[4 if make is _make_class else 5]
            known = _tracked.get(tracker) if tracker is not None else None
            if known is None:
                return make(*args)
            self._known.add(id(known))
            return known

        return skeleton

    def _set_state(self, cls: Any, state: Any) -> Any:
        return cls if id(cls) in self._known else _set_state(cls, state)
