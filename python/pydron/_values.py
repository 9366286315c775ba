"""Values as bytes: inline pickles, and value files for what is large (docs/protocols.md, "Value file").

Both sides of a job use this module: the driver for arguments and values it makes, task processes for results.
Plain pickle does nearly all of it, in C. What it cannot do, or would do wrongly, falls to cloudpickle: functions and
classes of ``__main__`` are pickled by name by plain pickle, and that name means nothing in another process.
"""

from __future__ import annotations

import contextlib
import errno
import io
import mmap
import os
import pickle
import re
import struct
import sys
from array import array
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Optional

from pydron._carried import named

if TYPE_CHECKING:
    from pydron._carried import Bundle, Classes

__all__ = ["LIMIT", "StoreFull", "ValueFile", "dump", "dumps", "keep_classes", "load_file", "loads"]

#: The largest pickle that travels inline. A buffer over it is kept out of the pickle and mapped by readers.
LIMIT = 64 * 1024

PROTOCOL = 5
MAGIC = 0x56445950
VERSION = 1
ALIGNMENT = 64
_HEADER = struct.Struct("<IIQII")
_ROOM_ERRORS = frozenset((errno.ENOSPC, errno.EDQUOT))
_ATOMS = frozenset((type(None), bool, int, float, complex, str, bytes))
#: Up to this size reading takes no longer than mapping, and the file's memory can be used for the next one at once.
_READ = 256 * 1024
# A mapping need not keep a file descriptor of its own, from Python 3.13 on: a program may hold thousands of values.
_MAP_OPTIONS = {"trackfd": False} if sys.version_info >= (3, 13) else {}
_PIECE = 1 << 26
_PICKLE = b"\x80"

PersistentId = Callable[[Any], Optional[int]]


class StoreFull(Exception):
    """The folder for value files has no room left."""


class ValueFile(NamedTuple):
    """A value that was written to a file."""

    path: str
    size: int


class _Pickler(pickle.Pickler):
    """Plain pickle with persistent ids."""

    def __init__(self, file: Any, persistent: PersistentId, buffer_callback: Any) -> None:
        super().__init__(file, PROTOCOL, buffer_callback=buffer_callback)
        self._persistent = persistent

    def persistent_id(self, obj: Any) -> Any:
        return self._persistent(obj)


def _naming(self: Any, obj: Any) -> Any:
    return named(self.names, obj) or NotImplemented


class _NamingPickler(pickle.Pickler):
    """Plain pickle that names the classes that are known where it goes."""

    names: dict[int, str]
    reducer_override = _naming


class _NamingPersistentPickler(_Pickler):
    names: dict[int, str]
    reducer_override = _naming


class _Unpickler(pickle.Unpickler):
    """Plain unpickle that resolves persistent ids: indices into the values that a pickle depends on."""

    def __init__(self, file: Any, deps: Sequence[Any], buffers: Any) -> None:
        super().__init__(file, buffers=buffers)
        self._deps = deps

    def persistent_load(self, pid: Any) -> Any:
        return self._deps[pid]


def dumps(obj: Any, persistent_id: PersistentId | None = None, classes: Classes | Bundle | None = None) -> bytes:
    """Pickles `obj` into one piece, however large. `classes` are known where it goes.

    `persistent_id(part)` is asked for each part and answers with its index in the deps, or None; `obj` itself is no
    such part when it is a plain number or text. It may be asked about the same part twice (plain pickle is tried
    first), so it has to give the same answer twice.
    """
    if type(obj) in _ATOMS:
        return pickle.dumps(obj, PROTOCOL)
    return _pickle(obj, persistent_id, None, None, classes)


def dump(
    obj: Any,
    path: str,
    persistent_id: PersistentId | None = None,
    deps: Sequence[int] = (),
    classes: Classes | Bundle | None = None,
) -> bytes | ValueFile:
    """Pickles `obj`: into bytes when that is at most `LIMIT` bytes, else into the file `path`.

    `deps` are the numbers of the values that persistent ids refer to. It is read after pickling, so that
    `persistent_id` may append to it.
    """
    if type(obj) in _ATOMS:
        data = pickle.dumps(obj, PROTOCOL)
        return data if len(data) <= LIMIT else _write(path, data, [], deps)
    buffers: list[memoryview] = []

    def take(buffer: pickle.PickleBuffer) -> bool:
        raw = buffer.raw()
        if raw.nbytes <= LIMIT:
            return True  # in the pickle
        buffers.append(raw)
        return False

    data = _pickle(obj, persistent_id, take, buffers, classes)
    # A buffer is only kept out when it alone is over the limit: what is small needs no second pickling.
    if not buffers and len(data) <= LIMIT:
        return data
    return _write(path, data, buffers, deps)


