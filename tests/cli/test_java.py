"""The launcher and the package look for a Java that is new enough; what they say where there is none."""

from __future__ import annotations

import os
import shutil
import sys

import pytest
from staging import LAUNCHER, PACKAGE, ROOT


def jdk(folder, version: str):
    """What looks like a JDK of that version to whoever does not start it."""
    (folder / "bin").mkdir(parents=True)
    for tool in ("java", "javac"):
        (folder / "bin" / tool).write_text("#!/bin/sh\nexit 1\n")
        (folder / "bin" / tool).chmod(0o755)
    (folder / "release").write_text(f'JAVA_VERSION="{version}"\n')
    return folder


@pytest.fixture
def without_java(stage):
    """A PATH with the usual commands but no Java, and nowhere else to find one."""
    tools = stage.folder / "bin"
    tools.mkdir()
    for folder in ("/usr/bin", "/bin"):
        for name in os.listdir(folder):
            if not name.startswith("java") and not (tools / name).exists():
                (tools / name).symlink_to(os.path.join(folder, name))
    stage.environment.update(PATH=str(tools), PYDRON_JDK_PLACES="", HOME=str(stage.folder))
    for name in ("JAVA_HOME", "PYDRON_JDK"):
        stage.environment.pop(name, None)
    # A checkout that has not been built: the launcher has to look for a JDK.
    checkout = stage.folder / "checkout"
    shutil.copytree(ROOT / "scripts", checkout / "scripts")
    shutil.copy(LAUNCHER, checkout / "pydron")
    stage.environment["PYDRON_LAUNCHER"] = str(checkout / "pydron")
    return checkout / "pydron"


def test_no_java(stage, without_java):
    done = stage.finish(stage.start(without_java, "run", "x.py"))
    assert done.returncode == 127
    assert done.stderr.splitlines()[0] == "pydron: a JDK 25 or newer is needed; none was found"
    assert "set JAVA_HOME" in done.stderr


@pytest.mark.parametrize("version, shown", [("17.0.15", "17"), ("1.8.0_452", "8"), ("24.0.2", "24")])
def test_old_java(stage, without_java, version, shown):
    old = jdk(stage.folder / "old jdk", version)
    stage.environment["PYDRON_JDK"] = str(old)
    done = stage.finish(stage.start(without_java, "run", "x.py"))
    assert done.returncode == 126
    first = done.stderr.splitlines()[0]
    assert first == f"pydron: a JDK 25 or newer is needed; the newest found is {shown}, in {old}"


def test_plain_python_without_java(stage, without_java):
    """The pipeline runs sequentially, and why is said once."""
    script = stage.script("""
        import pydron

        @pydron.functional
        def f(x):
            return x + 1

        @pydron.schedule
        def p(n):
            return [f(i) for i in range(n)]

        print(p(3))
        print(p(2))
    """)
    stage.environment["PYTHONPATH"] = str(PACKAGE)
    done = stage.finish(stage.start(sys.executable, script))
    assert (done.stdout, done.returncode) == ("[1, 2, 3]\n[1, 2]\n", 0)
    assert done.stderr.count("Pipelines run sequentially") == 1
    assert "a JDK 25 or newer is needed" in done.stderr
    stage.assert_nothing_left()
