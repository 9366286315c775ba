"""A connection to the scheduler, as one thread of the driver uses it: a job.

It numbers things, collects what is to be sent, and sorts what arrives. It knows nothing about generators: what has to
go on because something arrived is put into the `ready` queue of its run.
"""

from __future__ import annotations

import os
import struct
import sys
from bisect import bisect_right
from collections import deque
from typing import TYPE_CHECKING, Any, Deque, Dict, List, Optional, Tuple

from pydron import _values
from pydron._console import Console
from pydron._errors import PydronError
from pydron._failures import record_of, revive
from pydron._functions import Functional, register_with_cloudpickle
from pydron._pending import OUT, SETTLED, TASK, WAITING, Book, Pending
from pydron._wire import Disconnected, FrameSocket, Reader, frame, pack_bytes, pack_list_u32, pack_str

if TYPE_CHECKING:
    from pydron._run import Run, Wait
    from pydron._runtime import Region, Site

(HELLO, ANALYZE, FUNCTION, BEGIN, SUBMIT, FORK, MARK, CLOSE, FAIL, ORDERED, FENCE, WANT, PUT, ALIAS, FREE, END, UNMARK) = (
    range(1, 18)
)
NOTE, FAILVALUE, FAILTASK, LOCALVALUE = range(18, 22)
WELCOME, TEMPLATE, VALUES, RELEASED, RAISED, OUTPUT, NOTICE, PROGRESS, RERUN = range(32, 41)

PROTOCOL = "pydron-driver-1"
BATCH = 256
HOLD_S = 0.001
WELCOME_S = 30.0

_U32 = struct.Struct("<I")
_ONE = struct.Struct("<IBI")
_TWO = struct.Struct("<IBII")
_ORDERED = struct.Struct("<IBIIB")
_FENCE = struct.Struct("<IBIII")

#: Where a pipeline was called from: (site of the call, the same of the caller). None for an outermost call.
Chain = Optional[Tuple["Site", Any]]


class Entry:
    """A functional function as the scheduler knows it. Number 0: it cannot travel, for the `reason`."""

    __slots__ = ("number", "epoch", "data", "reason", "told")

    def __init__(self, number: int, epoch: int, data: Optional[bytes], reason: str = "") -> None:
        self.number = number
        self.epoch = epoch
        self.data = data
        self.reason = reason
        self.told = False


