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
from itertools import count
from typing import TYPE_CHECKING, Any, Optional

from pydron import _place, _values
from pydron._arrivals import HANDLERS
from pydron._carried import Classes
from pydron._console import Console
from pydron._errors import PydronError
from pydron._expected import Expectations
from pydron._frames import (
    ALIAS,
    ANALYZE,
    BEGIN,
    CLOSE,
    END,
    FAIL,
    FAILTASK,
    FAILVALUE,
    FENCE,
    FORK,
    FREE,
    HELLO,
    LOCALVALUE,
    MARK,
    NOTICE,
    ORDERED,
    PUT,
    SUBMIT,
    UNMARK,
    WANT,
    WELCOME,
)  # fmt: skip
from pydron._functions import name_of, register_with_cloudpickle
from pydron._pending import SETTLED, TASK, WAITING, Book, Pending, wake
from pydron._registry import Registry
from pydron._rerun import Rerun
from pydron._speculation import Speculation
from pydron._window import Window
from pydron._wire import Disconnected, FrameSocket, Reader, frame, pack_bytes, pack_list_u32, pack_str

if TYPE_CHECKING:
    from pydron._run import Run
    from pydron._runtime import Region
    from pydron._spec import Site
    from pydron._trace import Trace
    from pydron._verify import Verifier
    from pydron._waits import Wait

PROTOCOL = "pydron-driver-2"
BATCH = 256
HOLD_S = 0.001
WELCOME_S = 30.0

#: Nothing has come for so long, so that it may be one's own fault.
_PATIENCE_S = 0.02

#: Tasks of which a long loop remembers where they were called.
_REMEMBERED = 300_000

_U32 = struct.Struct("<I")
_ONE = struct.Struct("<IBI")
_TWO = struct.Struct("<IBII")
_ORDERED = struct.Struct("<IBIIB")
_FENCE = struct.Struct("<IBIII")

#: Where a pipeline was called from: (site of the call, the same of the caller). None for an outermost call.
Chain = Optional[tuple["Site", Any]]

_ids = count(1)


