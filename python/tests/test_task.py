"""The task process, spoken to over a real socket as the worker does."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

import cloudpickle
import pytest

from pydron import _place, _task, _values
from pydron._wire import Reader

PACKAGE = str(Path(_values.__file__).parents[1])
START = "import os, sys; os.setsid(); sys.path[0] = sys.argv[1]; from pydron._task import main; main(sys.argv[2:])"
# Functions of this module go by value, as those of the user's main script do.
cloudpickle.register_pickle_by_value(sys.modules[__name__])


def text(value):
    data = value.encode() if isinstance(value, str) else value
    return struct.pack("<I", len(data)) + data


class Peer:
    """The worker's end of one task process."""

    def __init__(self, folder):
        self.folder = folder
        self.now = folder / "now"
        self.now.write_bytes(bytes(16))
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(folder / "s"))
        listener.listen()
        listener.settimeout(20)
        arguments = [str(folder / "s"), "token", str(folder / "v-"), str(self.now)]
        began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, PACKAGE, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.sock, _ = listener.accept()
        listener.close()
        self.sock.settimeout(20)
        self.input = self.sock.makefile("rb")
        self.ready = self.receive()
        self.start_seconds = time.monotonic() - began
        self.outputs = []
        self.started = []
        self.functions = 0
        # Five zero bytes: the driver's files are here, so that no modules are named.
        self.send(64, struct.pack("<I", 1) + text(str(folder)) + struct.pack("<I", 0) + text("user.py") + bytes(5))

    def send(self, kind, payload):
        self.sock.sendall(struct.pack("<IB", len(payload) + 1, kind) + payload)

    def receive(self):
        head = self.input.read(5)
        if len(head) < 5:
            raise EOFError
        length, kind = struct.unpack("<IB", head)
        return kind, self.input.read(length - 1)

    def function(self, f, limited=False, pickled=None):
        self.functions += 1
        data = pickled if pickled is not None else cloudpickle.dumps(f)
        self.send(
            65, struct.pack("<QB", self.functions, limited) + text("user." + getattr(f, "__name__", "f")) + text(data)
        )
        return self.functions

    def value(self, number, data, deps=(), path=None):
        body = struct.pack("<QBI", number, path is not None, len(deps)) + struct.pack(f"<{len(deps)}Q", *deps)
        self.send(66, body + text(path if path is not None else data))

    def run(self, function, calls, first=1, deps=None, job=1):
        """Each of `calls` is an args tuple or a whole pickle; `deps` are lists of values, one for each."""
        n = len(calls)
        deps = deps or [[] for _ in calls]
        pickles = [c if isinstance(c, bytes) else pickle.dumps((c, {}), 5) for c in calls]
        flat = [d for some in deps for d in some]
        columns = [*range(first, first + n), *[function] * n, *map(len, deps), *map(len, pickles)]
        head = struct.pack(f"<II{2 * n}Q{2 * n}I{len(flat)}Q", job, n, *columns, *flat)
        self.send(67, head + b"".join(pickles))

    def results(self, n):
        """The next `n` results: {attempt: (status, payload, seconds)}."""
        got = {}
        while len(got) < n:
            kind, data = self.receive()
            if kind == 81:
                attempt, stream, length = struct.unpack_from("<QBI", data)
                assert len(data) == 13 + length
                self.outputs.append((attempt, stream, data[13:].decode(errors="replace")))
            elif kind == 82:
                self.started.append(struct.unpack("<Q", data)[0])
            else:
                assert kind == 80
                (m,) = struct.unpack_from("<I", data)
                columns = struct.unpack_from(f"<{m}Q{m}B{m}d{m}I", data, 4)
                at = 4 + 21 * m
                for i in range(m):
                    length = columns[3 * m + i]
                    got[columns[i]] = (columns[m + i], data[at : at + length], columns[2 * m + i])
                    at += length
                assert at == len(data)
        return got

    def call(self, f, *args):
        status, data, _ = self.results_of(f, args)
        assert status == _task.INLINE, data
        return pickle.loads(data)

    def results_of(self, f, args=()):
        self.run(self.function(f), [args])
        return self.results(1)[1]

    def record(self, f, *args):
        status, data, _ = self.results_of(f, args)
        assert status == _task.RAISED, data
        return pickle.loads(data)

    def close(self):
        self.input.close()
        self.sock.close()
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()
        self.process.stderr.close()


