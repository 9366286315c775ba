"""`--verify=sequential`: an outermost pipeline is run in sequence, then in parallel, and everything is compared.

The sequential run happens first, in a fork of this process: a *replica* that has the very same objects, and whose
changes nobody sees. What it prints goes nowhere. Before it would do something that the outside could see twice (write
a file, start a process, send something), it stops, and the comparison is of what there is until then; with
`--verify=twice` it goes on. What extensions in C do by themselves cannot be seen coming.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import sys
import tempfile
from typing import Any, Callable, NamedTuple, NoReturn

from pydron import _state
from pydron._difference import difference, pickled
from pydron._functions import Functional
from pydron._replica import parameter_names
from pydron._watch import Watch, is_own

Found = list[tuple[str, str]]

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_HARMLESS = frozenset((os.devnull, "/dev/tty", "/dev/stdout", "/dev/stderr"))
_TEMPORARY = getattr(os, "O_TMPFILE", 0)

#: What the outside could see twice, by the events that Python's own audit hooks tell of (or the first part of them).
_OUTSIDE = {
    "os.remove": "remove", "os.rename": "rename", "os.mkdir": "make the folder", "os.rmdir": "remove the folder",
    "os.link": "link", "os.symlink": "link", "os.truncate": "truncate", "os.chmod": "change the mode of",
    "os.chown": "change the owner of", "os.utime": "change the times of", "os.system": "run",
    "os.exec": "run", "os.posix_spawn": "run", "os.spawn": "run", "os.startfile": "open", "os.kill": "send a signal to",
    "os.killpg": "send a signal to", "os.fork": "start a process", "os.forkpty": "start a process",
    "subprocess.Popen": "run", "socket.connect": "connect to", "socket.bind": "listen on", "socket.sendto": "send to",
    "sqlite3.connect": "open the database", "builtins.input": "read standard input", "ftplib.connect": "connect to",
    "smtplib.connect": "connect to", "webbrowser.open": "open", "syslog.syslog": "log",
    "shutil.rmtree": "remove the folder", "signal.pthread_kill": "send a signal to",
}  # fmt: skip
#: Those that name a file, with the place of the argument that says which folder its name begins in.
_OF_FILES = {"os.remove": 1, "os.rmdir": 1, "os.mkdir": 2, "os.chmod": 2, "os.utime": 3, "shutil.rmtree": 1}


class Outcome(NamedTuple):
    """What a run came to, in a form that travels."""

    stopped: str  # what it would have done to the outside; "" for a run that came to its end
    result: bytes | None  # None for one that cannot be pickled, or an exception
    error: Any  # the record of an exception, as a dictionary
    arguments: bytes | None
    globals: dict[str, bytes | None]
    state: dict[str, Any]
    printed: tuple[str, str]


Run = Callable[[], tuple[Any, Any]]  # gives (exception or None, result)


def both_ways(pipeline: Any, args: Any, kwargs: Any, parallel: Run, twice: bool) -> tuple[Any, Found]:
    """What the parallel run came to, and how the sequential one differs."""
    reason = _unfit()
    if reason:
        return parallel(), [("skipped", reason)]
    watch = Watch(pipeline)
    functions = _Codes()
    sequential = _in_replica(pipeline, args, kwargs, watch, functions, twice)
    recorders = _record(functions, True)
    try:
        outcome = parallel()
    finally:
        _stop_recording(recorders)
    if sequential is None:
        return outcome, [("skipped", "the sequential run ended without an answer")]
    error, result = outcome
    mine = _outcome_of(pipeline, error, result, args, kwargs, watch, recorders)
    return outcome, _compare(pipeline, sequential, mine)


def _unfit() -> str:
    threading = sys.modules.get("threading")
    if threading is not None and threading.active_count() > 1:
        return "other threads are running, and a copy of the process would lack them"
    return ""


# --- the replica


def _in_replica(pipeline: Any, args: Any, kwargs: Any, watch: Watch, functions: _Codes, twice: bool) -> Outcome | None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    with tempfile.TemporaryFile() as file:
        lifeline, end = os.pipe()
        random = sys.modules.get("random")
        seeded = random.getstate() if random is not None else None
        child = os.fork()
        if child == 0:
            try:
                os.close(end)
                if random is not None:
                    random.setstate(seeded)  # Python seeds it anew in every fork
                _die_with(lifeline)
                _run_replica(pipeline, args, kwargs, watch, functions, twice, file.fileno())
            finally:
                os._exit(0)
        os.close(lifeline)
        try:
            os.waitpid(child, 0)
        except BaseException:
            os.close(end)  # Ctrl-C, say: the replica ends too
            end = -1
            os.waitpid(child, 0)
            raise
        finally:
            if end >= 0:
                os.close(end)
        file.seek(0)
        data = file.read()
    if not data:
        return None
    outcome: Outcome = pickle.loads(data)
    return outcome


def _die_with(lifeline: int) -> None:
    """The kernel kills this process when the other end of the pipe is closed."""
    import fcntl
    import signal

    if sys.platform == "linux":
        fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(lifeline, getattr(fcntl, "F_SETSIG", 10), signal.SIGKILL)
        fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)


def _run_replica(
    pipeline: Any, args: Any, kwargs: Any, watch: Watch, functions: _Codes, twice: bool, answer: int
) -> None:
    _state.inside_task = True
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    sys.dont_write_bytecode = True
    recorders = _record(functions, False)

    def finish(outcome: Outcome) -> NoReturn:
        data = memoryview(pickle.dumps(outcome, 5))
        while data:
            data = data[os.write(answer, data) :]
        os._exit(0)

    def stop(what: str) -> NoReturn:
        finish(Outcome(what, None, None, None, {}, {}, _printed(recorders)))

    if not twice:
        sys.stdin = _NoInput(stop)
        sys.addaudithook(_Guard(stop))
    error: BaseException | None = None
    result = None
    try:
        result = pipeline.__wrapped__(*args, **kwargs)
    except BaseException as raised:
        error = raised
    finish(_outcome_of(pipeline, error, result, args, kwargs, watch, recorders))


class _NoInput:
    """Standard input is the parallel run's."""

    def __init__(self, stop: Callable[[str], NoReturn]) -> None:
        self._stop = stop

    def __getattr__(self, name: str) -> Any:
        self._stop(f"read standard input{_place()}")

    def __iter__(self) -> Any:
        self._stop(f"read standard input{_place()}")