class Session:
    def __init__(self, sock: FrameSocket) -> None:
        self.sock = sock
        self.pid = os.getpid()
        self.broken = False
        self.book = Book()
        self.runs: List[Run] = []
        self.out = bytearray()
        # The batch of submissions that is being filled: all of one region and one call chain.
        self.batch_region = 0
        self.batch_chain: Chain = None
        self.batch_first = 0
        self.batch_since = 0.0
        self.batch_functions: List[int] = []
        self.batch_arguments: List[bytes] = []
        self.batch_deps: List[Tuple[int, List[int]]] = []
        self.batch_sites: List[Site] = []
        # Where tasks came from, for every batch of the present run.
        self.history: List[Tuple[List[Site], List[int], Chain]] = []
        self.history_first: List[int] = []
        self.next_value = 1
        self.next_region = 1
        self.next_token = 1
        self.next_function = 1
        self.next_request = 1
        self.next_file = 1
        self.epoch = 0
        self.packer: Any = None
        self.functions: Dict[Any, Entry] = {}
        self.by_number: Dict[int, Functional] = {}
        self.wants: List[int] = []
        self.wanted: Dict[int, Pending] = {}
        self.tokens: Dict[int, Wait] = {}
        self.markers: Dict[int, Tuple[Region, Any]] = {}
        self.templates: Dict[int, Tuple[bool, Any]] = {}
        self.local: Dict[int, Any] = {}
        self.local_errors: Dict[int, BaseException] = {}
        self.reruns: Deque[Rerun] = deque()
        register_with_cloudpickle()
        self._hello()

    def _hello(self) -> None:
        main = getattr(sys.modules.get("__main__"), "__file__", None) or ""
        path = [os.path.abspath(p) for p in sys.path if isinstance(p, str)]
        self.sock.send(
            HELLO,
            pack_str(PROTOCOL),
            _U32.pack(self.pid),
            pack_str(sys.executable or ""),
            pack_str(sys.version.split()[0]),
            pack_str(os.getcwd()),
            _U32.pack(len(path)),
            *map(pack_str, path),
            pack_str(os.path.abspath(main) if main else ""),
        )
        try:
            kind, data = self.sock.recv(WELCOME_S)
            while kind == NOTICE:
                self._notice(data, None)
                kind, data = self.sock.recv(WELCOME_S)
        except TimeoutError:
            raise Disconnected(f"the scheduler did not answer within {WELCOME_S:g} s") from None
        if kind != WELCOME:
            raise Disconnected("what answers is not a pydron scheduler")
        reader = Reader(data)
        self.version = reader.str()
        self.job = reader.u32()
        self.slots = reader.u32()
        self.directory = reader.str()
        self.console = Console(bool(reader.u8()))

    def abandon(self) -> None:
        """In a forked child: the connection stays the parent's."""
        self.broken = True
        self.sock.close()

    def __del__(self) -> None:
        sock = getattr(self, "sock", None)
        if sock is not None:
            sock.close()

    def usable(self) -> bool:
        return not self.broken and self.sock.in_step and self.pid == os.getpid()

    # --- sending

    def _pack_batch(self) -> None:
        arguments = self.batch_arguments
        n = len(arguments)
        if not n:
            return
        counts = [0] * n
        deps: List[int] = []
        for index, numbers in self.batch_deps:
            counts[index] = len(numbers)
            deps += numbers
        data = b"".join(arguments)
        size = 14 + 12 * n + 4 * len(deps) + len(data)
        self.out += struct.pack(
            f"<IBIIIB{3 * n + len(deps)}I",
            size,
            SUBMIT,
            self.batch_region,
            self.batch_first,
            n,
            0,
            *self.batch_functions,
            *counts,
            *map(len, arguments),
            *deps,
        )
        self.out += data
        self.history.append((self.batch_sites, self.batch_functions, self.batch_chain))
        self.history_first.append(self.batch_first)
        self.batch_functions = []
        self.batch_arguments = []
        self.batch_deps = []
        self.batch_sites = []

    def open_batch(self, region: int, chain: Chain) -> None:
        self._pack_batch()
        self.batch_region = region
        self.batch_chain = chain

    def emit(self, data: bytes) -> None:
        """Puts a frame behind everything submitted so far."""
        if self.batch_arguments:
            self._pack_batch()
        self.out += data

    def begin(self, region: int) -> None:
        self.emit(_ONE.pack(5, BEGIN, region))

    def end(self, region: int) -> None:
        self.emit(_ONE.pack(5, END, region))

    def fork(self, parent: int, region: int) -> None:
        self.emit(_TWO.pack(9, FORK, parent, region))

    def mark(self, region: int, marker: int) -> None:
        self.emit(_TWO.pack(9, MARK, region, marker))

    def unmark(self, marker: int) -> None:
        self.markers.pop(marker, None)
        self.emit(_ONE.pack(5, UNMARK, marker))

    def close(self, region: int) -> None:
        self.emit(_ONE.pack(5, CLOSE, region))

    def fail(self, region: int) -> None:
        self.emit(_ONE.pack(5, FAIL, region))

    def fail_value(self, number: int) -> None:
        self.emit(_ONE.pack(5, FAILVALUE, number))

    def ordered(self, region: int, wait: Wait, brief: bool) -> None:
        token = self._token(wait)
        self.emit(_ORDERED.pack(10, ORDERED, region, token, brief))

    def fence(self, region: int, marker: int, wait: Wait) -> None:
        token = self._token(wait)
        self.emit(_FENCE.pack(13, FENCE, region, marker, token))

    def _token(self, wait: Wait) -> int:
        token = self.next_token
        self.next_token = token + 1
        self.tokens[token] = wait
        return token

    def new_region(self) -> int:
        number = self.next_region
        self.next_region = number + 1
        return number

    def new_value(self) -> int:
        # Tasks of a batch are numbered in a row.
        if self.batch_arguments:
            self._pack_batch()
        number = self.next_value
        self.next_value = number + 1
        return number

    def want(self, pending: Pending) -> None:
        n = pending.n
        if pending.kind == TASK and n not in self.wanted:
            self.wanted[n] = pending
            if n in self.local:
                self._settle(n, self.local[n])
            else:
                self.wants.append(n)

    def flush(self) -> None:
        if self.batch_arguments:
            self._pack_batch()
        if self.wants:
            self.out += frame(WANT, pack_list_u32(self.wants))
            self.wants = []
        if self.book.dead:
            # Last, so that what is still named by a submission before it is known to be in use.
            numbers = self.book.take_dead()
            if numbers:
                self.out += frame(FREE, pack_list_u32(numbers))
        if self.out:
            out = self.out
            self.out = bytearray()
            try:
                self.sock.send_raw([out])
            except Disconnected as error:
                raise self._lost(error) from None

    def _lost(self, error: Exception) -> PydronError:
        self.broken = True
        self.console.erase()
        return PydronError(f"The scheduler has gone while a pipeline was running: {error}")

    # --- functions

    def function(self, functional: Functional) -> Entry:
        """Tells the scheduler about a function, again if opaque code may have changed what it refers to."""
        entry = self.functions.get(functional)
        if entry is not None and entry.data == b"":
            entry.epoch = self.epoch
            return entry
        try:
            by_name = functional.importable() and functional.__module__ != "__main__"
            data = _values.dumps(functional if by_name else functional.__wrapped__)
        except Exception as error:
            told = entry is not None and entry.told
            entry = self.functions[functional] = Entry(0, self.epoch, None, f"it cannot be pickled: {_brief(error)}")
            entry.told = told
            return entry
        if entry is not None and entry.data == data:
            entry.epoch = self.epoch
            return entry
        number = self.next_function
        self.next_function = number + 1
        code = getattr(functional.__wrapped__, "__code__", None)
        retries = functional.retries
        payload = (
            _U32.pack(number)
            + pack_str(display_name(functional))
            + pack_str(code.co_filename if code else "")
            + struct.pack(
                "<IdQIId",
                code.co_firstlineno if code else 0,
                functional.cpus,
                functional.memory,
                functional.gpus,
                0xFFFFFFFF if retries is None else retries,
                functional.timeout,
            )
            + pack_bytes(data)
        )
        self.out += frame(FUNCTION, payload)
        # What travels by name never changes; b"" stands for its pickle.
        entry = self.functions[functional] = Entry(number, self.epoch, b"" if by_name else data)
        self.by_number[number] = functional
        return entry

    def tell_here(self, functional: Functional, entry: Entry, reason: str) -> None:
        """One line, once for each function, about calls that cannot be tasks."""
        if not entry.told:
            entry.told = True
            name = display_name(functional)
            self.console.notice(f"'{name}' runs in the driver, one call after the other: {reason}")

    # --- values of the driver

    def value_path(self) -> str:
        number = self.next_file
        self.next_file = number + 1
        return os.path.join(self.directory, f"d{self.job:x}-{number:x}")

    def put(self, number: int, data: Any, deps: List[int]) -> None:
        payload = _U32.pack(number) + bytes([isinstance(data, _values.ValueFile)]) + pack_list_u32(deps)
        if isinstance(data, _values.ValueFile):
            payload += pack_str(data.path) + struct.pack("<Q", data.size)
        else:
            payload += pack_bytes(data)
        self.emit(frame(PUT, payload))

    def put_local(self, number: int, value: Any) -> None:
        self.local[number] = value
        self.emit(_ONE.pack(5, LOCALVALUE, number))
        if number in self.wanted:
            self._settle(number, value)

    def alias(self, number: int, other: int) -> None:
        self.emit(_TWO.pack(9, ALIAS, number, other))

    # --- analysis

    def analyze(self, unit: bytes) -> bytes:
        """The template of a unit. Raises PydronError with the scheduler's words if there is none."""
        request = self.next_request
        self.next_request = request + 1
        self.emit(frame(ANALYZE, _U32.pack(request) + unit))
        while request not in self.templates:
            self.pump()
        ok, answer = self.templates.pop(request)
        if not ok:
            raise PydronError(str(answer))
        return bytes(answer)

    # --- receiving

    def pump(self) -> None:
        """Sends what there is to send, waits for something to arrive, and takes it in."""
        self.flush()
        try:
            found: Any = self.sock.recv()
            for _ in range(64):
                kind, data = found
                handler = _HANDLERS.get(kind)
                if handler is None:
                    raise self._lost(Disconnected(f"it sent a frame of unknown type {kind}"))
                handler(self, data)
                found = self.sock.recv_nowait()
                if found is None:
                    break
        except Disconnected as error:
            raise self._lost(error) from None
        except struct.error as error:
            raise self._lost(Disconnected(f"it sent a malformed frame: {error}")) from None

    def _on_template(self, data: memoryview) -> None:
        reader = Reader(data)
        request, ok = reader.u32(), reader.u8()
        self.templates[request] = bool(ok), reader.rest() if ok else reader.str()

    def _on_values(self, data: memoryview) -> None:
        (n,) = _U32.unpack_from(data)
        columns = struct.unpack_from(f"<{n}I{n}B{n}I", data, 4)
        at = 4 + 9 * n
        wanted, loads = self.wanted, _values.loads
        for number, kind, size in zip(columns[:n], columns[n : 2 * n], columns[2 * n :]):
            payload = data[at : at + size]
            at += size
            if number not in wanted:
                continue
            try:
                if kind == 0:
                    value = loads(payload)
                elif kind == 1:
                    value = _values.load_file(str(payload, "utf-8", "surrogateescape"))
                else:
                    raise revive(payload).error
            except Exception as error:
                name = self.task_name(number)
                raise PydronError(f"The result of '{name}' cannot be loaded here: {_brief(error)}") from error
            self._settle(number, value)

    def _settle(self, number: int, value: Any) -> None:
        pending = self.wanted.pop(number)
        if pending.state != WAITING:
            return
        pending.value = value
        pending.state = SETTLED
        for run in reversed(self.runs):
            if number >= run.first_task:
                run.open_tasks -= pending.kind == TASK and number >= run.count_from
                break
        wake(pending)

    def _on_released(self, data: memoryview) -> None:
        for token in Reader(data).list_u32():
            wait = self.tokens.pop(token, None)
            if wait is not None:
                wait.release()

    def _on_raised(self, data: memoryview) -> None:
        reader = Reader(data)
        marker, kind, number = reader.u32(), reader.u8(), reader.u32()
        found = self.markers.pop(marker, None)
        if found is not None:
            region, mark = found
            region.run.raised(region, mark, kind, number, reader.bytes())

    def _on_output(self, data: memoryview) -> None:
        reader = Reader(data)
        task, stream = reader.u32(), reader.u8()
        self.console.task_output(task, self.task_name(task), stream, str(reader.bytes(), "utf-8", "replace"))

    def _notice(self, data: memoryview, console: Optional[Console]) -> None:
        reader = Reader(data)
        level = reader.u8()
        (console or Console(False)).notice(reader.str(), level)

    def _on_notice(self, data: memoryview) -> None:
        self._notice(data, self.console)

    def _on_progress(self, data: memoryview) -> None:
        if self.runs:
            self.console.progress(*Reader(data).columns("I", 5))

    def _on_rerun(self, data: memoryview) -> None:
        reader = Reader(data)
        task, function, deps = reader.u32(), reader.u32(), reader.list_u32()
        self.reruns.append(Rerun(self, task, function, deps, bytes(reader.bytes()), reader.str()))

    def rerun_one(self) -> bool:
        """Runs one of the calls that could not run elsewhere; False if none can run now."""
        for index, rerun in enumerate(self.reruns):
            if rerun.ready():
                del self.reruns[index]
                rerun.run()
                return True
        return False

    # --- tasks

    def _batch_of(self, task: int) -> Optional[Tuple[int, Tuple[List[Site], List[int], Chain]]]:
        index = bisect_right(self.history_first, task) - 1
        if index < 0 or task - self.history_first[index] >= len(self.history[index][0]):
            return None
        return task - self.history_first[index], self.history[index]

    def task_origin(self, task: int) -> Tuple[Optional[Site], Chain]:
        """Where a task was called from."""
        found = self._batch_of(task)
        return (None, None) if found is None else (found[1][0][found[0]], found[1][2])

    def task_name(self, task: int) -> str:
        found = self._batch_of(task)
        return f"task {task}" if found is None else display_name(self.by_number[found[1][1][found[0]]])

    def forget_history(self) -> None:
        self.history.clear()
        self.history_first.clear()