@pytest.fixture
def peer(tmp_path):
    peer = Peer(tmp_path)
    yield peer
    peer.close()


def test_it_introduces_itself(peer):
    kind, data = peer.ready
    assert kind == 1
    r = Reader(memoryview(data))
    assert (r.str(), r.u32(), r.str()) == ("token", peer.process.pid, sys.version.split()[0])
    names, versions = [[r.str() for _ in range(r.u32())] for _ in range(2)]
    assert dict(zip(names, versions))["cloudpickle"] == cloudpickle.__version__


def test_a_batch_runs_in_order(peer):
    peer.run(peer.function(lambda x: (x, x * 2)), [(i,) for i in range(300)], first=10)
    got = peer.results(300)
    assert list(got) == list(range(10, 310))
    assert all(pickle.loads(data) == (i, 2 * i) for i, (_, data, _) in enumerate(got.values()))
    assert all(0 <= seconds < 1 for _, _, seconds in got.values())


def test_keyword_arguments(peer):
    peer.run(peer.function(lambda a, *, b: a - b), [pickle.dumps(((5,), {"b": 3}), 5)])
    assert pickle.loads(peer.results(1)[1][1]) == 2


def test_the_users_world(peer, tmp_path):
    (tmp_path / "usermod.py").write_text("def g(): return 'imported'\n")
    peer.send(
        64,
        struct.pack("<I", 2)
        + text(str(tmp_path))
        + struct.pack("<I", 1)
        + text(str(tmp_path))
        + text("user.py")
        + bytes(5),
    )

    def f():
        import usermod

        main = sys.modules["__main__"]
        return os.getcwd(), usermod.g(), sys.argv, sorted(k for k in vars(main) if not k.startswith("__"))

    peer.run(peer.function(f), [()], job=2)
    assert pickle.loads(peer.results(1)[1][1]) == (str(tmp_path), "imported", ["user.py"], [])


def test_it_is_inside_a_task(peer):
    def f():
        import pydron._state

        return pydron._state.inside_task

    assert peer.call(f) is True


def test_state_of_a_function_lasts_and_its_arguments_do_not(peer):
    def f(given, seen=[]):  # noqa: B006
        seen.append(1)
        given.append(2)
        return len(seen), given

    peer.value(9, pickle.dumps([1]))
    args = b"\x80\x05K\x00Q\x85}\x86."  # ((ref 0,), {})
    peer.run(peer.function(f), [args, args], deps=[[9], [9]])
    got = peer.results(2)
    assert [pickle.loads(got[i][1]) for i in (1, 2)] == [(1, [1, 2]), (2, [1, 2])]


def pair(*indices):
    """Arguments that are references."""

    class Ref:
        def __init__(self, i):
            self.i = i

    return _values.dumps(
        (tuple(Ref(i) for i in indices), {}), lambda o: getattr(o, "i", None) if type(o).__name__ == "Ref" else None
    )


def test_values_inline_in_files_and_in_each_other(peer, tmp_path):
    _values.dump(b"x" * 100_000, str(tmp_path / "big"))
    peer.value(1, None, path=str(tmp_path / "big"))
    peer.value(2, pickle.dumps("small"))
    peer.value(3, pickle.dumps(0)[:2] + b"]\x94(K\x00QK\x01QK\x00Qe.", deps=[1, 2])
    peer.run(peer.function(lambda v, w: (len(v[0]), v[1], v[0] is v[2], v[0] is w)), [pair(0, 1)], deps=[[3, 1]])
    assert pickle.loads(peer.results(1)[1][1]) == (100_000, "small", True, True)