class Session:
    def __init__(self, sock: FrameSocket) -> None:
        _values.keep_classes()
        self.sock = sock
        self.pid = os.getpid()
        self.broken = False
        self.book = Book()
        self.runs: list[Run] = []
        self.out = bytearray()
        # The batch of submissions that is being filled: all of one region and one call chain.
        self.batch_region = 0
        self.batch_chain: Chain = None
        self.batch_first = 0
        self.batch_since = 0.0
        self.batch_functions: list[int] = []
        self.batch_arguments: list[bytes] = []
        self.batch_deps: list[tuple[int, list[int]]] = []
        self.batch_sites: list[Site] = []
        # Where tasks came from, for every batch of the present run.
        self.history: list[tuple[list[Site], list[int], Chain]] = []
        self.history_first: list[int] = []
        self.next_value = 1
        self.results_here = 0  # that came as small pickles
        self.next_region = 1
        self.next_token = 1
        self.next_request = 1
        self.next_file = 1
        self.epoch = 0
        self.id = next(_ids)  # in this process
        self.packer: Any = None
        self.verifier: Verifier | None = None
        self.classes = Classes(self)
        self.registry = Registry(self)
        self.wants: list[int] = []
        self.wanted: dict[int, Pending] = {}
        self.window = Window(self)
        self.tokens: dict[int, Wait] = {}
        self.markers: dict[int, tuple[Region, Any]] = {}
        self.templates: dict[int, tuple[bool, Any]] = {}
        self.local: dict[int, Any] = {}
        self.local_errors: dict[int, BaseException] = {}
        self.contexts: dict[int, BaseException | None] = {}  # of tasks submitted while an exception was being handled
        self.reruns: deque[Rerun] = deque()
        self.speculation = Speculation(self)
        self.expectations = Expectations()
        self.adopted: dict[int, tuple[Site, Chain]] = {}  # where tasks that were sent ahead were called from in the end
        self.trace: Trace | None = None  # where the scheduler asked for it
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
            *map(pack_str, _place.requirements()),
        )
        try:
            kind, data = self.sock.recv(WELCOME_S)
            while kind == NOTICE:
                self.notice(data, None)
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
        flags = reader.u8()
        self.analyses = reader.str()  # a folder of this build of the scheduler
        self.console = Console(bool(flags & 1))
        if flags & 2:
            from pydron._trace import Trace

            self.trace = Trace(self)

    def abandon(self) -> None:
        """In a forked child: the connection stays the parent's."""
        self.broken = True
        self.sock.close()

    def close_connection(self) -> None:
        self.broken = True
        self.sock.close()

    def __del__(self) -> None:
        sock = getattr(self, "sock", None)
        if sock is not None:
            sock.close()

    def usable(self) -> bool:
        return not self.broken and self.sock.in_step and self.pid == os.getpid()

    # --- sending

    def pack_batch(self) -> None:
        arguments = self.batch_arguments
        n = len(arguments)
        if not n:
            return
        counts = [0] * n
        deps: list[int] = []
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
        self.pack_batch()
        self.batch_region = region
        self.batch_chain = chain

    def emit(self, data: bytes) -> None:
        """Puts a frame behind everything submitted so far."""
        if self.batch_arguments:
            self.pack_batch()
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

    def fail_task(self, task: int, record: bytes) -> None:
        self.emit(frame(FAILTASK, _U32.pack(task) + pack_bytes(record)))

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
            self.pack_batch()
        number = self.next_value
        self.next_value = number + 1
        return number

    def want(self, pending: Pending, at_once: bool = False) -> None:
        """Asks for a value as soon as there is room for it, or `at_once`: all of those are needed together."""
        n = pending.n
        if pending.kind == TASK and n not in self.wanted:
            self.wanted[n] = pending
            if n in self.local:
                self.settle(n, self.local[n])
            elif at_once:
                self.wants.append(n)
            else:
                self.window.queue.append(n)

    def flush(self) -> None:
        if self.batch_arguments:
            self.pack_batch()
        numbers = self.book.take_dead() if self.book.dead else []
        window = self.window
        window.gone(numbers)
        if window.queue:
            window.ask()
        if self.wants:
            self.out += frame(WANT, pack_list_u32(self.wants))
            self.wants = []
        if numbers:
            # Last, so that what is still named by a submission before it is known to be in use.
            self.expectations.over(*numbers)
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

    # --- values of the driver

    def value_path(self) -> str:
        number = self.next_file
        self.next_file = number + 1
        return os.path.join(self.directory, f"d{self.job:x}-{number:x}")

    def put(self, number: int, data: Any, deps: list[int]) -> None:
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
            self.settle(number, value)

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

    def pump(self, timeout: float | None = None) -> bool:
        """Sends what there is to send, waits until something arrives and takes it in. False if nothing came in time."""
        self.flush()
        try:
            found: Any = self.sock.recv(timeout) if timeout is not None or not self.window.queue else self._awaited()
            while found is not None:
                kind, data = found
                handler = HANDLERS.get(kind)
                if handler is None:
                    raise self._lost(Disconnected(f"it sent a frame of unknown type {kind}"))
                handler(self, data)
                found = self.sock.recv_nowait()
            return True
        except TimeoutError:
            return False
        except Disconnected as error:
            raise self._lost(error) from None
        except struct.error as error:
            raise self._lost(Disconnected(f"it sent a malformed frame: {error}")) from None

    def _awaited(self) -> Any:
        """What comes next, while more is wanted than was asked for."""
        patience = _PATIENCE_S
        while True:
            try:
                return self.sock.recv(patience)
            except TimeoutError:
                patience = min(2 * patience, 1.0)
                if self.window.ask_for_the_earliest():
                    self.flush()

    def settle(self, number: int, value: Any) -> None:
        pending = self.wanted.pop(number)
        self.expectations.over(number)
        self.window.asked.discard(number)
        self.adopted.pop(number, None)
        if pending.state != WAITING:
            return
        pending.value = value
        pending.state = SETTLED
        for run in reversed(self.runs):
            if number >= run.first_task:
                if number in run.adopted:
                    run.adopted.discard(number)
                    run.open_tasks -= 1
                else:
                    run.open_tasks -= pending.kind == TASK and number >= run.count_from
                break
        wake(pending)

    def notice(self, data: memoryview, console: Console | None) -> None:
        reader = Reader(data)
        level = reader.u8()
        (console or Console(False)).notice(reader.str(), level)

    def rerun_one(self) -> bool:
        """Runs one of the calls that could not run elsewhere; False if none can run now."""
        for index, rerun in enumerate(self.reruns):
            if rerun.ready():
                del self.reruns[index]
                rerun.run()
                return True
        return False

    # --- tasks

    def _batch_of(self, task: int) -> tuple[int, tuple[list[Site], list[int], Chain]] | None:
        index = bisect_right(self.history_first, task) - 1
        if index < 0 or task - self.history_first[index] >= len(self.history[index][0]):
            return None
        return task - self.history_first[index], self.history[index]

    def task_origin(self, task: int) -> tuple[Site | None, Chain]:
        """Where a task was called from."""
        if task in self.adopted:
            return self.adopted[task]
        found = self._batch_of(task)
        return (None, None) if found is None else (found[1][0][found[0]], found[1][2])

    def task_name(self, task: int) -> str:
        found = self._batch_of(task)
        return f"task {task}" if found is None else name_of(self.registry.by_number[found[1][1][found[0]]])

    def trim_history(self) -> None:
        """Nearly everything up to now is complete: of a long loop only the latest is remembered. An older task may fail
        where its lost result is computed again, or others have been passing it for long: then its line is missing."""
        if len(self.runs) == 1 and self.trace is None and self.verifier is None:
            old = bisect_right(self.history_first, self.next_value - _REMEMBERED) - 1
            if old > 0:
                del self.history[:old], self.history_first[:old]

    def forget_history(self) -> None:
        self.history.clear()
        self.history_first.clear()
        self.adopted.clear()
