"""Values as bytes: what goes in comes out, in another process too."""

from __future__ import annotations

import contextlib
import errno
import os
import pickle
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pydron import _values

PACKAGE = str(Path(_values.__file__).parents[1])


class Ref:
    def __init__(self, index):
        self.index = index


def reference(obj):
    return obj.index if type(obj) is Ref else None


@pytest.mark.parametrize("value", [None, 1, 2.5, "text", b"bytes", (1, "a"), [1, [2]], {"k": {3}}, 10**40, 1j])
def test_small_values_are_inline_pickles(value, tmp_path):
    data = _values.dump(value, str(tmp_path / "v"))
    assert isinstance(data, bytes)
    assert _values.loads(data) == value
    assert pickle.loads(_values.dumps(value)) == value
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("value", ["x" * 70_000, b"y" * 70_000, list(range(50_000)), {"a": bytearray(1 << 20)}])
def test_large_values_are_files_with_nothing_beside_them(value, tmp_path):
    path = tmp_path / "v"
    stored = _values.dump(value, str(path))
    assert stored == (str(path), path.stat().st_size)
    assert [p.name for p in tmp_path.iterdir()] == ["v"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert _values.load_file(str(path)) == value


def test_the_limit_is_for_the_whole_pickle(tmp_path):
    sizes = range(_values.LIMIT - 100, _values.LIMIT + 1)
    fits = max(n for n in sizes if len(pickle.dumps("x" * n, 5)) <= _values.LIMIT)
    assert isinstance(_values.dump("x" * fits, str(tmp_path / "a")), bytes)
    assert isinstance(_values.dump("x" * (fits + 1), str(tmp_path / "b")), _values.ValueFile)
    assert isinstance(_values.dump(["x" * fits], str(tmp_path / "c")), _values.ValueFile)


def test_arrays_are_mapped_writable_aligned_and_private(tmp_path):
    np = pytest.importorskip("numpy")
    path = str(tmp_path / "v")
    value = {"a": np.arange(100_000.0), "b": np.arange(9), "c": np.asfortranarray(np.ones((300, 400)))}
    value["d"] = value["a"]
    _values.dump(value, path)
    got = _values.load_file(path)
    assert got["d"] is got["a"]
    assert got["c"].flags.f_contiguous
    for key in "abc":
        np.testing.assert_array_equal(got[key], value[key])
        assert got[key].flags.writeable
    assert got["a"].ctypes.data % 64 == got["c"].ctypes.data % 64 == 0
    assert not got["a"].flags.owndata
    got["a"][:] = -1
    np.testing.assert_array_equal(_values.load_file(path)["a"], value["a"])


def test_a_read_only_array_stays_read_only(tmp_path):
    np = pytest.importorskip("numpy")
    value = np.arange(100_000)
    value.flags.writeable = False
    _values.dump(value, str(tmp_path / "v"))
    assert not _values.load_file(str(tmp_path / "v")).flags.writeable


def test_a_mapped_value_outlives_its_file(tmp_path):
    np = pytest.importorskip("numpy")
    path = tmp_path / "v"
    _values.dump(np.arange(100_000), str(path))
    got = _values.load_file(str(path))
    path.unlink()
    assert got.sum() == sum(range(100_000))


@pytest.mark.parametrize("count", [9_000, 20_000, 100_000, 1_000_000])
def test_arrays_of_any_size_begin_where_arrays_may(tmp_path, count):
    np = pytest.importorskip("numpy")
    path = str(tmp_path / "v")
    kept = []
    for _ in range(5):
        _values.dump([np.arange(float(count)), "x", np.arange(float(count))], path)
        first, _, second = _values.load_file(path)
        assert first.ctypes.data % 64 == second.ctypes.data % 64 == 0
        first += second
        assert first[-1] == 2 * second[-1] == 2.0 * (count - 1)
        kept.append(first)


@pytest.mark.parametrize("count", [20_000, 100_000])
def test_more_values_than_a_process_may_open_files(tmp_path, count):
    np = pytest.importorskip("numpy")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, limits[1]))
    try:
        kept = []
        for number in range(300):
            path = str(tmp_path / "v")
            _values.dump(np.full(count, float(number)), path)
            kept.append(_values.load_file(path))
        with contextlib.ExitStack() as files:
            for _ in range(40):  # of its own
                files.enter_context(open(path, "rb"))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert [array[-1] for array in kept] == list(range(300))


def test_a_process_without_a_file_to_spare_or_room_for_a_mapping(tmp_path, monkeypatch):
    np = pytest.importorskip("numpy")
    path = str(tmp_path / "v")
    _values.dump(np.arange(100_000), path)
    for reason in (errno.EMFILE, errno.ENOMEM):
        monkeypatch.setattr(_values.mmap, "mmap", lambda *_, r=reason, **__: (_ for _ in ()).throw(OSError(r, "no")))
        assert _values.load_file(path).sum() == 4999950000
    monkeypatch.setattr(_values.mmap, "mmap", lambda *_, **__: (_ for _ in ()).throw(OSError(errno.EACCES, "no")))
    with pytest.raises(OSError, match="no"):
        _values.load_file(path)