class _Guard:
    """The audit hook: stops before anything is done that the outside could see twice."""

    def __init__(self, stop: Callable[[str], NoReturn]) -> None:
        self._stop = stop
        self._own: list[str] = []  # temporary files and folders that were made here

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = args
            if isinstance(flags, int) and flags & _WRITING and not self._may_write(path, flags):
                self._stop(f"open '{_text(path)}' for writing{_place()}")
        elif event in ("tempfile.mkstemp", "tempfile.mkdtemp"):
            self._own.append(_text(args[0]))
        elif event in _OUTSIDE:
            place = _OF_FILES.get(event)
            if place is not None and self._is_own(args[0], args[place] if len(args) > place else -1):
                return
            what = _text(args[0]) if args else ""
            self._stop(f"{_OUTSIDE[event]}{f' {what!r}' if what else ''}{_place()}")

    def _may_write(self, path: Any, flags: int) -> bool:
        if isinstance(path, int):
            return True  # a file that is open already
        if _TEMPORARY and flags & _TEMPORARY == _TEMPORARY:
            return True
        return _text(path) in _HARMLESS or self._is_own(path)

    def _is_own(self, path: Any, folder: Any = -1) -> bool:
        text = _text(path)
        if isinstance(folder, int) and folder >= 0:
            with contextlib.suppress(OSError):
                text = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), text)
        text = os.path.abspath(text)
        return any(text == own or text.startswith(own + os.sep) for own in self._own)


def _text(path: Any) -> str:
    try:
        return os.fsdecode(path)
    except TypeError:
        return str(path)


def _place() -> str:
    """The line of the user's that is running."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        if is_own(frame.f_code.co_filename):
            return f" ({frame.f_code.co_filename}:{frame.f_lineno})"
        frame = frame.f_back
    return ""


# --- output


class _Codes:
    """The code of functional functions: what these print is not the pipeline's."""

    def __init__(self) -> None:
        self._codes = {
            id(getattr(thing.__wrapped__, "__code__", None)): thing
            for thing in gc.get_objects()
            if type(thing) is Functional
        }

    def are_running(self) -> bool:
        frame: Any = sys._getframe(2)
        while frame is not None:
            if id(frame.f_code) in self._codes or frame.f_globals.get("__name__") == "pydron._console":
                return True
            frame = frame.f_back
        return False


class _Recorder:
    """Stands for sys.stdout or sys.stderr, and keeps what the pipeline's own code writes."""

    def __init__(self, stream: Any, functions: _Codes, forward: bool) -> None:
        self.__dict__.update(_stream=stream, _functions=functions, _forward=forward, text=[])

    def write(self, text: str) -> int:
        if not self._functions.are_running():
            self.text.append(text)
        if self._forward:
            self._stream.write(text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._stream, name, value)


def _record(functions: _Codes, forward: bool) -> list[_Recorder]:
    recorders = [_Recorder(stream, functions, forward) for stream in (sys.stdout, sys.stderr)]
    sys.stdout, sys.stderr = recorders
    return recorders


