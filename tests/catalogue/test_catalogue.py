"""Every entry of the purity catalogue does with the real library what it says."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import exercise

from pydron import _catalogue

FOLDER = Path(__file__).resolve().parents[2] / "scheduler/src/main/resources/pydron/analysis/catalogue"
FILES = sorted(FOLDER.glob("*.catalogue"))


def entries(file: Path) -> list[_catalogue.Entry]:
    return _catalogue.read(file.read_text("utf-8"), file.name)


def test_the_index_lists_every_file():
    assert (FOLDER / "index").read_text().split() == sorted(file.stem for file in FILES)


# Bars made of odd sample arguments fail in their own finalizer; pandas and numpy are not always of the same age.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_entries(file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    library = file.stem.partition(".")[0]
    assert importlib.util.find_spec(library), f"'{library}' is not installed: scripts/venv.sh installs what tests need"
    importlib.import_module(library)
    exercise.begin()
    reports = [exercise.exercise(entry) for entry in entries(file)]
    faults = [fault for report in reports for fault in report.faults]
    called = sum(1 for report in reports if report.calls)
    opaque = sum(1 for report in reports if report.absent == "opaque")
    other = len(reports) - called - opaque
    print(f"{file.stem}: {len(reports)} entries, {called} called, {opaque} opaque, {other} not in this version")
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults)


#: Entries that say something wrong, and what the check must find.
FAULTS = [
    ("module math\npure atom: sinn", "there is no such name"),
    ("module operator\npure fresh: iadd", "it changes argument 1"),
    ("module numpy\npure fresh: ravel", "shares memory with an argument"),
    ("module numpy\npure fresh: asarray", "it returns an argument itself"),
    ("module numpy\npure fresh most 3: add", "'most 2'"),
    ("module numpy\npure fresh: clip", "'most 3'"),
    ("module numpy.random\npure fresh: rand", "it changes a setting: numpy.random"),
    ("module builtins\npure atom: print", "it prints"),
    ("module builtins\npure list: sorted", "it may call 'key'"),
    ("module builtins\npure atom: tuple", "which is no atom"),
    ("module copy\npure list: copy", "not a list"),
    ("module scipy.linalg\npure fresh: inv", "'unless overwrite_a'"),
    ("module itertools\npure fresh of builtins.list: chain", "not 'of builtins.list'"),
    ("type builtins.list\npure atom: append", "it changes its object"),
    ("type builtins.list\nmutates self: index", "it changes nothing that it should change"),
    ("type numpy.ndarray\npure fresh: reshape", "shares memory with an argument"),
    ("type random.Random\npure atom: random", "it changes its object"),
    ("module time\npure atom: perf_counter", "does not give the same"),
    ("module os.path\npure atom: realpath calendar", "there is no such name"),
    ("type pandas.Series\npure fresh: to_string", "it changes a setting: files"),
    ("module struct\npure atom: pack_into", "it changes argument 2"),
]


@pytest.mark.parametrize("text, expected", FAULTS, ids=[text.split()[-1] for text, _ in FAULTS])
def test_a_wrong_entry_is_found(text, expected, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exercise.begin()
    faults = [fault for entry in _catalogue.read(text, "planted") for fault in exercise.exercise(entry).faults]
    assert any(expected in fault for fault in faults), faults


def malformed() -> list[tuple[str, str]]:
    """Texts and messages, the same as for the scheduler's reader."""
    lines = (FOLDER.parents[4] / "test/resources/pydron/analysis/malformed.txt").read_text("utf-8").splitlines()
    found, text = [], []
    for line in lines:
        if line.startswith("=> "):
            found.append(("\n".join(text), line[3:]))
            text = []
        elif line.strip() and not line.startswith("#"):
            text.append(line)
    return found


@pytest.mark.parametrize("text, message", malformed())
def test_a_malformed_file_is_told_with_its_line(text, message):
    with pytest.raises(_catalogue.Malformed) as error:
        _catalogue.read(text, "mine")
    assert str(error.value) == f"mine:{message}"


def test_a_project_is_looked_for_up_to_its_root(tmp_path):
    inner = tmp_path / "project/src/scripts"
    inner.mkdir(parents=True)
    (tmp_path / _catalogue.FILE_NAME).touch()
    assert _catalogue.find(inner) == tmp_path / _catalogue.FILE_NAME
    (tmp_path / "project/pyproject.toml").touch()
    assert _catalogue.find(inner) is None
    (tmp_path / "project" / _catalogue.FILE_NAME).touch()
    assert _catalogue.find(inner) == tmp_path / "project" / _catalogue.FILE_NAME
    (inner / _catalogue.FILE_NAME).touch()
    assert _catalogue.find(inner) == inner / _catalogue.FILE_NAME
