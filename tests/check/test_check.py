"""`python -m pydron.check`: functions with what is to be found in each, and functions in which nothing may be found."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "python"))

from pydron.check.__main__ import check, main  # noqa: E402

CORPUS = HERE / "corpus"
FINDS = re.compile(r"# finds: ([a-z \-]+)")


def expected(path: Path) -> list[tuple[str, int, str]]:
    found = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = FINDS.search(line)
        if match:
            words = match.group(1).split()
            found += [(path.name, number, f"{c} {level}") for c, level in zip(words[::2], words[1::2])]
    return sorted(found)


def found(*paths: Path) -> list[tuple[str, int, str]]:
    outcome = check([str(path) for path in paths], 1)
    return sorted((Path(f.path).name, f.line, f"{f.category} {f.confidence}") for f in outcome.findings)


@pytest.mark.parametrize("name", ["breaking.py", "effects.py"])
def test_what_breaks_the_contract_is_found(name):
    assert found(CORPUS / name) == expected(CORPUS / name)


def test_nothing_is_found_in_clean_functions():
    assert found(CORPUS / "clean.py") == expected(CORPUS / "clean.py")
    outcome = check([str(CORPUS / "clean.py")], 2)
    assert [(f.line, f.message) for f in outcome.findings] == []
    assert outcome.functions > 25


def test_imports_are_followed_and_nothing_runs():
    paths = [CORPUS / "package" / "steps.py", CORPUS / "package" / "tools.py"]
    assert found(CORPUS / "imports.py") == sorted(expected(paths[0]) + expected(paths[1]))


@pytest.mark.parametrize("example", sorted(ROOT.glob("examples/*/pipeline.py")), ids=lambda path: path.parent.name)
def test_the_examples_keep_their_contracts(example):
    outcome = check([str(example)], 1)
    assert [(f.line, f.message) for f in outcome.findings] == []
    assert outcome.functions


def write(folder: Path, text: str, name: str = "script.py") -> Path:
    path = folder / name
    path.write_text("import pydron\n" + text)
    return path


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pydron.check", *map(str, arguments)]
    environment = {"PYTHONPATH": str(ROOT / "python"), "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)


NOISY = """
def shout(x):
    print(x)

@pydron.functional
def f(x):
    shout(x)
    return x + UNKNOWN(x)

