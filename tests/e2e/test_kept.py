"""What the analysis said is there for the next run of the same build, and for nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys

from staging import ROOT

COUNTING = """
    import pydron
    from pydron import _session

    asked = []
    analyze = _session.Session.analyze

    def counting(session, unit):
        asked.append(1)
        return analyze(session, unit)

    _session.Session.analyze = counting

    @pydron.functional
    def double(x):
        return 2 * x

    @pydron.schedule
    def pipeline(n):
        return [double(i) for i in range(n)]

    print(pipeline(3), len(asked))
"""


def test_the_same_pipeline_is_analysed_once(stage):
    script = stage.script(COUNTING)
    assert stage.run(script).stdout == "[0, 2, 4] 1\n"
    assert stage.run(script).stdout == "[0, 2, 4] 0\n"
    assert stage.run("--explain", script).stdout == "[0, 2, 4] 1\n", "a report needs the plan"
    script.write_text(script.read_text().replace("for i in range(n)", "for i in range(n + 1)"))
    assert stage.run(script).stdout == "[0, 2, 4, 6] 1\n"
    # The same text, and `double` is something else.
    script.write_text(script.read_text().replace("@pydron.functional", ""))
    assert stage.run(script).stdout == "[0, 2, 4, 6] 0\n", "nothing is functional: nobody is asked"
    stage.assert_nothing_left()


def kept(script):
    """The file for what is in the script: others may run at the same time."""
    found = [file for file in (ROOT / "build/analyses").rglob("*-*") if not file.suffix]  # the rest is being written
    files = [file for file in found if str(script).encode() in file.read_bytes()]
    assert len(files) == 1
    return files[0]


def test_another_build_is_asked_again(stage):
    """A build is told by the time of its jars."""
    script = stage.script(COUNTING)
    assert stage.run(script).stdout == "[0, 2, 4] 1\n"
    own = kept(script)
    away = own.parent.with_name("0")
    away.mkdir()
    try:
        shutil.copy(own, away)
        assert stage.run(script).stdout == "[0, 2, 4] 0\n"
        own.unlink()
        assert stage.run(script).stdout == "[0, 2, 4] 1\n"
    finally:
        shutil.rmtree(away)


def test_damage_costs_an_analysis(stage):
    script = stage.script(COUNTING)
    assert stage.run(script).stdout == "[0, 2, 4] 1\n"
    file = kept(script)
    file.write_bytes(file.read_bytes()[:-20] + b"x" * 20)
    assert stage.run(script).stdout == "[0, 2, 4] 1\n"
    assert stage.run(script).stdout == "[0, 2, 4] 0\n"


def test_plain_python_finds_what_the_command_has_kept(stage):
    script = stage.script(COUNTING)
    assert stage.run(script).stdout == "[0, 2, 4] 1\n"
    environment = {**stage.environment, "PYTHONPATH": str(ROOT / "python")}
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout == "[0, 2, 4] 0\n"
