"""Large arrays are sent again only when they have changed, however they were changed, and whoever notices: the kernel,
or, where it does not watch, a comparison."""

import ctypes
import io
import os
import types

import numpy
import pytest

from pydron import _tracking
from pydron._arguments import Packer
from pydron._pending import Book

SIZE = 1_000_003  # neither begins nor ends with a page


@pytest.fixture(params=["kernel", "comparison"])
def packer(request, tmp_path, monkeypatch):
    if request.param == "comparison":
        monkeypatch.setattr(_tracking, "_refused", True)
    elif not _watches(numpy.zeros(SIZE, "u1")):
        # Kernels before 6.7, and many containers. The other half of these tests is what runs there.
        pytest.skip("this kernel does not watch memory for a process: only comparison is tested here")
    count = iter(range(1, 1000))
    session = types.SimpleNamespace(
        book=Book(),
        value_path=lambda: str(tmp_path / f"v{next(count)}"),
        new_value=lambda: next(count),
        put=lambda number, data, deps: None,
    )
    found = Packer(session)
    yield found
    found.forget()
    assert not _tracking._watched


def _watches(array):
    found = _tracking.watch(array.ctypes.data, array.nbytes)
    if found is not None:
        found.end_watch()
    return found is not None


def _middle(array):
    array[SIZE // 2] = 7


def _first_byte(array):
    array[0] = 7


def _last_byte(array):
    array[-1] = 7


def _by_c(array):
    ctypes.memset(array.ctypes.data + 5000, 7, 3)


def _by_the_kernel(array):
    read, write = os.pipe()
    os.write(write, b"\x07" * 10)
    os.readv(read, [memoryview(array)[70_000:70_010]])
    os.close(read)
    os.close(write)


def _by_a_view(array):
    numpy.add(array[10:], 1, out=array[10:])


def _by_a_file(array):
    io.BytesIO(b"\x07" * 100).readinto(memoryview(array)[4090:])


CHANGES = [_middle, _first_byte, _last_byte, _by_c, _by_the_kernel, _by_a_view, _by_a_file]


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_array_is_sent_again_and_an_unchanged_one_is_not(packer, change):
    array = numpy.ones(SIZE, "u1")
    first = packer.large(array)
    for _ in range(3):
        assert packer.large(array) is first
    change(array)
    second = packer.large(array)
    assert second is not first
    assert packer.large(array) is second
    change(array)
    if change is _by_a_view:
        assert packer.large(array) is not second
    else:
        assert packer.large(array) is second  # written, and yet the same


def test_arrays_that_share_memory_do_not_hide_changes_from_each_other(packer):
    whole = numpy.ones(SIZE, "u1")
    half = whole[: SIZE // 2]
    first, second = packer.large(whole), packer.large(half)
    whole[5000] = 2
    assert packer.large(half) is not second  # begins to watch these pages anew
    assert packer.large(whole) is not first


def test_memory_that_others_write_to_is_compared(packer, tmp_path):
    (tmp_path / "shared").write_bytes(bytes(SIZE))
    one = numpy.memmap(tmp_path / "shared", "u1", "r+")
    array = numpy.frombuffer(one._mmap, "u1")
    first = packer.large(array)
    assert packer.large(array) is first
    with open(tmp_path / "shared", "r+b") as file:
        file.seek(5000)
        file.write(b"\x07")
    assert packer.large(array) is not first


def test_an_array_that_has_gone_is_not_taken_for_a_new_one_in_its_place(packer):
    for value in range(5):
        array = numpy.full(SIZE, value, "u1")
        packer.large(array)
        assert len(packer._sent) == 1
        copy = next(iter(packer._sent.values())).copy
        assert copy[0] == copy[-1] == value
        del array
        assert not packer._sent


def test_another_shape_of_the_same_array_is_sent_again(packer):
    array = numpy.ones((1000, 1000), "u1")
    first = packer.large(array)
    array.shape = (500, 2000)
    assert packer.large(array) is not first


def test_a_forked_child_does_not_ask_about_its_parent(packer):
    array = numpy.ones(SIZE, "u1")
    first = packer.large(array)
    child = os.fork()
    if not child:
        array[5000] = 3
        os._exit(0 if packer.large(array) is not first else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert packer.large(array) is first
