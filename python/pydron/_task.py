"""The task process: runs the tasks that the worker sends it, one after the other.

It speaks the task wire (docs/protocols.md) over a unix socket. It decides nothing: what runs where, what is retried,
and what an error means is settled in Java. It starts with as few imports as possible, because a run waits for it.
"""

from __future__ import annotations

import os
import pickle
import signal
import socket
import struct
import sys
import time
from _thread import allocate_lock, start_new_thread
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from pydron import _carried, _place, _state, _values
from pydron._output import Output, Pipes
from pydron._pipe import Connection
from pydron._wire import Reader, pack_str

READY, RESULTS, OUTPUT, STARTED = 1, 80, 81, 82
JOB, FUNCTION, VALUE, RUN, DROP = 64, 65, 66, 67, 68

INLINE, FILE, RAISED, UNPICKLABLE, UNLOADABLE, STORE_FULL, GIVEN_BACK = range(7)

#: Exit status that tells the worker that starting this Python again will not help.
HOPELESS = 78

#: Results wait so long for others of their batch before they are sent. That wakes the worker, which takes longer than a
#: short task.
HOLD_S = 0.02

#: A function that has taken so long is not started while results wait: they might wait for all of it.
SLOW_S = 0.02

_ATOMS = frozenset((type(None), bool, int, float, complex, str, bytes))
_NOW = struct.Struct("<Q")
_dumps = pickle.dumps


class _Function:
    """A function of a job: its pickle until the first call, then the function itself."""

    __slots__ = ("call", "classes", "data", "limited", "name", "slow")

    def __init__(self, data: Any, name: str, limited: bool) -> None:
        self.data = data
        self.call: Any = None
        self.classes: _carried.Bundle | None = None
        self.name = name
        self.limited = limited
        self.slow = True  # until it has been seen to be quick


class _Value:
    """A value that tasks may depend on.

    It is loaded again for each task, so that a task that changes its argument changes nothing for the next one. Only
    what cannot be changed is kept.
    """

    __slots__ = ("deps", "kept", "kind", "source", "value")

    def __init__(self, kind: int, deps: tuple[int, ...], source: Any) -> None:
        self.kind = kind
        self.deps = deps
        self.source = source
        self.kept = False
        self.value: Any = None

    def load(self, deps: list[Any]) -> Any:
        if self.kind == FILE:
            return _values.load_file(self.source, deps)
        value = _values.loads(self.source, deps)
        if type(value) in _ATOMS or (
            type(value) is tuple and len(value) < 16 and all(type(v) in _ATOMS for v in value)
        ):
            self.value, self.kept = value, True
        return value