def test_values_nested_deeper_than_python_recurses(peer):
    peer.value(1, pickle.dumps([]))
    for i in range(2, 3000):
        peer.value(i, pickle.dumps(0)[:2] + b"]\x94K\x00Qa.", deps=[i - 1])

    def depth(v):
        n = 0
        while v:
            v, n = v[0], n + 1
        return n

    peer.run(peer.function(depth), [pair(0)], deps=[[2999]])
    assert pickle.loads(peer.results(1)[1][1]) == 2998


def test_dropped_values_and_functions_are_gone(peer):
    f = peer.function(lambda v: v)
    peer.value(5, pickle.dumps(1))
    peer.send(68, struct.pack("<IQI", 1, 5, 0))
    peer.run(f, [pair(0)], deps=[[5]])
    assert peer.results(1)[1][0] == _task.UNLOADABLE


def test_a_large_result_is_a_file(peer):
    np = pytest.importorskip("numpy")
    status, data, _ = peer.results_of(lambda: np.arange(100_000))
    assert status == _task.FILE
    r = Reader(memoryview(data))
    path, size = r.str(), r.u64()
    assert path == str(peer.folder / "v-1") and os.path.getsize(path) == size
    assert _values.load_file(path).sum() == 4999950000


def test_results_that_cannot_be_pickled(peer):
    status, data, _ = peer.results_of(lambda: (i for i in ()))
    assert status == _task.UNPICKLABLE
    assert b"generator" in data


def test_arguments_and_functions_that_cannot_be_loaded(peer):
    peer.run(peer.function(None, pickled=b"cnot_a_module\nf\n."), [(), ()])
    assert [r[0] for r in peer.results(2).values()] == [_task.UNLOADABLE] * 2
    peer.run(peer.function(lambda x: x), [b"cnot_a_module\nf\n.", (7,)])
    got = peer.results(2)
    assert got[1][0] == _task.UNLOADABLE and b"not_a_module" in got[1][1]
    assert pickle.loads(got[2][1]) == 7


def test_an_exception_record(peer):
    def inner(x):
        raise KeyError("k") from ValueError(x)

    def f(x):
        inner(x)

    record = peer.record(f, "y" * 100)
    assert record["type"] == "builtins.KeyError"
    assert record["message"] == "'k'"
    assert [name for _, _, name in record["frames"]] == ["f", "inner"]
    assert record["frames"][0][:2] == (__file__, f.__code__.co_firstlineno + 1)
    assert record["task"] == "user.f" and record["call"].startswith("f('yyyy") and len(record["call"]) < 60
    assert record["cause"]["type"] == "builtins.ValueError" and record["cause"]["frames"] == []
    assert record["context"] is None and record["suppress"] is True
    assert "/_task.py" not in record["text"] and "in inner" in record["text"] and "direct cause" in record["text"]
    assert record["pickle"] is None and pickle.loads(record["parts"]) == (KeyError, ("k",), ("k",), {})


@pytest.mark.parametrize(
    "kind", [SystemExit, KeyboardInterrupt, GeneratorExit, StopIteration, RecursionError, MemoryError]
)
def test_any_exception_is_reported_and_the_process_goes_on(peer, kind):
    def f():
        raise kind(3)

    assert peer.record(f)["type"] == f"builtins.{kind.__name__}"
    assert peer.call(lambda: "alive") == "alive"


def test_endless_recursion(peer):
    def f():
        f()

    record = peer.record(f)
    assert record["type"] == "builtins.RecursionError"
    assert 10 < len(record["frames"]) <= 200


def test_exceptions_that_do_not_pickle_or_print(peer):
    class Needy(Exception):
        def __init__(self, a, b):
            super().__init__(a)

    class Mute(Exception):
        def __str__(self):
            raise RuntimeError

    def f(n):
        if n == 0:
            raise Needy(1, 2)
        if n == 1:
            raise ValueError(i for i in ())
        raise Mute

    records = [peer.record(f, n) for n in range(3)]
    assert [r["pickle"] for r in records[:2]] == [None, None]
    assert records[0]["message"] == "1" and records[0]["type"].endswith("Needy")
    assert records[2]["message"].startswith("<no message")