import textwrap
UNKNOWN = textwrap.dedent
"""


def test_exit_codes(tmp_path):
    clean = write(tmp_path, "@pydron.functional\ndef f(x):\n    return x\n", "clean.py")
    noisy = write(tmp_path, NOISY)
    broken = write(tmp_path, "def f(:\n", "broken.py")
    assert run(clean).returncode == 0
    assert run(noisy).returncode == 1
    assert run(noisy, clean).returncode == 1
    for wrong in ([broken], [tmp_path / "missing.py"], [], [clean, "--format", "x"], [clean, "--min-confidence", "x"]):
        done = run(*wrong)
        assert done.returncode == 2
        assert done.stderr
        assert "Traceback" not in done.stderr
    assert f"{broken}:2: " in run(broken).stderr


def test_text_names_line_chain_and_confidence(tmp_path):
    noisy = write(tmp_path, NOISY)
    done = run(noisy)
    assert f"{noisy}:4: certain: 'f' calls 'print' [output]" in done.stdout
    assert f"by way of: f -> shout ({noisy}:8)" in done.stdout


def test_folders_are_searched(tmp_path):
    folder = tmp_path / "project" / "inner"
    folder.mkdir(parents=True)
    write(folder, NOISY)
    hidden = tmp_path / "project" / "venv"
    hidden.mkdir()
    write(hidden, "def f(:\n")
    assert [row[0] for row in found(tmp_path / "project")].count("script.py") == 1
    assert run(tmp_path / "project").returncode == 1


def test_json(tmp_path, capsys):
    noisy = write(tmp_path, NOISY)
    assert main([str(noisy), "--format", "json"]) == 1
    document = json.loads(capsys.readouterr().out)
    (finding,) = document["findings"]
    assert finding["file"] == str(noisy)
    assert finding["line"] == 4
    assert (finding["category"], finding["confidence"], finding["function"]) == ("output", "certain", "f")
    assert finding["chain"] == [{"function": "shout", "file": str(noisy), "line": 8}]
    assert finding["advice"]


def test_sarif_and_github(tmp_path, capsys):
    noisy = write(tmp_path, NOISY)
    assert main([str(noisy), "--format", "sarif"]) == 1
    (result,) = json.loads(capsys.readouterr().out)["runs"][0]["results"]
    assert result["ruleId"] == "output"
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 4
    assert main([str(noisy), "--format", "github"]) == 1
    assert capsys.readouterr().out.startswith(f"::error file={noisy},line=4,col=5,title=pydron%3A output::'f' calls")


def test_less_sure_findings_are_counted_and_shown_on_demand(tmp_path, capsys):
    script = write(tmp_path, "@pydron.functional\ndef f(x, g):\n    return g(x)\n")
    assert main([str(script)]) == 0
    assert "1 less sure not shown" in capsys.readouterr().out
    assert main([str(script), "--min-confidence", "possible"]) == 1


def test_a_fault_in_the_corpus_is_noticed(tmp_path):
    """The comparison itself: an effect put into a clean function, and one taken out of a breaking one, show."""
    clean = (CORPUS / "clean.py").read_text()
    fault = clean.replace("    image = image.copy()\n    image[0] = 1", "    image = image\n    image[0] = 1")
    assert fault != clean
    path = tmp_path / "fault.py"
    path.write_text(fault)
    assert found(path)
    breaking = (CORPUS / "breaking.py").read_text()
    path.write_text(breaking.replace("    xs[0] = 1  # finds", "    xs = [1]  # finds", 1))
    assert found(path) != expected(path)


def test_scripts_that_are_strange_are_checked(tmp_path):
    deep = "x" + " + 1" * 900
    script = write(
        tmp_path,
        f"@pydron.functional\ndef f(x):\n    return {deep}\n\n"
        "@pydron.functional\ndef größe(名):\n    名.append(1)\n\n"
        "@pydron.functional\nasync def g(x):\n    async with x as y:\n        y[0] = await x\n\n"
        "@pydron.functional\ndef r(x):\n    return r(x)\n\n"
        "class A:\n    @staticmethod\n    @pydron.functional\n    def m(x):\n        x[0] = 1\n",
    )
    assert [row[1:] for row in found(script)] == [
        (8, "argument likely"),
        (13, "argument certain"),
        (23, "argument certain"),
    ]


def test_the_purity_catalogue_is_read(tmp_path):
    catalogue = tmp_path / "some.catalogue"
    catalogue.write_text(
        "# What the words mean is somewhere else.\n"
        "module some.where\n"
        "pure fresh: harmless\n"
        "  also\n"
        "pure fresh most 2: combine\n"
        "pure view: window\n"
        "mutates 2: writes_second  # the second argument\n"
        "type builtins.list\n"
        "mutates self: shuffle_me\n"
    )
    script = write(
        tmp_path,
        "from some import where\n"
        "@pydron.functional\n"
        "def f(a, b, xs: list):\n"
        "    where.harmless(a)\n"
        "    where.also(a)\n"
        "    where.other(a)\n"
        "    where.combine(a, b)\n"
        "    where.combine(a, b, a)\n"
        "    where.writes_second(a, b)\n"
        "    window = where.window(a)\n"
        "    window[0] = 1\n"
        "    xs.shuffle_me()\n",
    )
    outcome = check([str(script)], 1, [str(catalogue)])
    assert [(f.line, f.category, f.confidence) for f in outcome.findings] == [
        (7, "unknown", "possible"),
        (9, "argument", "certain"),
        (10, "argument", "certain"),
        (12, "argument", "likely"),
        (13, "argument", "certain"),
    ]


def test_the_projects_own_catalogue_has_the_last_word(tmp_path):
    (tmp_path / "inner").mkdir()
    text = """import nobody, requests
@pydron.functional
def f(x):
    nobody.says(x)
    return nobody.knows(x), nobody.simulates(x), requests.get(x)
"""
    script = write(tmp_path / "inner", text)
    assert sorted(row[2] for row in found(script)) == ["network certain"] + ["unknown possible"] * 3
    own = "module nobody\npure fresh: knows\nfunctional: simulates\noutput: says\nmodule requests\npure fresh: get\n"
    (tmp_path / "pydron.catalogue").write_text(own)
    assert found(script) == [("script.py", 5, "output certain")]
