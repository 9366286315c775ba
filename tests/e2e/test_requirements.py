"""What programs require is installed where their tasks run. Instances are processes here, the index is a folder."""

from __future__ import annotations

import sys

import pytest
from staging import LAUNCHER, PACKAGE
from test_elastic import Installation
from wheels import wheel

SCRIPT = """
import sys
import pydron

@pydron.functional
def ask(n):
    import subprocess
    import shade
    said = subprocess.run(["shade-says"], capture_output=True, text=True).stdout.strip()
    return shade.NAME, said

@pydron.schedule
def main():
    found = set()
    for i in range(6):
        found.add(ask(i))
    return sorted(found)

print(main())
"""


@pytest.fixture
def installation(stage):
    one = Installation(stage)
    stage.environment.update(PIP_NO_INDEX="1", PIP_FIND_LINKS=str(stage.folder / "wheels"))
    for version, name in (("1", "pale"), ("2", "dark")):
        source = f"NAME = {name!r}\ndef says():\n    print({name!r})\n"
        wheel(stage.folder / "wheels", "shade", version, source, ("tone",))
    wheel(stage.folder / "wheels", "tone", "1", "")
    yield one
    if one.service() is not None:
        one.call("down", "--now")


def run(installation, script, *options):
    return installation.call("run", "--on", "here", "--python", sys.executable, *options, script)


def test_each_program_has_what_it_requires(stage, installation):
    installation.up()
    stage.script("shade==1  # an old one\n", "requirements.txt")
    stage.script("[project]\ndependencies = ['shade']\n", "other.toml")
    script = stage.script(SCRIPT)
    first = stage.start(LAUNCHER, "run", "--on", "here", "--python", sys.executable, script)
    other = run(installation, script, "--requirements", stage.folder / "other.toml")
    first = stage.finish(first, 40)
    assert (first.stdout, first.returncode) == ("[('pale', 'pale')]\n", 0), first.stderr
    assert (other.stdout, other.returncode) == ("[('dark', 'dark')]\n", 0), other.stderr
    assert f"instances install what '{stage.folder}/requirements.txt' requires" in first.stderr
    made = {it: it.stat().st_ino for it in (installation.state / "environments").glob("3.*/bin")}
    assert len(made) == 2
    again = run(installation, script)
    assert again.stdout == first.stdout
    assert {it: it.stat().st_ino for it in (installation.state / "environments").glob("3.*/bin")} == made
    assert not list(installation.state.glob("requirements*")), "passwords may be in there"


def test_what_cannot_be_installed_fails_the_program_and_not_the_instance(stage, installation):
    installation.up()
    stage.script("shade==3\n", "requirements.txt")
    script = stage.script(SCRIPT)
    failed = run(installation, script)
    assert failed.returncode == 1
    assert "TaskLost" in failed.stderr
    assert "what the program requires cannot be installed on" in failed.stderr
    assert "No matching distribution found for shade==3" in failed.stderr
    there = {it["claim"] for it in installation.instances() if it["state"] == "working"}
    assert there
    stage.script("shade==2\n", "requirements.txt")
    mended = run(installation, script)
    assert mended.stdout == "[('dark', 'dark')]\n", mended.stderr
    assert there & {it["claim"] for it in installation.instances()}


def test_a_requirements_file_that_makes_no_sense(stage, installation):
    stage.script("-r missing.txt\n", "requirements.txt")
    failed = run(installation, stage.script(SCRIPT))
    assert failed.returncode == 125
    assert (
        f"pydron: '{stage.folder}/requirements.txt', line 1: cannot read '{stage.folder}/missing.txt'" in failed.stderr
    )
    off = installation.call("run", "--requirements", "off", stage.script("print(1)"))
    assert off.returncode == 2
    assert "--on" in off.stderr


def test_a_package_with_data_and_arrays_gives_the_same_answer(stage, installation):
    package = stage.folder / "stars"
    package.mkdir()
    (package / "__init__.py").write_text("from .catalogue import brightest\n")
    (package / "data").mkdir()
    (package / "data" / "magnitudes.txt").write_text("1.5 -1.4 0.0 2.0\n")
    (package / "catalogue.py").write_text(
        "import pathlib\nimport numpy\nHERE = pathlib.Path(__file__).parent\n"
        "def brightest(n):\n"
        "    import importlib.resources\n"
        "    text = importlib.resources.files('stars').joinpath('data/magnitudes.txt').read_text()\n"
        "    return numpy.sort(numpy.array(text.split(), float))[:n]\n"
    )
    script = stage.script(
        """
        import numpy
        import pydron
        import stars

        @pydron.functional
        def scaled(n):
            return numpy.outer(stars.brightest(n), numpy.arange(300.0))

        @pydron.schedule
        def main():
            total = numpy.zeros(300)
            for n in range(1, 5):
                total += scaled(n).sum(axis=0)
            return total

        print(main().tolist()[-1], main().dtype)
        """
    )
    plain = ("env", f"PYTHONPATH={PACKAGE}", sys.executable, script)
    here = stage.finish(stage.start(*plain), 40)
    assert here.returncode == 0, here.stderr
    there = run(installation, script)
    assert (there.stdout, there.returncode) == (here.stdout, 0), there.stderr
