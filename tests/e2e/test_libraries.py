"""What users say about libraries: in their script with `pydron.functional`, and in a file of their project."""

from __future__ import annotations

from staging import LAUNCHER

LIBRARY = """
    import os
    import time

    SEEN = []

    class Station:
        def read(self, x):
            return x + 1

    def measured(x):
        time.sleep(0.4)
        return os.getpid()

    def simulated(x):
        time.sleep(0.4)
        return os.getpid()

    def note(x):
        SEEN.append(x)
        print("note", x, len(SEEN))
"""

SCRIPT = """
    import os
    import pydron
    import mylib

    {declared}

    @pydron.schedule
    def run(xs):
        station = mylib.Station()
        out = []
        for x in xs:
            pid = mylib.{name}(x)
            mylib.note(x)
            out.append((x, station.read(x), pid))
        return out

    if __name__ == "__main__":
        found = run([1, 2, 3])
        pids = {{pid for _, _, pid in found}}
        print([(x, y) for x, y, _ in found], len(pids), os.getpid() in pids)
"""

LINES = "note 1 1\nnote 2 2\nnote 3 3\n[(1, 2), (2, 3), (3, 4)] "


def test_a_library_function_declared_in_the_script(stage):
    stage.script(LIBRARY, "mylib.py")
    script = stage.script(SCRIPT.format(name="measured", declared="pydron.functional(mylib.measured)"))
    done = stage.run(script, slots=3)
    assert done.stdout.startswith(LINES), done.stderr
    assert done.stdout.endswith(" False\n"), "the calls were not tasks"


def test_without_a_declaration_it_runs_in_order(stage):
    stage.script(LIBRARY, "mylib.py")
    done = stage.run(stage.script(SCRIPT.format(name="measured", declared="")), slots=3)
    assert done.stdout == LINES + "1 True\n", done.stderr


def test_the_file_of_a_project(stage):
    stage.script(LIBRARY, "mylib.py")
    stage.script(
        """
        # The instruments of our group.
        module mylib
        functional: simulated
        pure fresh: Station
        output: note

        type mylib.Station
        pure atom: read
        """,
        "pydron.catalogue",
    )
    done = stage.run(stage.script(SCRIPT.format(name="simulated", declared="")), slots=3)
    assert done.stdout == LINES + "3 False\n", done.stderr
    graph = stage.finish(stage.start(LAUNCHER, "graph", "--format", "text", stage.folder / "script.py"))
    assert "order mylib.note(x)" in graph.stdout


def test_a_malformed_file_is_told_once_and_changes_nothing(stage):
    stage.script(LIBRARY, "mylib.py")
    stage.script("module mylib\nfunctionall: simulated\n", "pydron.catalogue")
    done = stage.run(stage.script(SCRIPT.format(name="simulated", declared="")), slots=3)
    assert done.stdout == LINES + "1 True\n"
    told = [line for line in done.stderr.splitlines() if "pydron.catalogue" in line]
    assert len(told) == 1, repr(done.stderr)
    assert "pydron.catalogue:2: 'functionall' is not one of" in told[0]