def wake(pending: Pending) -> None:
    waiters = pending.waiters
    if waiters is not None:
        pending.waiters = None
        if type(waiters) is list:
            for wait in waiters:
                wait.arrived()
        else:
            waiters.arrived()


class Rerun:
    """A call that has to run in the driver, since its arguments or its result cannot travel."""

    __slots__ = ("session", "task", "function", "deps", "arguments", "reason", "values")

    def __init__(
        self, session: Session, task: int, function: int, deps: Tuple[int, ...], arguments: bytes, reason: str
    ) -> None:
        self.session = session
        self.task = task
        self.function = function
        self.deps = deps
        self.arguments = arguments
        self.reason = reason
        self.values: Dict[int, Pending] = {}
        for n in deps:
            if n in session.local:
                continue
            pending = session.wanted.get(n)
            if pending is None:
                # Not the variable's own pending: dying, it must not free the value's number.
                pending = Pending(session.book, OUT, 0)
                session.wanted[n] = pending
                session.wants.append(n)
            self.values[n] = pending

    def ready(self) -> bool:
        local = self.session.local
        return all(pending.state == SETTLED or n in local for n, pending in self.values.items())

    def run(self) -> None:
        session = self.session
        functional = session.by_number[self.function]
        entry = session.functions.get(functional)
        if entry is not None:
            session.tell_here(functional, entry, self.reason)
        local = session.local
        try:
            deps = [local[n] if n in local else self.values[n].value for n in self.deps]
            args, kwargs = _values.loads(self.arguments, deps)
            session.console.erase()
            value = functional.__wrapped__(*args, **kwargs)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            session.local_errors[self.task] = error
            record = record_of(error, display_name(functional))
            session.emit(frame(FAILTASK, _U32.pack(self.task) + pack_bytes(record)))
            return
        try:
            data = _values.dump(value, session.value_path())
        except Exception:
            session.put_local(self.task, value)
        else:
            session.put(self.task, data, [])


def display_name(functional: Functional) -> str:
    module = functional.__module__
    name: str = functional.__qualname__
    return name if module == "__main__" else f"{module}.{name}"


def _brief(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__


_HANDLERS: Dict[int, Any] = {
    TEMPLATE: Session._on_template,
    VALUES: Session._on_values,
    RELEASED: Session._on_released,
    RAISED: Session._on_raised,
    OUTPUT: Session._on_output,
    NOTICE: Session._on_notice,
    PROGRESS: Session._on_progress,
    RERUN: Session._on_rerun,
}