class _TaskProcess:
    def __init__(self, connection: Connection, files: str, now: Any) -> None:
        self.connection = connection
        self.files = files  # value files are named so, and then by attempt
        #: Shared with the worker, 8 bytes each: the attempt that is running; the last one of a run of which it wants
        #: back what has not begun.
        self.now = now
        self.tasks: Iterator[tuple[int, int, int, int]] = iter(())  # of the run, as far as they have not begun
        self.last = -1  # attempt of the run
        self.attempt = 0
        self.deps: tuple[int, ...] = ()  # of the task that is running, if it has any
        self.forked = False
        self.jobs: dict[int, tuple[str, list[str], str, list[str] | None]] = {}
        self.job: int | None = None
        self.functions: dict[int, _Function] = {}
        self.values: dict[int, _Value] = {}
        self.done: deque[tuple[int, int, float, Any]] = deque()
        self.sending = allocate_lock()
        self.busy = False
        self.helping = False
        self.gate: Any = None  # the helper thread waits here; None while there is no such thread
        self.outputs = (Output(self, 1), Output(self, 2))
        self.pipes = Pipes()

    def print(self, stream: int, text: bytes) -> None:
        """Sends what a task has printed."""
        self.connection.send(OUTPUT, struct.pack("<QBI", self.attempt, stream, len(text)), text)

    # Frames.

    def serve(self) -> None:
        while True:
            frame = self.connection.receive()
            if frame is None:
                return
            kind, payload = frame
            if kind == RUN:
                self._run(payload)
                continue
            r = Reader(payload)
            if kind == VALUE:
                value, form = r.u64(), r.u8()
                deps = r.list_u64()
                # A copy: it would keep all that was received with it.
                self.values[value] = _Value(form, deps, r.str() if form == FILE else bytes(r.bytes()))
            elif kind == FUNCTION:
                function, limited = r.u64(), r.u8()
                name = r.str()
                self.functions[function] = _Function(bytes(r.bytes()), name, bool(limited))
            elif kind == JOB:
                job = r.u32()
                cwd = r.str()
                path = [r.str() for _ in range(r.u32())]
                main, remote = r.str(), bool(r.u8())
                names = [r.str() for _ in range(r.u32())]
                self.jobs[job] = (cwd, path, main, names if remote else None)
            elif kind == DROP:
                for value in r.list_u64():
                    self.values.pop(value, None)
                for function in r.list_u64():
                    self.functions.pop(function, None)
            else:
                raise SystemExit(f"pydron: the worker sent a frame of unknown type {kind}")

    def _enter(self, job: int) -> None:
        """Makes the user's modules importable, as they are in the driver."""
        cwd, path, main, names = self.jobs[job]
        if names is not None:
            from pydron import _remote

            _remote.install(names, self.connection.path, self.connection.token, job)
        else:
            try:  # noqa: SIM105 - contextlib would have to be imported by each task process
                os.chdir(cwd)
            except OSError:
                pass  # it is gone
            sys.path[:] = _place.merge_path(path, sys.path)
        sys.argv[:] = [main]
        self.job = job

    # Running.

    def _run(self, payload: memoryview) -> None:
        job, n = struct.unpack_from("<II", payload)
        columns = struct.unpack_from(f"<{2 * n}Q{2 * n}I", payload, 8)
        counts = columns[2 * n : 3 * n]
        at = 8 + 24 * n
        deps = struct.unpack_from(f"<{sum(counts)}Q", payload, at)
        at += 8 * len(deps)
        if job != self.job:
            self._enter(job)
        functions, done, now, clock = self.functions, self.done, self.now, time.perf_counter
        loads, mark, outputs, drain = pickle.loads, _NOW.pack_into, self.outputs, self.pipes.drain
        first_dep = 0
        own_deps: tuple[int, ...] = ()
        self.tasks = tasks = zip(columns[:n], columns[n : 2 * n], counts, columns[3 * n :])
        self.last = columns[n - 1]
        self.busy = True
        if n > 1 and not self.helping:
            self._wake_helper()
        for attempt, number, count, length in tasks:
            self.attempt = attempt
            mark(now, 0, attempt)
            data = payload[at : at + length]
            at += length
            if count:
                own_deps = deps[first_dep : first_dep + count]
                first_dep += count
            function = functions[number]
            if function.slow and (done or function.limited):
                self._before_slow(function)
            try:
                call = function.call
                if call is None:
                    call = self._load_function(function)
                elif function.classes is not _carried.running:
                    _carried.enter(function.classes)
                args, kwargs = self._load_arguments(data, own_deps) if count else loads(data)
            except BaseException as error:
                self._check_fork()
                done.append((attempt, UNLOADABLE, 0.0, _reason(error)))
                continue
            began = clock()
            try:
                result = call(*args, **kwargs)
                ended = clock()
            except BaseException as error:
                ended = clock()
                self._check_fork()
                status, outcome = RAISED, self._record(error, function.name, args, kwargs)
            else:
                if self.forked:
                    self._check_fork()
                kind = type(result)
                if kind is int or kind is float or result is None or kind is bool:
                    status, outcome = INLINE, _dumps(result, 5)
                else:
                    status, outcome = self._outcome(result, attempt, function.classes)
            seconds = ended - began
            function.slow = seconds > SLOW_S or function.limited
            result = args = kwargs = None
            for output in outputs:
                output.end_task()
            drain()
            done.append((attempt, status, seconds, outcome))
        self.busy = False
        mark(now, 0, 0)
        self.flush()

    def _before_slow(self, function: _Function) -> None:
        self.flush()
        if function.limited:
            self.connection.send(STARTED, _NOW.pack(self.attempt))

    def _load_function(self, function: _Function) -> Any:
        _carried.enter(None)
        call = pickle.loads(function.data)
        if type(call) is _carried.Carried:
            call, function.classes = _carried.unpacked(call)
        function.call, function.data = call, None
        _adopt(call)
        return call

    def _load_arguments(self, data: memoryview, deps: tuple[int, ...]) -> Any:
        memo: dict[int, Any] = {}
        self.deps = deps
        return _values.loads(data, [self._value(number, memo) for number in deps])

    def _value(self, number: int, memo: dict[int, Any]) -> Any:
        value = self.values[number]
        if value.kept:
            return value.value
        # A stack of its own: values may depend on each other deeper than Python recurses.
        stack = [number]
        while stack:
            top = stack[-1]
            if top in memo:
                stack.pop()
                continue
            value = self.values[top]
            missing = [d for d in value.deps if d not in memo]
            if missing:
                stack += missing
            else:
                memo[top] = value.value if value.kept else value.load([memo[d] for d in value.deps])
                stack.pop()
        return memo[number]

    def _outcome(self, result: Any, attempt: int, classes: _carried.Bundle | None) -> tuple[int, Any]:
        try:
            dumped = _values.dump(result, f"{self.files}{attempt:x}", classes=classes)
        except _values.StoreFull as error:
            return STORE_FULL, str(error).encode()
        except BaseException as error:
            self._check_fork()
            return UNPICKLABLE, _reason(error)
        if isinstance(dumped, _values.ValueFile):
            return FILE, pack_str(dumped.path) + _NOW.pack(dumped.size)
        return INLINE, dumped

    def _record(self, error: BaseException, name: str, args: Any, kwargs: Any) -> bytes:
        from pydron import _record  # not needed as long as nothing goes wrong

        return _record.of(error, name, args, kwargs)

    # Sending results.

    def flush(self) -> None:
        """Sends the results there are. The helper thread may do it too, so the queue is emptied under a lock."""
        done = self.done
        with self.sending:
            n = len(done)
            if n == 0:
                return
            attempts, statuses, seconds, payloads = zip(*[done.popleft() for _ in range(n)])
            form = f"<I{n}Q{n}B{n}d{n}I"
            self.connection.send(
                RESULTS, struct.pack(form, n, *attempts, *statuses, *seconds, *map(len, payloads)), *payloads
            )

    def _wake_helper(self) -> None:
        """Sends results of a batch that is not through, and lets no other tasks wait behind one that takes long.

        Only batches of several tasks need it, so a process that never gets one has no second thread.
        """
        self.helping = True
        if self.gate is None:
            self.gate = allocate_lock()
            start_new_thread(self._help, (self.gate,))
        elif self.gate.locked():
            self.gate.release()

    def _help(self, gate: Any) -> None:
        gate.acquire()
        while True:
            time.sleep(HOLD_S)
            try:
                self._give_back()
                self.flush()
            except OSError:
                return
            if not self.busy:
                self.helping = False
                # The other side sets `busy` before it looks at `helping`: one of the two sees the other.
                if not self.busy:
                    gate.acquire()

    def _give_back(self) -> None:
        """Gives back what has not begun, if it is wanted: others have time for it.

        A task is taken from the iterator in one step, by this thread or by the one that would run it.
        """
        if self.last == _NOW.unpack_from(self.now, _NOW.size)[0]:
            self.last = -1
            self.done.extend((attempt, GIVEN_BACK, 0.0, b"") for attempt, *_ in list(self.tasks))

    # Processes forked by the user's code.

    def after_fork(self) -> None:
        self.forked = True
        self.connection.lock = allocate_lock()
        self.sending = allocate_lock()
        for output in self.outputs:
            output.forget_line()

    def _check_fork(self) -> None:
        """A child that the user's function forked has come out of that function. It must not speak for this process."""
        if self.forked:
            error = sys.exc_info()[1]
            code = error.code if isinstance(error, SystemExit) else 1 if error is not None else 0
            for output in self.outputs:
                output.end_task()
            os._exit(code if isinstance(code, int) else 0 if code is None else 1)


