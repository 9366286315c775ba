"""`pydron run`: the script must not be able to tell it from plain Python."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from staging import LAUNCHER

PIPELINE = """
    import os, sys
    import pydron

    @pydron.functional
    def f(x):
        return x + 1

    @pydron.schedule
    def p(n):
        return [f(i) for i in range(n)]
"""

SHOW = (
    PIPELINE
    + """
    print(p(3), sys.argv[1:], os.path.basename(__file__), [os.environb.get(b"ODD"), os.environ.get("LC_ALL")])
"""
)


def as_plain_python(stage, script, *arguments):
    """Both ways, with the same output and exit code; gives the output."""
    plain = stage.python(script, *arguments)
    stage.environment.pop("PYTHONPATH")
    done = stage.run(script, *arguments)
    assert (done.stdout, done.returncode) == (plain.stdout, plain.returncode), done.stderr
    return done.stdout


@pytest.mark.parametrize("locale", ["C.UTF-8", "C", ""])
def test_letters_of_every_script(stage, locale):
    """Script, folder, arguments and variables with letters that the locale may not know."""
    stage.environment.pop("LANG", None)
    stage.environment.update(LC_ALL=locale, ODD="é日本")
    folder = stage.folder / "Ordner mit Leerstellen ü日本"
    folder.mkdir()
    stage.script(SHOW, "Ordner mit Leerstellen ü日本/scr ipt é.py")
    out = as_plain_python(stage, folder / "scr ipt é.py", "a b", "日本", "", "--slots", "@file", "$HOME", "*")
    assert out.startswith("[1, 2, 3] ['a b', '日本', '', '--slots', '@file', '$HOME', '*'] scr ipt é.py")
    stage.assert_nothing_left()


def test_relative_path_and_module(stage, pydron):
    stage.script(SHOW)
    assert pydron("run", "--quiet", "script.py", "-m").stdout.startswith("[1, 2, 3] ['-m'] script.py")
    assert pydron("run", "--quiet", "-m", "script", "-m").stdout.startswith("[1, 2, 3] ['-m'] script.py")


def test_folder_with_main(stage):
    (stage.folder / "package").mkdir()
    stage.script(SHOW, "package/__main__.py")
    assert "__main__.py" in as_plain_python(stage, stage.folder / "package")


def test_empty_script(stage):
    assert as_plain_python(stage, stage.script("")) == ""


def test_standard_input_of_a_pipeline_is_read_to_its_end(stage, pydron):
    script = stage.script(PIPELINE + "\n    print(p(len(sys.stdin.read())))\n")
    assert pydron("run", script, text="xyz").stdout == "[1, 2, 3]\n"


@pytest.mark.parametrize("command", [[LAUNCHER, "run", "--quiet"], [sys.executable]])
def test_closed_output(stage, command):
    """`| head -1`: Python's own BrokenPipeError, no word from Pydron, nothing left."""
    script = stage.script(PIPELINE + "\n    print(p(3), flush=True)\n    for i in range(100_000): print(i)\n")
    stage.environment["PYTHONPATH"] = str(LAUNCHER.parent / "python")
    words = " ".join(f"'{part}'" for part in [*command, script])
    done = stage.finish(stage.start("/bin/bash", "-c", f"{words} | head -1; echo ${{PIPESTATUS[0]}}"))
    assert done.stdout == "[1, 2, 3]\n1\n"
    assert "BrokenPipeError" in done.stderr and "pydron" not in done.stderr.replace(str(stage.folder), "")
    stage.assert_nothing_left()


@pytest.mark.parametrize("quiet", [["--quiet"], []])
def test_nothing_is_printed_but_what_the_script_prints(stage, pydron, quiet):
    """No log, whatever the JVM and its libraries have to say; many times, for what is said only at some ends."""
    quick = stage.script("print('end')", "quick.py")
    script = stage.script(PIPELINE + "\n    print(p(3))\n")
    for _ in range(8):
        for which, words in ((quick, "end\n"), (script, "[1, 2, 3]\n")):
            done = pydron("run", *quiet, which)
            assert (done.stdout, done.stderr, done.returncode) == (words, "", 0)
    stage.assert_nothing_left()


def test_log(stage, pydron):
    log = stage.folder / "a log"
    script = stage.script(PIPELINE + "\n    print(p(3))\n")
    stage.environment["PYDRON_LOG"] = str(log)
    done = pydron("run", script)
    assert (done.stdout, done.stderr) == ("[1, 2, 3]\n", "")
    assert "joined" in log.read_text()
    stage.environment["PYDRON_LOG"] = "-"
    assert "joined" in pydron("run", script).stderr


