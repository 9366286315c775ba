"""`pydron check`: the command around the rules, which tests/check is about."""

from __future__ import annotations

import json
import sys

import pytest
from staging import ROOT

SCRIPT = """
import pydron

@pydron.functional
def f(xs):
    xs[0] = 1
    return xs

raise SystemExit("nothing of the script may run")
"""


@pytest.fixture
def check(stage, pydron):
    """`pydron check` of a script with that text."""

    def run(text, *options):
        (stage.folder / "script.py").write_text(text)
        return pydron("check", "--python", sys.executable, *options, "script.py")

    return run


def test_findings_and_exit_codes(check, pydron):
    done = check(SCRIPT)
    assert (done.returncode, done.stderr) == (1, "")
    assert "script.py:6: certain: 'f' changes its argument 'xs'" in done.stdout
    assert check("import pydron\n").returncode == 0
    broken = check("def f(:\n")
    assert (broken.returncode, broken.stdout) == (2, "")
    assert broken.stderr.startswith("pydron: script.py:1: ")
    missing = pydron("check", "nowhere.py")
    assert missing.returncode == 2
    assert missing.stderr == "pydron: cannot read 'nowhere.py': No such file or directory\n"
    assert pydron("check").returncode == 2
    assert pydron("check", "--min-confidence", "unsure", "x.py").returncode == 2


def test_formats(check):
    (finding,) = json.loads(check(SCRIPT, "--json").stdout)["findings"]
    assert (finding["line"], finding["category"], finding["confidence"]) == (6, "argument", "certain")
    assert json.loads(check(SCRIPT, "--format", "sarif").stdout)["version"] == "2.1.0"
    assert check(SCRIPT, "--format", "github").stdout.startswith("::error file=script.py,line=6")
    assert check(SCRIPT.replace("= 1", "= 1  # pydron: ok"), "--min-confidence", "possible").returncode == 0


def test_files_beside_the_script_are_not_run(stage, check):
    """Not even where they are called like modules that the check itself needs."""
    for name in ("ast", "json", "argparse", "tokenize", "pydron_unused"):
        (stage.folder / f"{name}.py").write_text("raise SystemExit('run')\n")
    assert check(SCRIPT).returncode == 1


def test_the_examples_are_clean(pydron):
    examples = sorted(str(path) for path in (ROOT / "examples").glob("*/pipeline.py"))
    done = pydron("check", "--python", sys.executable, "--min-confidence", "possible", *examples)
    assert (done.returncode, done.stderr) == (0, "")