# Starting.


def _reason(error: BaseException) -> bytes:
    try:
        text = f"{type(error).__name__}: {error}"
    except Exception:
        text = type(error).__name__
    return text.encode("utf-8", "backslashreplace")


def _adopt(call: Any) -> None:
    """Gives `__main__` the classes and functions that came along with a function of the user's `__main__`.

    So that what pickles or looks them up by name (`multiprocessing`, `pickle`, `dataclasses`) finds them.
    """
    main = sys.modules["__main__"].__dict__
    for name, thing in list(getattr(call, "__globals__", {}).items()):
        if getattr(thing, "__module__", None) == "__main__" and getattr(thing, "__qualname__", None) == name:
            main.setdefault(name, thing)


def _die_with_worker() -> None:
    """Ties this process and its children to the worker.

    Standard input is a pipe that the worker never writes to. When it closes, however the worker ended, the kernel
    kills this process group, even in the middle of a task that never returns to the interpreter.
    """
    import fcntl
    import stat

    if stat.S_ISFIFO(os.fstat(0).st_mode):
        lifeline = os.dup(0)  # not inherited by children
        set_signal = getattr(fcntl, "F_SETSIG", 10)
        if sys.platform == "linux":
            fcntl.fcntl(lifeline, fcntl.F_SETOWN, -os.getpgrp())
            fcntl.fcntl(lifeline, set_signal, signal.SIGKILL)
            fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)