@pytest.mark.skipif(sys.version_info < (3, 11), reason="notes came with Python 3.11")
def test_notes(peer):
    def f():
        error = ValueError("x")
        error.add_note("seen at dawn")
        raise error

    assert peer.record(f)["notes"] == ["seen at dawn"]


def test_a_class_of_main_comes_back_as_itself(peer):
    namespace = {"__name__": "__main__"}
    source = "class P: pass\nclass E(Exception): pass\ndef f(bad):\n    if bad:\n        raise E('e')\n    return P()"
    exec(source, namespace)
    f = namespace["f"]
    assert type(peer.call(f, False)) is namespace["P"]
    assert pickle.loads(peer.record(f, True)["parts"])[0] is namespace["E"]


def test_what_came_with_main_can_be_pickled_by_name_in_the_task(peer):
    namespace = {"__name__": "__main__", "pickle": pickle}
    exec("class P:\n    x = 4\ndef f():\n    return pickle.loads(pickle.dumps(P())).x", namespace)
    assert peer.call(namespace["f"]) == 4


def test_output_is_sent_by_line_and_attributed(peer):
    def f(n):
        print("one", n)
        print("two", end="")
        sys.stderr.write("three\nfo")
        sys.stderr.write("ur\n")
        sys.stdout.flush()
        sys.stdout.buffer.write(b"\xff\n")
        print("\udc80")

    peer.run(peer.function(f), [(1,), (2,)], first=5)
    assert [status for status, _, _ in peer.results(2).values()] == [_task.INLINE] * 2
    for attempt, n in ((5, 1), (6, 2)):
        lines = {s: [t for a, stream, t in peer.outputs if (a, stream) == (attempt, s)] for s in (1, 2)}
        assert lines[2] == ["three\n", "four\n"]
        assert lines[1][0] == f"one {n}\n"
        assert "".join(lines[1]) == f"one {n}\ntwo\ufffd\n\\udc80\n"


def test_raw_output_goes_to_the_real_descriptors(peer):
    def f():
        os.write(1, b"raw\n")
        subprocess.run(["echo", "child"], stdout=sys.stdout)
        pid = os.fork()
        if pid == 0:
            print("forked")
            sys.exit(7)
        return os.waitpid(pid, 0)[1] >> 8

    assert peer.call(f) == 7
    assert peer.process.stdout.readline() == b"raw\n"
    assert peer.process.stdout.readline() == b"child\n"
    assert peer.process.stdout.readline() == b"forked\n"
    assert peer.call(lambda: "alive") == "alive"


def test_standard_input_is_empty(peer):
    assert peer.call(lambda: sys.stdin.read()) == ""


def test_interrupts_are_ignored(peer):
    peer.run(peer.function(lambda: time.sleep(0.3)), [()])
    time.sleep(0.1)
    os.kill(peer.process.pid, signal.SIGINT)
    assert peer.results(1)[1][0] == _task.INLINE


def test_it_says_what_it_is_running(peer):
    peer.run(peer.function(lambda: time.sleep(0.4)), [()], first=77)
    time.sleep(0.2)
    assert peer.now.read_bytes() == struct.pack("<QQ", 77, 0)
    peer.results(1)
    deadline = time.monotonic() + 5
    while peer.now.read_bytes() != bytes(16):
        assert time.monotonic() < deadline


def take_back(peer, last):
    with open(peer.now, "r+b") as file:
        file.seek(8)
        file.write(struct.pack("<Q", last))