def _pickle(
    obj: Any,
    persistent_id: PersistentId | None,
    take: Any,
    buffers: list[memoryview] | None,
    classes: Classes | Bundle | None,
) -> bytes:
    names = classes.names if classes is not None else None
    if not by_value_wanted():
        try:
            if persistent_id is None and not names:
                data = pickle.dumps(obj, PROTOCOL, buffer_callback=take)
            else:
                out = io.BytesIO()
                _plain_pickler(out, persistent_id, take, names).dump(obj)
                data = out.getvalue()
            # Something of __main__ went in by name. (Or its name as text, which does no harm here.)
            if b"__main__" not in data:
                return data
        except Exception:
            pass  # cloudpickle can do more, and says better what is wrong
        if buffers is not None:
            buffers.clear()
    return _cloudpickle(obj, persistent_id, take, classes)


def _plain_pickler(out: Any, persistent_id: PersistentId | None, take: Any, names: Any) -> pickle.Pickler:
    if not names:
        assert persistent_id is not None
        return _Pickler(out, persistent_id, take)
    pickler: _NamingPickler | _NamingPersistentPickler
    if persistent_id is None:
        pickler = _NamingPickler(out, PROTOCOL, buffer_callback=take)
    else:
        pickler = _NamingPersistentPickler(out, persistent_id, take)
    pickler.names = names
    return pickler


def by_value_wanted() -> bool:
    """Has the user asked cloudpickle to take modules of theirs by value?"""
    module = sys.modules.get("cloudpickle.cloudpickle")
    return module is not None and bool(getattr(module, "_PICKLE_BY_VALUE_MODULES", None))


def _cloudpickle(obj: Any, persistent_id: PersistentId | None, take: Any, classes: Classes | Bundle | None) -> bytes:
    out = io.BytesIO()
    alone, persistent = _cloudpicklers()
    if persistent_id is None:
        pickler = alone(out, protocol=PROTOCOL, buffer_callback=take)
    else:
        pickler = persistent(out, protocol=PROTOCOL, buffer_callback=take)
        pickler.persistent = persistent_id
    if classes is not None:
        pickler.names, pickler.met = classes.names, classes.met
    pickler.dump(obj)
    return out.getvalue()


_classes: Any = None


def _cloudpicklers() -> Any:
    # Made on first use: importing cloudpickle takes longer than importing all of pydron.
    global _classes
    if _classes is None:
        import cloudpickle

        from pydron._classes import is_new
        from pydron._pipelines import mark_of, plain

        class CloudPickler(cloudpickle.Pickler):  # type: ignore[misc]
            names: Mapping[int, str] = {}
            met: list[type] | None = None

            def reducer_override(self, obj: Any) -> Any:
                class_ = named(self.names, obj)
                if class_ is not None:
                    return class_
                reduced = super().reducer_override(obj)
                if self.met is not None and is_new(reduced):
                    self.met.append(obj)
                if type(reduced) is tuple and mark_of(obj) is not None:
                    return super().reducer_override(plain(obj))  # where it goes, a pipeline is a plain function
                return reduced

        class PersistentCloudPickler(CloudPickler):
            persistent: PersistentId

            def persistent_id(self, obj: Any) -> Any:
                return self.persistent(obj)

        _classes = CloudPickler, PersistentCloudPickler
    return _classes


