"""What the analysis said in earlier runs is found again, whole, and for the same bytes only."""

from __future__ import annotations

import os
from binascii import crc32
from pathlib import Path
from typing import Any

import pytest

from pydron._kept import Kept

UNIT, TEMPLATE = b"a unit" * 100, bytes(range(256)) * 3


def file_of(folder: Path) -> Path:
    (only,) = folder.iterdir()
    return only


def test_it_is_found_again(tmp_path: Path) -> None:
    assert Kept(str(tmp_path), UNIT).read() is None
    Kept(str(tmp_path), UNIT).write(b"older")
    Kept(str(tmp_path), UNIT).write(TEMPLATE)
    assert Kept(str(tmp_path), UNIT).read() == TEMPLATE
    assert Kept(str(tmp_path), UNIT + b"x").read() is None
    assert len(list(tmp_path.iterdir())) == 1


def test_another_unit_with_the_same_name(tmp_path: Path) -> None:
    """Four bytes make up for any difference in a checksum."""
    Kept(str(tmp_path), UNIT).write(TEMPLATE)
    wanted, other = crc32(UNIT), bytearray(UNIT)
    other[0] ^= 1
    # Each bit that is flipped in the last four bytes changes the checksum by an amount of its own: solve for them.
    changes = []
    for bit in range(32):
        flipped = bytearray(other)
        flipped[-4 + bit // 8] ^= 1 << bit % 8
        changes.append((crc32(flipped) ^ crc32(other), 1 << bit))
    need, chosen = crc32(other) ^ wanted, 0
    rows: list[tuple[int, int]] = []
    for change, bits in changes:
        for row, by in rows:
            if change ^ row < change:
                change, bits = change ^ row, bits ^ by
        if change:
            rows.append((change, bits))
            rows.sort(reverse=True)
    for row, by in rows:
        if need ^ row < need:
            need, chosen = need ^ row, chosen ^ by
    for bit in range(32):
        if chosen >> bit & 1:
            other[-4 + bit // 8] ^= 1 << bit % 8
    assert crc32(other) == wanted and bytes(other) != UNIT
    assert Kept(str(tmp_path), bytes(other)).read() is None
    Kept(str(tmp_path), bytes(other)).write(b"its own")
    assert Kept(str(tmp_path), bytes(other)).read() == b"its own"
    assert Kept(str(tmp_path), UNIT).read() is None


@pytest.mark.parametrize("length", [0, 5, 12, 100, 11 + len(UNIT), 12 + len(UNIT) + 7])
def test_cut_off(tmp_path: Path, length: int) -> None:
    Kept(str(tmp_path), UNIT).write(TEMPLATE)
    file = file_of(tmp_path)
    file.write_bytes(file.read_bytes()[:length])
    assert Kept(str(tmp_path), UNIT).read() is None


def test_any_damaged_byte_is_noticed(tmp_path: Path) -> None:
    Kept(str(tmp_path), UNIT).write(TEMPLATE)
    file = file_of(tmp_path)
    data = file.read_bytes()
    for place in range(len(data)):
        file.write_bytes(data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :])
        assert Kept(str(tmp_path), UNIT).read() is None, place
    file.write_bytes(data + b"\0")
    assert Kept(str(tmp_path), UNIT).read() is None


def test_where_nothing_can_be_kept(tmp_path: Path) -> None:
    for folder in ("", str(tmp_path / "none"), os.devnull):
        Kept(folder, UNIT).write(TEMPLATE)
        assert Kept(folder, UNIT).read() is None
    assert not list(tmp_path.iterdir())


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: Any) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    Kept(str(tmp_path), UNIT).write(TEMPLATE)
    assert not list(tmp_path.iterdir())


def test_what_is_very_large_is_not_kept(tmp_path: Path) -> None:
    Kept(str(tmp_path), UNIT).write(bytes(5 << 20))
    assert not list(tmp_path.iterdir())
