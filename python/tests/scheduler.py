"""A small scheduler for tests: it speaks the driver wire and really executes tasks, in an order the test chooses.

It keeps program order in the plainest way there is, by walking through all items again and again.
"""

from __future__ import annotations

import os
import random
import select
import shutil
import socket
import struct
import tempfile
import threading
import time
from typing import Any, Callable

from pydron import _frames, _record, _values
from pydron._carried import Carried
from pydron._wire import Disconnected, FrameSocket, Reader, pack_bytes, pack_list_u32, pack_str

U32 = struct.Struct("<I")
NAMES = {getattr(_frames, name): name for name in dir(_frames) if name.isupper()}


class Task:
    def __init__(self, n: int, function: int, deps: list[int], args: bytes) -> None:
        self.n, self.function, self.deps, self.args = n, function, deps, args
        self.state = "waiting"
        self.record = b""
        self.due = 0.0


class Marker:
    def __init__(self, number: int) -> None:
        self.number = number


class Failed:
    def __init__(self, region: int) -> None:
        self.region = region
        self.seen = False


class Token:
    def __init__(self, number: int, brief: bool, marker: int | None) -> None:
        self.number, self.brief, self.marker = number, brief, marker
        self.released = False


class Region:
    def __init__(self, number: int) -> None:
        self.number = number
        self.items: list[Any] = []
        self.closed = False
        self.brief = False
        self.raised: int | None = None  # a marker whose RAISED was not answered yet


