"""The process in which calls are run again (`_again.py`). It never runs one itself: it forks, so that each call finds
modules as they are when they have just been imported, and whatever a call changes is gone with its child."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import sys
import warnings
from typing import Any

from pydron import _state, _values
from pydron._again import _LENGTH, Report
from pydron._difference import difference, pickled
from pydron._watch import Watch

_MOST_FUNCTIONS = 200
_MOST_CHANGES = 5


def main() -> None:
    requests, answers = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.filterwarnings("ignore", message=".*fork.*", category=DeprecationWarning)
    _state.inside_task = True
    sys.modules["__main__"] = type(sys)("__main__")
    folder, path, argv = _receive(requests)
    with contextlib.suppress(OSError):
        os.chdir(folder)
    sys.path[:], sys.argv[:] = path, argv
    functions: dict[bytes, Any] = {}
    while True:
        request = _receive(requests)
        if request is None:
            return
        data = pickle.dumps(_answer(functions, request), 5)
        _write(answers, _LENGTH.pack(len(data)) + data)


def _receive(file: int) -> Any:
    head = _read(file, _LENGTH.size)
    return pickle.loads(_read(file, _LENGTH.unpack(head)[0])) if len(head) == _LENGTH.size else None


def _read(file: int, size: int) -> bytes:
    parts = []
    while size:
        part = os.read(file, min(size, 1 << 20))
        if not part:
            break
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _write(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def _answer(functions: dict[bytes, Any], request: Any) -> Report:
    from pydron._task import _adopt

    data = request[0]
    if data not in functions:
        if len(functions) >= _MOST_FUNCTIONS:
            functions.clear()
        try:
            functions[data] = pickle.loads(data)
            _adopt(functions[data])
            if "numpy" in sys.modules:
                import numpy.random  # noqa: F401 - it comes with its first use, and its state is to be watched
        except BaseException as error:
            return (("skipped", f"the function cannot be loaded: {type(error).__name__}: {error}"),)
    return _in_child(functions[data], request)


def _in_child(call: Any, request: Any) -> Report:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            try:
                report: Report = examine(call, *request[1:])
            except BaseException as error:
                report = (("skipped", f"{type(error).__name__}: {error}"),)
            _write(writer, pickle.dumps(report, 5))
        finally:
            os._exit(0)
    os.close(writer)
    parts = []
    while True:
        part = os.read(reader, 1 << 16)
        if not part:
            break
        parts.append(part)
    os.close(reader)
    status = os.waitpid(child, 0)[1]
    if not parts:
        how = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"exit code {os.WEXITSTATUS(status)}"
        return (("skipped", f"the process that ran it again ended with {how}"),)
    found: Report = pickle.loads(b"".join(parts))
    return found


def examine(call: Any, arguments: bytes, deps: tuple[int, ...], result: int, values: dict[int, Any]) -> Report:
    """Calls the function, and tells what is different from the first time, or was changed."""
    from pydron._task import _TaskProcess, _Value

    process = _TaskProcess(None, "", None)  # type: ignore[arg-type]
    process.values = {number: _Value(*parts) for number, parts in values.items()}
    args, kwargs = process._load_arguments(memoryview(arguments), deps)
    before = pickled((args, kwargs))
    watch = Watch(call)
    found: list[tuple[str, str]] = []
    try:
        again = call(*args, **kwargs)
    except BaseException as error:
        found.append(("exception", f"the first time it returned, again it raised {type(error).__name__}: {error}"))
    else:
        found += _compare_results(process._value(result, {}), again)
    if before is not None:
        found += _compare_arguments(call, before, pickled((args, kwargs)))
    found += watch.changes()[:_MOST_CHANGES]
    return tuple((kind, text) for kind, text in found) or None


def _compare_results(first: Any, again: Any) -> list[tuple[str, str]]:
    data = pickled(again)
    if data is None:
        return [("result", f"result: the first time it could be pickled, again {type(again).__name__} could not")]
    found = difference(first, _values.loads(data))
    return [("result", f"result{found.path}: {found.first} != {found.second}")] if found is not None else []


def _compare_arguments(call: Any, before: bytes, after: bytes | None) -> list[tuple[str, str]]:
    if after == before or after is None:
        return []
    (args, kwargs), (args_after, kwargs_after) = _values.loads(before), _values.loads(after)
    found = []
    pairs = [(name, args[i], args_after[i]) for i, name in enumerate(parameter_names(call, len(args)))]
    pairs += [(name, kwargs[name], kwargs_after.get(name)) for name in kwargs]
    for name, was, now in pairs:
        change = difference(was, now)
        if change is not None:
            found.append(("argument", f"argument '{name}'{change.path}: {change.first} became {change.second}"))
    return found


def parameter_names(call: Any, n: int) -> list[str]:
    """What the first `n` positional arguments are called."""
    function = getattr(call, "__wrapped__", call)
    code = getattr(function, "__code__", None)
    names = list(code.co_varnames[: code.co_argcount]) if code is not None else []
    return [names[i] if i < len(names) else str(i + 1) for i in range(n)]