def _aligned(offset: int) -> int:
    return -(-offset // ALIGNMENT) * ALIGNMENT


def _write(path: str, data: bytes, buffers: Sequence[memoryview], deps: Sequence[int]) -> ValueFile:
    table: list[int] = []
    offset = _HEADER.size + 16 * len(buffers) + 8 * len(deps) + len(data)
    end = offset
    for buffer in buffers:
        start = _aligned(end)
        end = start + buffer.nbytes
        table += (start, buffer.nbytes)
    head = _HEADER.pack(MAGIC, VERSION, len(data), len(buffers), len(deps)) + struct.pack(
        f"<{len(table) + len(deps)}Q", *table, *deps
    )
    temporary = path + ".part"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_CLOEXEC", 0)
    try:
        # Written, not mapped: a full tmpfs answers a write with an error but a mapped page with SIGBUS.
        file = os.open(temporary, flags, 0o600)
        try:
            _write_all(file, head)
            _write_all(file, data)
            at = offset
            for start, buffer in zip(table[::2], buffers):
                _write_all(file, bytes(start - at))
                _write_all(file, buffer)
                at = start + buffer.nbytes
        finally:
            os.close(file)
        os.rename(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        if error.errno in _ROOM_ERRORS:
            folder = os.path.dirname(path)
            raise StoreFull(f"no room for a value of {end} bytes in '{folder}': {error.strerror}") from error
        raise
    return ValueFile(path, end)


def _write_all(file: int, data: Any) -> None:
    view = memoryview(data).cast("B")
    while view:
        view = view[os.write(file, view[:_PIECE]) :]


_by_value: Any = None  # finds out whether a pickle was written by cloudpickle, where that matters


def keep_classes() -> None:
    """From now on, classes of this process stay as they are when instances of them come back from tasks."""
    global _by_value
    _by_value = re.compile(b"cloudpickle").search


def loads(data: Any, deps: Sequence[Any] = (), buffers: Any = None) -> Any:
    """The value of an inline pickle. `deps` are the values that its persistent ids refer to."""
    if _by_value is not None and _by_value(data):
        from pydron._classes import Unpickler

        return Unpickler(data, deps, buffers).load()
    if not deps:
        return pickle.loads(data, buffers=buffers)
    return _Unpickler(io.BytesIO(data), deps, buffers).load()


def _mapped(file: int) -> memoryview | None:
    """The content as it is in the file; None if the process has as many files or mappings as it may have.

    A mapping has a descriptor of its own. Half of those that the process may have are left to the program."""
    try:
        if not _MAP_OPTIONS:
            import resource

            limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
            its = os.dup(file)
            os.close(its)
            if limit != resource.RLIM_INFINITY and its >= limit // 2:
                return None
        return memoryview(mmap.mmap(file, 0, access=mmap.ACCESS_COPY, **_MAP_OPTIONS))
    except OSError as error:
        if error.errno not in (errno.EMFILE, errno.ENFILE, errno.ENOMEM):
            raise
        return None


def _read(file: int, size: int) -> memoryview:
    """The content in memory that begins where an array may, as a mapping does."""
    memory = array("Q", (0,)) * (-(-(size + ALIGNMENT) // 8))
    start = -memory.buffer_info()[0] % ALIGNMENT
    content = left = memoryview(memory).cast("B")[start : start + size]
    while left:
        got = os.readv(file, [left])
        if not got:
            raise ValueError("a value file became shorter while it was read")
        left = left[got:]
    return content


def load_file(path: str, deps: Sequence[Any] = ()) -> Any:
    """The value in a value file. Arrays in a large one are the mapped file itself until somebody writes to them.

    Pages written to become private, so that arrays are as writable as they were and the file stays what it is. A file
    may also be a plain pickle: a small value that had to travel as a file.
    """
    file = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    try:
        size = os.fstat(file).st_size
        mapped = _mapped(file) if size > _READ else None
        if mapped is None:
            mapped = _read(file, size)
    finally:
        os.close(file)
    try:
        if mapped[:1] == _PICKLE:
            return loads(mapped, deps)
        magic, version, length, n, deps_count = _HEADER.unpack_from(mapped)
        if magic != MAGIC or version != VERSION:
            raise ValueError(f"'{path}' is not a value file of version {VERSION}")
        table = struct.unpack_from(f"<{2 * n}Q", mapped, _HEADER.size)
    except struct.error:
        raise ValueError(f"'{path}' is not a value file: it ends early") from None
    start = _HEADER.size + 16 * n + 8 * deps_count
    if max([start + length, *map(sum, zip(table[::2], table[1::2]))]) > mapped.nbytes:
        raise ValueError(f"'{path}' is not a whole value file: it ends early")
    buffers = [mapped[offset : offset + size] for offset, size in zip(table[::2], table[1::2])]
    data = mapped[start : start + length]
    return loads(data, deps, buffers)
