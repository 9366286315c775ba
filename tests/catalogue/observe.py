"""What can be seen of a call from outside: objects before and after it, what it prints, settings it leaves behind."""

from __future__ import annotations

import collections
import contextlib
import decimal
import io
import locale
import logging
import os
import pickle
import random
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

HIDDEN = "<hidden>"  # of an iterator: looking at it would change it
_ATOMS = (int, float, complex, bool, str, bytes, type(None), range)


def state(value: Any, depth: int = 0) -> Any:
    """All there is to see of an object, in a form that can be compared."""
    if isinstance(value, np.ndarray) and type(value) is np.ndarray:
        inner = [state(item, depth + 1) for item in value.ravel()] if value.dtype.hasobject else value.tobytes()
        return "array", value.dtype.str, value.shape, inner, value.flags.writeable
    if isinstance(value, _ATOMS) or depth > 8:
        return type(value).__name__, repr(value)
    if isinstance(value, pd.DataFrame):
        return "frame", list(value.columns), [state(value[name], depth + 1) for name in value.columns]
    if isinstance(value, pd.Series):
        return (
            "series",
            value.name,
            str(value.dtype),
            list(map(str, value.index)),
            [state(each, depth + 1) for each in value],
        )
    if isinstance(value, pd.Index):
        return "index", value.name, str(value.dtype), list(map(str, value))
    if isinstance(value, dict):
        return type(value).__name__, [(state(k, depth + 1), state(v, depth + 1)) for k, v in value.items()]
    if isinstance(value, (list, tuple, collections.deque)):
        return type(value).__name__, [state(item, depth + 1) for item in value]
    if isinstance(value, (set, frozenset)):
        return type(value).__name__, sorted(map(repr, value))
    if isinstance(value, random.Random) and type(value) is random.Random:
        return "Random", value.getstate()
    if isinstance(value, np.random.Generator):
        return "Generator", repr(value.bit_generator.state), value.bit_generator.seed_seq.n_children_spawned
    if isinstance(value, np.random.RandomState):
        return "RandomState", repr(value.get_state())
    if type(value).__module__.startswith("pandas.") and isinstance(
        getattr(value, "obj", None), (pd.DataFrame, pd.Series)
    ):
        return "over", state(value.obj, depth + 1)  # the rest is remembered for the next call
    if type(value).__name__ == "SkyCoord":
        return "SkyCoord", state(np.array(value.ra.value)), state(np.array(value.dec.value))
    if isinstance(value, memoryview):
        return "memoryview", value.tobytes()
    if hasattr(value, "hexdigest") and hasattr(value, "digest_size"):
        return "hash", value.copy().hexdigest(4) if value.digest_size == 0 else value.hexdigest()
    if isinstance(value, Iterator):
        return HIDDEN
    if callable(value) and not hasattr(value, "__dict__"):
        return repr(value)
    try:
        return pickle.dumps(value)
    except Exception:
        return (
            HIDDEN
            if not hasattr(value, "__dict__")
            else sorted((k, state(v, depth + 1)) for k, v in vars(value).items())
        )


def settings() -> dict[str, Any]:
    """What is global, and what a pure function leaves alone."""
    return {
        "numpy.geterr": np.geterr(),
        "numpy print options": {k: v for k, v in np.get_printoptions().items() if k != "formatter"},
        "numpy.random": np.random.get_state()[1].tobytes(),
        "random": random.getstate(),
        "environment": {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"},
        "working folder": os.getcwd(),
        "files": sorted(os.listdir()),
        "decimal precision": (decimal.getcontext().prec, decimal.getcontext().rounding),
        "logging": (logging.root.level, len(logging.root.handlers), logging.root.disabled),
        "recursion limit": sys.getrecursionlimit(),
        "locale": locale.setlocale(locale.LC_ALL),
        "module search path": list(sys.path),
        "pandas": (pd.get_option("display.max_rows"), pd.get_option("display.precision")),
        "trace": (sys.gettrace() is None, sys.getprofile() is None),
    }


class Printed:
    text = ""


@contextlib.contextmanager
def listening() -> Iterator[Printed]:
    """Notes what is printed. Warnings are not: that numpy warns of a division by zero is no output of its own."""
    printed = Printed()
    out = io.StringIO()
    with warnings.catch_warnings(record=True), contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        warnings.simplefilter("ignore")
        try:
            yield printed
        finally:
            printed.text = out.getvalue()


def buffers(value: Any, depth: int = 0) -> list[np.ndarray]:
    """The arrays that an object consists of."""
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, pd.DataFrame):
        return [value[name].to_numpy() for name in value.columns if value[name].dtype.kind in "fiub"]
    if isinstance(value, (pd.Series, pd.Index)):
        return [value.to_numpy()] if getattr(value.dtype, "kind", "O") in "fiub" else []
    if isinstance(value, (bytearray, memoryview)):
        return [np.frombuffer(value, np.uint8)] if len(value) else []
    if depth > 3:
        return []
    if isinstance(value, dict):
        return [each for item in value.values() for each in buffers(item, depth + 1)]
    if isinstance(value, (list, tuple, set)):
        return [each for item in value for each in buffers(item, depth + 1)]
    if type(value).__module__.startswith("astropy") and hasattr(value, "unit") and hasattr(value, "view"):
        with contextlib.suppress(Exception):
            return [np.asarray(value.view(np.ndarray))]
    return []


def objects(value: Any, depth: int = 0) -> dict[int, Any]:
    """The objects that can be changed and that can be reached from one, by identity."""
    found: dict[int, Any] = {}
    if isinstance(value, (list, dict, set, bytearray, np.ndarray, pd.DataFrame, pd.Series, collections.deque)):
        found[id(value)] = value
    if depth < 4:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
        for each in inner:
            found.update(objects(each, depth + 1))
    return found