def _stop_recording(recorders: list[_Recorder]) -> None:
    for name, recorder in zip(("stdout", "stderr"), recorders):
        if getattr(sys, name) is recorder:
            setattr(sys, name, recorder._stream)


def _printed(recorders: list[_Recorder]) -> tuple[str, str]:
    return "".join(recorders[0].text), "".join(recorders[1].text)


# --- outcomes, and comparing them


def _outcome_of(
    pipeline: Any, error: Any, result: Any, args: Any, kwargs: Any, watch: Watch, recorders: list[_Recorder]
) -> Outcome:
    record = None
    if error is not None:
        from pydron import _record as records

        record = pickle.loads(records.of(error, pipeline.__qualname__))
    return Outcome(
        "",
        None if error is not None else pickled(result),
        record,
        pickled((args, kwargs)),
        watch.content(),
        watch.state(),
        _printed(recorders),
    )


def _compare(pipeline: Any, sequential: Outcome, parallel: Outcome) -> Found:
    found: Found = []
    for name, mine, theirs in zip(("standard output", "standard error"), sequential.printed, parallel.printed):
        if mine != theirs and not (sequential.stopped and theirs.startswith(mine)):
            found.append(("printed", _lines(name, mine, theirs)))
    if sequential.stopped:
        why = f"the sequential run stopped before it would {sequential.stopped}; with --verify=twice it goes on"
        return [*found, ("skipped", why)]
    if (sequential.error is None) != (parallel.error is None):
        found.append(("exception", f"sequential: {_end(sequential)}, parallel: {_end(parallel)}"))
    elif sequential.error is not None:
        found += _compare_errors(sequential.error, parallel.error)
    elif (sequential.result is None) != (parallel.result is None):
        found.append(("result", "result: one can be pickled, the other cannot"))
    elif sequential.result is None:
        found.append(("skipped", "the result cannot be pickled"))
    else:
        found += _compare_values("result", sequential.result, parallel.result)
    found += _compare_arguments(pipeline, sequential, parallel)
    for name, data in sequential.globals.items():
        found += _compare_values(f"global {name}", data, parallel.globals.get(name))
    found += [("state", name) for name, value in sequential.state.items() if parallel.state.get(name) != value]
    return found


def _compare_values(name: str, sequential: bytes | None, parallel: bytes | None) -> Found:
    from pydron import _values

    if sequential is None or parallel is None or sequential == parallel:
        return []
    change = difference(_values.loads(sequential), _values.loads(parallel))
    return [] if change is None else [("value", f"{name}{change.path}: {_two(change.first, change.second)}")]


def _compare_arguments(pipeline: Any, sequential: Outcome, parallel: Outcome) -> Found:
    from pydron import _values

    if sequential.arguments is None or parallel.arguments is None or sequential.arguments == parallel.arguments:
        return []
    (args, kwargs), (others, named) = _values.loads(sequential.arguments), _values.loads(parallel.arguments)
    pairs = [(name, args[i], others[i]) for i, name in enumerate(parameter_names(pipeline, len(args)))]
    pairs += [(name, kwargs[name], named[name]) for name in kwargs]
    found = []
    for name, one, other in pairs:
        change = difference(one, other)
        if change is not None:
            found.append(("argument", f"argument '{name}'{change.path}: {_two(change.first, change.second)}"))
    return found


def _compare_errors(sequential: Any, parallel: Any) -> Found:
    mine, theirs = _told(sequential), _told(parallel)
    return [] if mine == theirs else [("exception", f"exception: {_two(mine, theirs)}")]


def _told(record: Any) -> str:
    """What an exception is, and what led to it."""
    notes = [note for note in record["notes"] if not note.startswith("pydron: in task ")]
    text = f"{record['type']}: {record['message']}" + "".join(f" ({note})" for note in notes)
    where = [f"{file}:{line}" for file, line, _ in record["frames"]][-1:]
    text += f" at {where[0]}" if where else ""
    for link in ("cause", "context"):
        below = record[link]
        if below is not None and not (link == "context" and record["cause"] is not None):
            text += f" ({link}: {_told(below)})"
    return text


def _end(outcome: Outcome) -> str:
    return "it returned" if outcome.error is None else f"it raised {_told(outcome.error)}"


def _two(sequential: str, parallel: str) -> str:
    return f"{sequential} in sequence, {parallel} in parallel"


def _lines(name: str, sequential: str, parallel: str) -> str:
    mine, theirs = sequential.splitlines(), parallel.splitlines()
    for number, (one, other) in enumerate(zip(mine, theirs), 1):
        if one != other:
            return f"{name}, line {number}: {_two(repr(one), repr(other))}"
    return f"{name}: {_two(f'{len(mine)} lines', f'{len(theirs)} lines')}"