@pytest.mark.parametrize(
    "slots, words",
    [
        ("0", "--slots 0 needs --worker-port, or nothing would ever run"),
        ("-1", "--slots: -1 is not between 0 and 4096"),
        ("100000", "--slots: 100000 is not between 0 and 4096"),
    ],
)
def test_slots_out_of_range(stage, pydron, slots, words):
    done = pydron("run", "--slots", slots, stage.script("print(1)"))
    assert done.returncode == 2
    assert done.stdout == "" and done.stderr.splitlines()[0] == f"pydron: {words}"


def test_many_slots(stage, pydron):
    done = pydron("run", "--slots", "40", stage.script(PIPELINE + "\n    print(p(3))\n"))
    assert (done.stdout, done.stderr) == ("[1, 2, 3]\n", "")
    stage.assert_nothing_left()


PLACE = """
    import sys, os, time
    import pydron

    def here():
        return sys.executable, sys.prefix, os.environ.get("PYTHONHASHSEED"), hash("abc"), hash(("x", "y"))

    @pydron.functional
    def there(i):
        time.sleep(0.1)
        return here()

    @pydron.schedule
    def p():
        return [there(i) for i in range(4)]

    mine, theirs = here(), p()
    print(all(one == mine for one in theirs), all(one == theirs[0] for one in theirs), os.path.basename(mine[0]))
    print("seed", mine[2])
"""


def test_tasks_run_in_the_drivers_interpreter_and_hash_as_it_does(stage, pydron):
    """A shim (a script that chooses an interpreter) is not what tasks are started with."""
    shim = stage.folder / "shim"
    shim.write_text(f"#!/bin/sh\nexec '{sys.executable}' \"$@\"\n")
    shim.chmod(0o755)
    stage.environment.pop("PYTHONHASHSEED", None)
    seeds = set()
    for python in (sys.executable, shim):
        done = pydron("run", "--python", python, stage.script(PLACE))
        assert done.stdout.startswith(f"True True {os.path.basename(sys.executable)}\n"), done.stdout + done.stderr
        seeds.add(done.stdout.split()[-1])
    assert len(seeds) == 2, "every run draws its own"


@pytest.mark.parametrize("seed", ["0", "7"])
def test_a_hash_seed_of_the_users_own(stage, seed):
    stage.environment["PYTHONHASHSEED"] = seed
    script = stage.script(PLACE)
    assert stage.run(script).stdout.split()[:2] == ["True", "True"]
    done = stage.python(script)
    assert done.stdout.split()[:2] == ["True", "True"] and done.stdout.split()[-1] == seed


def test_tasks_of_a_plain_python_agree_with_each_other(stage):
    stage.environment.pop("PYTHONHASHSEED", None)
    assert stage.python(stage.script(PLACE)).stdout.split()[1] == "True"


def test_unwritable_places(stage, pydron):
    stage.environment["PYDRON_TMPDIR"] = "/proc"
    done = pydron("run", stage.script("print(1)"))
    assert done.returncode == 125 and done.stdout == ""
    assert done.stderr.startswith("pydron: cannot make a folder for temporary files: '/proc': ")
    assert "Set PYDRON_TMPDIR" in done.stderr and len(done.stderr.splitlines()) == 2


def test_unwritable_place_in_plain_python(stage):
    """There is no scheduler then: said once, and everything runs as it would have."""
    stage.environment["PYDRON_TMPDIR"] = "/proc"
    done = stage.python(stage.script(PIPELINE + "\n    print(p(3))\n    print(p(2))\n"))
    assert done.stdout == "[1, 2, 3]\n[1, 2]\n" and done.returncode == 0
    assert done.stderr.count("Pipelines run sequentially") == 1


def test_script_that_cannot_be_run(stage, pydron):
    done = pydron("run", "nowhere.py")
    assert (done.returncode, done.stderr) == (127, "pydron: cannot run 'nowhere.py': no such file\n")
    (stage.folder / "folder.py").mkdir()
    done = pydron("run", "folder.py")
    assert (done.returncode, done.stderr) == (
        126,
        "pydron: cannot run 'folder.py': it is a folder without a __main__.py\n",
    )


def test_busy_port(stage, pydron):
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = pydron("run", "--worker-port", port, stage.script("print(1)"))
    assert done.returncode == 125 and done.stdout == ""
    assert done.stderr.splitlines()[0] == f"pydron: cannot listen on port {port}: it is in use"
    stage.assert_nothing_left()


def test_worker_without_scheduler(stage, pydron):
    from test_failures import free_port

    worker = stage.start(LAUNCHER, "worker", "--connect", "no.such.host.invalid:1")
    done = stage.finish(worker)
    assert done.returncode == 125
    assert done.stderr == "pydron: cannot connect to 'no.such.host.invalid:1': unknown host\n"
    refused = stage.start(LAUNCHER, "worker", "--connect", f"127.0.0.1:{free_port()}", stderr=subprocess.PIPE)
    done = stage.finish(refused, 60)
    assert done.returncode == 125
    assert "Is a 'pydron run --worker-port' running there?" in done.stderr
    stage.assert_nothing_left()