def test_references_are_indices_into_deps(tmp_path):
    value = [Ref(1), (Ref(0), "x"), Ref(1)]
    deps = [{"zero": 0}, ["one"]]
    for data in (_values.dumps(value, reference), _values.dump(value, str(tmp_path / "v"), reference)):
        got = _values.loads(data, deps)
        assert got == [["one"], ({"zero": 0}, "x"), ["one"]]
        assert got[0] is got[2] is deps[1]


def test_references_in_a_file_with_deps_known_after_pickling(tmp_path):
    deps = []

    def collect(obj):
        if type(obj) is not Ref:
            return None
        if obj.index not in deps:
            deps.append(obj.index)
        return deps.index(obj.index)

    path = tmp_path / "v"
    _values.dump([Ref(77), "x" * 100_000, Ref(78), Ref(77)], str(path), collect, deps)
    assert deps == [77, 78]
    got = _values.load_file(str(path), ["a", "b"])
    assert (got[0], got[2], got[3]) == ("a", "b", "a")
    data = path.read_bytes()
    assert int.from_bytes(data[20:24], "little") == 2
    assert [int.from_bytes(data[24 + 8 * i : 32 + 8 * i], "little") for i in range(2)] == [77, 78]


def test_what_plain_pickle_cannot_do_is_done(tmp_path):
    n = 3
    assert _values.loads(_values.dumps(lambda x: x + n))(4) == 7

    class Local:
        def double(self):
            return 2 * self.x

    thing = Local()
    thing.x = 21
    assert _values.loads(_values.dump(thing, str(tmp_path / "v"))).double() == 42
    both = _values.loads(_values.dumps([lambda: 5, Ref(0)], reference), ["dep"])
    assert (both[0](), both[1]) == (5, "dep")


def test_main_goes_by_value_into_another_process(tmp_path):
    """Plain pickle would write the name `__main__.f`, which another process does not know."""
    script = tmp_path / "user.py"
    script.write_text(
        "import sys\n"
        f"sys.path.insert(0, {PACKAGE!r})\n"
        "from pydron import _values\n"
        "class Star:\n"
        "    def __init__(self, m): self.m = m\n"
        "    def flux(self): return scale * 10 ** (-0.4 * self.m)\n"
        "scale = 2.0\n"
        "def f(star): return star.flux()\n"
        "sys.stdout.buffer.write(_values.dumps((f, Star(0), [Star, {'s': Star(0)}])))\n"
    )
    data = subprocess.run([sys.executable, str(script)], stdout=subprocess.PIPE, check=True).stdout
    f, star, (cls, nested) = _values.loads(data)
    assert f(star) == 2.0
    assert type(star) is cls is type(nested["s"])


def test_what_cannot_be_pickled_says_so():
    with pytest.raises(Exception, match=r"(?i)pickle"):
        _values.dumps(sys._getframe())


def test_a_failed_attempt_leaves_no_buffers_behind(tmp_path):
    """Plain pickle takes the buffer out, then fails at the lambda: the buffer must not be there twice."""
    np = pytest.importorskip("numpy")
    path = tmp_path / "v"
    stored = _values.dump([np.zeros(1_000_000), lambda: 1], str(path))
    assert stored.size < 8_100_000
    assert _values.load_file(str(path))[0].shape == (1_000_000,)


def test_no_room_is_an_error_of_its_own_and_leaves_nothing(tmp_path, monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(_values.StoreFull, match="No space left"):
        _values.dump(b"x" * 100_000, str(tmp_path / "v"))
    assert not list(tmp_path.iterdir())


def test_a_file_that_may_not_grow_leaves_nothing(tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(OSError):
            _values.dump(b"x" * 100_000, str(tmp_path / "v"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("cut", [1, 10, 30, 60_000, 100_010])
def test_a_file_that_is_cut_off_is_refused(tmp_path, cut):
    path = tmp_path / "v"
    _values.dump(bytearray(100_000), str(path))
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ValueError, match="value file"):
        _values.load_file(str(path))


def test_a_file_may_be_a_plain_pickle(tmp_path):
    path = tmp_path / "v"
    path.write_bytes(_values.dumps([Ref(0), 2], reference))
    assert _values.load_file(str(path), ["dep"]) == ["dep", 2]


def test_another_file_is_refused(tmp_path):
    path = tmp_path / "v"
    path.write_bytes(b"\x7fELF" + bytes(100))
    with pytest.raises(ValueError, match="not a value file"):
        _values.load_file(str(path))


def test_a_module_registered_by_value_goes_by_value(tmp_path, monkeypatch):
    cloudpickle = pytest.importorskip("cloudpickle")
    (tmp_path / "mymod.py").write_text("def g(): return 'here'\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    import mymod

    assert b"here" not in _values.dumps(mymod.g)
    cloudpickle.register_pickle_by_value(mymod)
    try:
        assert b"here" in _values.dumps(mymod.g)
    finally:
        cloudpickle.unregister_pickle_by_value(mymod)