def test_what_has_not_begun_is_given_back_when_it_is_asked_for(peer):
    sleep = peer.function(lambda seconds: time.sleep(seconds))
    peer.run(sleep, [(0.5,), (0,), (0,)], first=5)
    time.sleep(0.1)
    take_back(peer, 7)
    begin = time.monotonic()
    assert {attempt: status for attempt, (status, _, _) in peer.results(2).items()} == {
        6: _task.GIVEN_BACK,
        7: _task.GIVEN_BACK,
    }
    assert time.monotonic() - begin < 0.35, "not when the first task is through"
    assert peer.results(1)[5][0] == _task.INLINE
    # What is asked for once counts for that run only.
    peer.run(sleep, [(0.1,), (0,)], first=8)
    assert {status for status, _, _ in peer.results(2).values()} == {_task.INLINE}


def test_nothing_is_given_back_of_another_run(peer):
    sleep = peer.function(lambda seconds: time.sleep(seconds))
    take_back(peer, 3)
    peer.run(sleep, [(0.1,), (0,)], first=5)
    assert {status for status, _, _ in peer.results(2).values()} == {_task.INLINE}


def test_functions_with_limits_announce_each_start(peer):
    peer.run(peer.function(lambda x: x, limited=True), [(1,), (2,)], first=3)
    peer.results(2)
    assert peer.started == [3, 4]


def test_quick_results_do_not_wait_for_a_slow_task(peer):
    peer.run(peer.function(time.sleep), [(0,), (0,), (0,), (1.0,)])
    began = time.monotonic()
    assert set(peer.results(3)) == {1, 2, 3}
    assert time.monotonic() - began < 0.7
    peer.results(1)


def test_it_ends_with_the_connection_and_runs_what_users_left_for_the_end(peer, tmp_path):
    def f(path):
        import atexit

        atexit.register(lambda: open(path, "w").close())

    peer.call(f, str(tmp_path / "ended"))
    peer.sock.shutdown(socket.SHUT_RDWR)
    peer.process.wait(5)
    assert (tmp_path / "ended").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="needs a signal on the end of a pipe")
def test_it_dies_with_the_worker_even_in_the_middle_of_a_task(peer):
    def f():
        child = subprocess.Popen(["sleep", "60"])
        print(child.pid)
        while True:
            pass

    peer.run(peer.function(f), [()])
    _, data = peer.receive()
    child = int(data[13:])
    peer.process.stdin.close()
    assert peer.process.wait(5) == -signal.SIGKILL
    deadline = time.monotonic() + 5
    while os.path.exists(f"/proc/{child}") and time.monotonic() < deadline:
        time.sleep(0.01)
    # A zombie whose new parent is slow to take note of it has died all the same.
    assert not os.path.exists(f"/proc/{child}") or " Z " in Path(f"/proc/{child}/stat").read_text()


def test_a_no_op_task_is_cheap(peer):
    def f(x):
        return None

    number = peer.function(f)
    best = 1.0
    for _ in range(20):
        calls = [pickle.dumps(((i,), {}), 5) for i in range(256)]
        began = time.perf_counter()
        peer.run(number, calls)
        peer.results(256)
        best = min(best, (time.perf_counter() - began) / 256)
    assert best < 25e-6  # about 4 alone on a machine; both ends together


def test_import_path_of_another_python():
    mine = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    driver = [
        "/home/u/project",
        "/opt/py/lib/python3.4",
        "/opt/py/lib/python34.zip",
        "/opt/py/lib/python3.4/site-packages",
    ]
    driver += [f"/opt/py/lib/{mine}", f"/opt/py/lib/{mine}/lib-dynload", f"/venv/lib/{mine}/site-packages"]
    own = [f"/usr/lib/{mine}", f"/usr/lib/{mine}/lib-dynload", "/usr/lib/dist"]
    assert _place.merge_path(driver, own) == ["/home/u/project", f"/venv/lib/{mine}/site-packages", *own]
    same = ["", f"/usr/lib/{mine}", "/usr/lib/dist"]
    assert _place.merge_path(same, own) == [*same, f"/usr/lib/{mine}/lib-dynload"]
