"""Pickles of arguments and functions ahead of their turn: the same bytes as `_values` makes, or none at all.

Pickling may run code of the user's (``__reduce__``, ``__getstate__``, …). A call that is only foreseen must not: what
is not known to be pickled by Python itself makes the call one that is not foreseen.
"""

from __future__ import annotations

import abc
import collections
import copyreg
import enum
import io
import pickle
import sys
import types
from collections.abc import Mapping
from typing import Any

from pydron import _values
from pydron._carried import named
from pydron._functions import Functional
from pydron._naming import is_heap_type
from pydron._pipelines import mark_of, plain

_TYPES = frozenset(
    {
        *(range, slice, complex, bytearray, type(Ellipsis), type(NotImplemented), set, frozenset),
        *(types.FunctionType, types.BuiltinFunctionType, types.CodeType, types.CellType, types.ModuleType),
        *(types.MappingProxyType, types.MemberDescriptorType, types.GetSetDescriptorType, types.MethodDescriptorType),
        *(types.WrapperDescriptorType, types.ClassMethodDescriptorType, property, staticmethod, classmethod),
        *(types.MethodType, types.GenericAlias, pickle.PickleBuffer, Functional),
    }
)
_LIBRARY = {
    "datetime": ("date", "datetime", "time", "timedelta", "timezone"),
    "decimal": ("Decimal",),
    "fractions": ("Fraction",),
    "collections": ("Counter", "OrderedDict", "deque"),
    "_collections": ("_tuplegetter",),
    "re": ("Pattern",),
    "uuid": ("UUID",),
    "pathlib": ("PosixPath", "PurePosixPath"),
    "pathlib._local": ("PosixPath", "PurePosixPath"),
    "functools": ("partial",),
    "dataclasses": ("Field", "_MISSING_TYPE", "_FIELD_BASE", "_DataclassParams", "_HAS_DEFAULT_FACTORY_CLASS"),
}
_HOOKS: tuple[str, ...] = (
    "__reduce__",
    "__reduce_ex__",
    "__getstate__",
    "__getnewargs__",
    "__getnewargs_ex__",
    "__getattr__",
)
_HOOKS += ("__getattribute__", "__class__", "__dict__", "__del__")
_NAMED_TUPLES = collections.namedtuple.__code__.co_filename

_METACLASSES = frozenset({type, abc.ABCMeta, enum.EnumMeta})
_verdicts: dict[type, bool] = {}


class Refused(Exception):
    """It is not known that this can be pickled without an effect, or it is too large."""


def _harmless(value: Any) -> bool:
    kind = type(value)
    if type(kind) not in _METACLASSES and not _is_numpys(type(kind)):
        return False
    if isinstance(value, type):
        return kind in _METACLASSES or _is_numpys(kind)
    if kind.__module__ in ("numpy", "numpy.dtypes") or type(kind).__module__ == "numpy":
        return _is_of_numpy(kind, value)
    verdict = _verdicts.get(kind)
    if verdict is None:
        verdict = _verdicts[kind] = _is_harmless(kind)
    # Somebody may say later how instances are pickled.
    return verdict and (kind in _TYPES or kind.__module__ in _LIBRARY or kind not in copyreg.dispatch_table)


def _is_numpys(meta: type) -> bool:
    return type(meta) is type and meta.__module__ == "numpy"


def _is_of_numpy(kind: type, value: Any) -> bool:
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return False
    if kind is numpy.ndarray:
        return not value.dtype.hasobject
    if isinstance(value, numpy.dtype):
        return not value.hasobject
    return kind is numpy.ufunc or issubclass(kind, (numpy.number, numpy.bool_, numpy.str_, numpy.datetime64))


def _is_harmless(kind: type) -> bool:
    module = sys.modules.get(kind.__module__)
    if kind in _TYPES:
        return True
    if kind.__name__ in _LIBRARY.get(kind.__module__, ()):
        return getattr(module, kind.__name__, None) is kind or kind.__module__ == "dataclasses"
    return _is_pickled_plainly(kind)


def _is_pickled_plainly(kind: type) -> bool:
    """A class of the user's that says nothing of how its instances are pickled, and hooks into nothing it takes."""
    for base in kind.__mro__:
        if base in (object, tuple) or base.__module__ == "enum":
            continue
        if type(kind) is enum.EnumMeta and base in (int, str):
            continue
        if not is_heap_type(base):
            return False
        for name in _HOOKS:
            found = vars(base).get(name)
            generated = name == "__dict__" and isinstance(found, types.GetSetDescriptorType)
            of_named_tuple = name == "__getnewargs__" and _is_of_named_tuple(found)
            if found is not None and not generated and not of_named_tuple:
                return False
    return True


def _is_of_named_tuple(found: Any) -> bool:
    return isinstance(found, types.FunctionType) and found.__code__.co_filename == _NAMED_TUPLES


def _check(value: Any) -> None:
    if not _harmless(value):
        raise Refused


class _Plain(pickle.Pickler):
    names: Mapping[int, str] = {}

    def __init__(self, file: Any, persistent: Any) -> None:
        super().__init__(file, _values.PROTOCOL, buffer_callback=_in_band)
        self._persistent = persistent

    def persistent_id(self, obj: Any) -> Any:
        return None if self._persistent is None else self._persistent(obj)

    def reducer_override(self, obj: Any) -> Any:
        class_ = named(self.names, obj)
        if class_ is not None:
            return class_
        _check(obj)
        return NotImplemented


_by_value_class: Any = None


def _by_value(file: Any, persistent: Any) -> Any:
    global _by_value_class
    if _by_value_class is None:
        import cloudpickle

        class ByValue(cloudpickle.Pickler):  # type: ignore[misc]
            persistent: Any = None
            names: Mapping[int, str] = {}

            def persistent_id(self, obj: Any) -> Any:
                return None if self.persistent is None else self.persistent(obj)

            def reducer_override(self, obj: Any) -> Any:
                class_ = named(self.names, obj)
                if class_ is not None:
                    return class_
                _check(obj)
                reduced = super().reducer_override(obj)
                if type(reduced) is tuple and mark_of(obj) is not None:
                    return super().reducer_override(plain(obj))  # as there: a pipeline travels as a plain function
                return reduced

        _by_value_class = ByValue
    pickler = _by_value_class(file, protocol=_values.PROTOCOL, buffer_callback=_in_band)
    pickler.persistent = persistent
    return pickler


def _in_band(buffer: pickle.PickleBuffer) -> bool:
    if buffer.raw().nbytes > _values.LIMIT:
        raise Refused
    return True


def dumps(
    value: Any, persistent: Any = None, limit: int = _values.LIMIT, names: Mapping[int, str] | None = None
) -> bytes:
    """What `_values.dumps` would answer with. Raises Refused, or what pickling raises."""
    out = io.BytesIO()
    names = names or {}
    if not _values.by_value_wanted():
        try:
            plain = _Plain(out, persistent)
            plain.names = names
            plain.dump(value)
            data = out.getvalue()
            if b"__main__" not in data:
                return _small(data, limit)
        except Refused:
            raise
        except Exception:
            pass  # As there: cloudpickle can do more.
        out = io.BytesIO()
    pickler = _by_value(out, persistent)
    pickler.names = names
    pickler.dump(value)
    return _small(out.getvalue(), limit)


def _small(data: bytes, limit: int) -> bytes:
    if len(data) > limit:
        raise Refused
    return data