def _end_group(leader: int) -> None:
    """Last act of an orderly end: children that tasks have left behind go too."""
    if os.getpid() == leader == os.getpgrp():
        os.killpg(leader, signal.SIGKILL)


def main(arguments: list[str]) -> None:
    """Runs tasks until the worker hangs up. Arguments: socket, token, prefix for value files, file of 8 bytes."""
    path, token, files, now_path = arguments
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with_worker()
    _need_cloudpickle()

    import mmap

    with open(now_path, "r+b") as file:
        now = mmap.mmap(file.fileno(), 2 * _NOW.size)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.connect(path)
    connection = Connection(sock, path, token)
    _state.inside_task = True
    process = _state.process = _TaskProcess(connection, files, now)
    _send_ready(connection, token)

    # What follows is for the first task, and the worker need not wait for it.
    import atexit

    import cloudpickle  # noqa: F401

    # As in the user's program, __main__ holds nothing of ours.
    sys.modules["__main__"] = type(sys)("__main__")
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - it lives as long as the process
    sys.stdout, sys.stderr = process.outputs
    os.register_at_fork(after_in_child=process.after_fork)
    atexit.register(_end_group, os.getpid())
    try:
        process.serve()
    except (BrokenPipeError, ConnectionResetError):
        pass  # the worker is gone: nobody is left to tell
    finally:
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__


def _need_cloudpickle() -> None:
    from importlib.machinery import PathFinder

    if PathFinder.find_spec("cloudpickle") is None:
        python = sys.executable
        sys.stderr.write(f"pydron: the package 'cloudpickle' is missing: {python} -m pip install cloudpickle\n")
        sys.stderr.flush()
        os._exit(HOPELESS)


def _send_ready(connection: Connection, token: str) -> None:
    def texts(values: Iterable[str]) -> bytes:
        packed = [pack_str(value) for value in values]
        return struct.pack("<I", len(packed)) + b"".join(packed)

    packages = _place.packages()
    connection.send(
        READY,
        pack_str(token),
        struct.pack("<I", os.getpid()),
        pack_str(sys.version.split()[0]),
        texts(packages.keys()),
        texts(packages.values()),
    )