class Connection:
    """One driver."""

    def __init__(self, server: Scheduler, sock: socket.socket) -> None:
        self.server = server
        self.sock = FrameSocket(sock)
        self.functions: dict[int, Any] = {}
        self.names: dict[int, str] = {}
        self.tasks: dict[int, Task] = {}
        self.values: dict[int, Any] = {}  # n -> (kind, payload, deps) or ("alias", n) or ("local",)
        self.failed_values: dict[int, bytes] = {}
        self.regions: dict[int, Region] = {}
        self.roots: list[Region] = []
        self.wants: list[int] = []
        self.ready: list[Task] = []
        self.waiting: list[Task] = []
        self.log: list[Any] = []
        self.freed: list[int] = []
        self.counts: dict[str, int] = {}
        self.pickles = 0

    # --- frames in

    def take(self, kind: int, data: memoryview) -> None:
        name = NAMES[kind]
        self.counts[name] = self.counts.get(name, 0) + 1
        self.server.counts[name] = self.server.counts.get(name, 0) + 1
        getattr(self, "on_" + name.lower())(Reader(data))

    def on_hello(self, r: Reader) -> None:
        assert r.str() == "pydron-driver-2"
        self.send(32, pack_str("test"), struct.pack("<II", 1, 2), pack_str(self.server.folder), b"\0", pack_str(""))

    def on_analyze(self, r: Reader) -> None:
        request = r.u32()
        self.send(33, U32.pack(request), b"\1", bytes(r.rest()))

    def on_function(self, r: Reader) -> None:
        number = r.u32()
        self.names[number] = r.str()
        r.str(), r.u32(), r.f64(), r.u64(), r.u32(), r.u32(), r.f64()
        function = _values.loads(r.bytes())
        if type(function) is Carried:  # this is the driver's process: it has the classes
            function = _values.loads(function.data)
        self.functions[number] = function

    def on_begin(self, r: Reader) -> None:
        root = Region(r.u32())
        root.items.append(Marker(root.number))
        self.regions[root.number] = root
        self.roots.append(root)

    def append(self, number: int, item: Any) -> bool:
        region = self.regions.get(number)
        if region is None or region.raised is not None:
            return False
        assert not region.closed
        region.items.append(item)
        return True

    def on_submit(self, r: Reader) -> None:
        region, first, n, _ = r.u32(), r.u32(), r.u32(), r.u8()
        functions, counts, lengths = r.columns("I", n), r.columns("I", n), r.columns("I", n)
        deps = list(r.columns("I", sum(counts)))
        for i in range(n):
            own, deps = deps[: counts[i]], deps[counts[i] :]
            task = Task(first + i, functions[i], own, bytes(r.raw(lengths[i])))
            if self.append(region, task):
                assert task.n not in self.tasks
                self.tasks[task.n] = task
                task.due = time.monotonic() + self.server.delay(self.names[task.function], task.n)
                self.waiting.append(task)

    def on_fork(self, r: Reader) -> None:
        parent, region = r.u32(), Region(r.u32())
        if self.append(parent, region):
            self.regions[region.number] = region

    def on_mark(self, r: Reader) -> None:
        region, marker = r.u32(), Marker(r.u32())
        self.append(region, marker)

    def on_close(self, r: Reader) -> None:
        region = self.regions.get(r.u32())
        if region is not None:
            assert not region.closed
            region.closed = True

    def on_fail(self, r: Reader) -> None:
        region = self.regions.get(r.u32())
        if region is not None:
            if region.raised is None:
                region.items.append(Failed(region.number))
            region.closed = True

    def on_ordered(self, r: Reader) -> None:
        region, token, brief = r.u32(), r.u32(), r.u8()
        self.append(region, Token(token, bool(brief), None))

    def on_fence(self, r: Reader) -> None:
        region, marker, token = r.u32(), r.u32(), r.u32()
        self.append(region, Token(token, False, marker))

    def on_want(self, r: Reader) -> None:
        self.wants += r.list_u32()

    def on_put(self, r: Reader) -> None:
        n, kind, deps = r.u32(), r.u8(), list(r.list_u32())
        self.values[n] = (kind, r.str() if kind else bytes(r.bytes()), deps)
        self.complete(n)

    def complete(self, n: int) -> None:
        task = self.tasks.get(n)
        if task is not None:
            task.state = "done"

    def on_alias(self, r: Reader) -> None:
        n, other = r.u32(), r.u32()
        self.values[n] = ("alias", other)

    def on_free(self, r: Reader) -> None:
        self.freed += r.list_u32()

    def on_end(self, r: Reader) -> None:
        number = r.u32()
        root = next(root for root in self.roots if root.number == number)
        self.roots.remove(root)
        self.drop([root])
        self.server.ended += 1

    def on_unmark(self, r: Reader) -> None:
        number = r.u32()
        for region in self.regions.values():
            if region.raised == number:
                region.raised = None
                return
            for item in region.items:
                if isinstance(item, Marker) and item.number == number:
                    region.items.remove(item)
                    return

    def on_note(self, r: Reader) -> None:
        pass

    def on_failvalue(self, r: Reader) -> None:
        self.failed_values[r.u32()] = b""

    def on_failtask(self, r: Reader) -> None:
        task = self.tasks[r.u32()]
        task.state, task.record = "failed", bytes(r.bytes())

    def on_localvalue(self, r: Reader) -> None:
        n = r.u32()
        self.values[n] = ("local",)
        self.complete(n)

    # --- executing

    def send(self, kind: int, *parts: Any) -> None:
        self.sock.send(kind, *parts)

    def final(self, n: int) -> Any:
        value = self.values.get(n)
        while value is not None and value[0] == "alias":
            value = self.values.get(value[1])
        return value

    def load(self, n: int, memo: dict[int, Any]) -> Any:
        if n not in memo:
            kind, payload, deps = self.final(n)
            loaded = [self.load(d, memo) for d in deps]
            memo[n] = _values.load_file(payload, loaded) if kind == 1 else _values.loads(payload, loaded)
        return memo[n]

    def available(self, n: int) -> bool:
        value = self.final(n)
        if value is None:
            return False
        return value[0] == "local" or all(self.available(d) for d in value[2])

    def has_local(self, n: int) -> bool:
        value = self.final(n)
        return value[0] == "local" or any(self.has_local(d) for d in value[2])

    def work(self) -> bool:
        """Makes one step; False if there is nothing to do now."""
        now = time.monotonic()
        self.deliver()
        runnable = []
        for task in list(self.waiting):
            bad = [d for d in task.deps if d in self.failed_values]
            failed = [self.tasks[d] for d in task.deps if d in self.tasks and self.tasks[d].state == "failed"]
            if bad:
                self.waiting.remove(task)
            elif failed:
                task.state, task.record = "failed", failed[0].record
                self.waiting.remove(task)
            elif task.due <= now and all(self.available(d) for d in task.deps):
                runnable.append(task)
        if not runnable:
            return self.walk()
        task = self.server.choose(runnable)
        self.waiting.remove(task)
        if any(self.has_local(d) for d in task.deps):
            self.rerun(task, "an argument cannot be pickled")
        else:
            self.execute(task)
        self.deliver()
        self.walk()
        return True

    def rerun(self, task: Task, reason: str) -> None:
        task.state = "rerun"
        self.send(
            40,
            struct.pack("<II", task.n, task.function),
            pack_list_u32(task.deps),
            pack_bytes(task.args),
            pack_str(reason),
        )

    def execute(self, task: Task) -> None:
        name = self.names[task.function]
        self.server.executed.append((name, task.n))
        try:
            memo: dict[int, Any] = {}
            args, kwargs = _values.loads(task.args, [self.load(d, memo) for d in task.deps])
            if self.server.printing:
                self.send(37, U32.pack(task.n), b"\1", pack_bytes(f"run {task.n}\npart".encode()))
            result = self.functions[task.function](*args, **kwargs)
        except BaseException as error:
            assert error.__traceback__ is not None
            error.__traceback__ = error.__traceback__.tb_next  # without this frame
            task.state, task.record = "failed", _record.of(error, name)
            return
        try:
            data = _values.dump(result, os.path.join(self.server.folder, f"r{task.n}"))
        except Exception as error:
            self.rerun(task, f"its result cannot be pickled: {error}")
            return
        self.values[task.n] = (1, data.path, []) if isinstance(data, _values.ValueFile) else (0, data, [])
        task.state = "done"

    def deliver(self) -> None:
        there = [n for n in self.wants if self.final(n) is not None and self.final(n)[0] != "local"]
        if not there:
            return
        self.wants = [n for n in self.wants if n not in set(there)]
        kinds, payloads = [], []
        for n in there:
            kind, payload, deps = self.final(n)
            if deps:
                kind, payload = 0, _values.dumps(self.load(n, {}))
            kinds.append(kind)
            payloads.append(payload.encode() if kind == 1 else payload)
        k = len(there)
        self.send(34, struct.pack(f"<I{k}I{k}B{k}I", k, *there, *kinds, *map(len, payloads)), *payloads)

    # --- program order

    CLEAN, BRIEF, DIRTY = 0, 1, 2

    def walk(self) -> bool:
        """Releases and raises what is due. True if anything was."""
        moved = False
        again = True
        while again:
            again = False
            for root in list(self.roots):
                if self._walk(root):
                    again = moved = True
        return moved

    def _walk(self, root: Region) -> bool:
        released: list[int] = []
        stack: list[list[Any]] = []  # [marker, region, state since then]

        def worse(state: int) -> None:
            for entry in stack:
                entry[2] = max(entry[2], state)

        def visit(region: Region) -> bool:
            depth = len(stack)
            for item in list(region.items):
                if isinstance(item, Marker):
                    stack.append([item, region, self.CLEAN])
                elif isinstance(item, Region):
                    if visit(item):
                        return True
                    if item.closed and not item.items:
                        region.items.remove(item)
                        self.regions.pop(item.number, None)
                elif isinstance(item, Task):
                    if item.state == "done":
                        region.items.remove(item)
                    elif item.state == "failed":
                        if self._fail(stack, 0, item.n, item.record):
                            return True
                        worse(self.DIRTY)
                    else:
                        worse(self.DIRTY)
                elif isinstance(item, Failed):
                    if self._fail(stack, 1, item.region, b""):
                        return True
                    worse(self.DIRTY)
                elif isinstance(item, Token):
                    if item.marker is not None:
                        entry = next((e for e in stack if e[0].number == item.marker), None)
                        if entry is None or entry[2] == self.CLEAN:
                            released.append(item.number)
                            region.items.remove(item)
                            if entry is not None:
                                at = stack.index(entry)
                                for e in stack[at:]:
                                    e[1].items.remove(e[0])
                                del stack[at:]
                                depth = min(depth, at)
                        continue
                    state = stack[0][2]
                    if state == self.CLEAN or (item.brief and state == self.BRIEF):
                        released.append(item.number)
                        region.items.remove(item)
                        region.brief = item.brief
            if region.closed:
                markers = [i for i in region.items if isinstance(i, Marker)]
                for marker in markers:
                    region.items.remove(marker)
            elif region.brief and not region.items:
                worse(self.BRIEF)
            else:
                worse(self.DIRTY)
            del stack[depth:]
            return False

        raised = visit(root)
        if released:
            self.send(35, pack_list_u32(released))
        return raised

    def _fail(self, stack: list[list[Any]], kind: int, number: int, record: bytes) -> bool:
        marker, region, state = stack[-1]
        if state != self.CLEAN:
            return False
        at = region.items.index(marker)
        body = region.items[at:]
        del region.items[at:]
        region.raised = marker.number
        self.drop(body)
        self.send(36, struct.pack("<IBI", marker.number, kind, number), pack_bytes(record))
        return True

    def drop(self, items: list[Any]) -> None:
        for item in items:
            if isinstance(item, Region):
                self.regions.pop(item.number, None)
                self.drop(item.items)
            elif isinstance(item, Task) and item in self.waiting:
                self.waiting.remove(item)


class Scheduler:
    """Listens on a socket; `with` it around the code that runs pipelines."""

    def __init__(
        self,
        order: str = "fifo",
        seed: int = 0,
        delay: Callable[[str, int], float] = lambda name, n: 0.0,
        printing: bool = False,
        path: str | None = None,
    ) -> None:
        self.folder = tempfile.mkdtemp(prefix="pydron-test-")
        self.path = path or os.path.join(self.folder, "socket")
        self.order = order
        self.random = random.Random(seed)
        self.delay = delay
        self.printing = printing
        self.executed: list[Any] = []
        self.connections: list[Connection] = []
        self.counts: dict[str, int] = {}
        self.ended = 0
        self.error: BaseException | None = None
        self._stop = False
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.path)
        self._listener.listen()
        self._listener.setblocking(False)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def choose(self, tasks: list[Task]) -> Task:
        if self.order == "lifo":
            return tasks[-1]
        if self.order == "random":
            return self.random.choice(tasks)
        return tasks[0]

    def __enter__(self) -> Scheduler:
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.error is not None:
            raise self.error

    def stop(self) -> None:
        self._stop = True
        self._thread.join()

    def _serve(self) -> None:
        try:
            while not self._stop:
                self._accept()
                idle = True
                for connection in list(self.connections):
                    idle = not self._serve_one(connection) and idle
                if idle:
                    select.select([self._listener, *[c.sock for c in self.connections]], [], [], 0.005)
        except BaseException as error:
            self.error = error
        finally:
            for connection in self.connections:
                connection.sock.close()
            self._listener.close()

    def _accept(self) -> None:
        try:
            sock, _ = self._listener.accept()
        except BlockingIOError:
            return
        self.connections.append(Connection(self, sock))

    def _serve_one(self, connection: Connection) -> bool:
        busy = False
        try:
            while True:
                frame = connection.sock.recv_nowait()
                if frame is None:
                    break
                connection.take(*frame)
                busy = True
            return connection.work() or busy
        except Disconnected:
            connection.sock.close()
            self.connections.remove(connection)
            return True
