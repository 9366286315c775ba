"""The right answer, in less time, by every way to start a script."""

from __future__ import annotations

import subprocess
import sys

import pytest
from staging import LAUNCHER, ROOT

LOOP = """
    import sys, time
    import pydron

    @pydron.functional
    def slow(i):
        start = time.time()
        time.sleep(1)
        return i * 10, start, time.time()

    @pydron.schedule
    def loop_demo():
        total = 0
        spans = []
        for i in range(4):
            value, start, end = slow(i)
            total = total + value
            spans.append((start, end))
        return total, spans

    def show(name, found):
        total, spans = found
        print(name, total)
        print("overlapping", max(sum(a < end and start < b for start, end in spans) for a, b in spans))

    if __name__ == "__main__":
        show("total", loop_demo())
"""


def overlapping(text: str) -> int:
    """How many calls were running while one of them was: the clock of a loaded machine does not matter."""
    return int(next(line for line in text.splitlines() if line.startswith("overlapping")).split()[1])


def test_four_slots_run_four_calls_at_a_time(stage):
    done = stage.run(stage.script(LOOP), slots=4)
    assert done.returncode == 0, done.stderr
    assert "total 60" in done.stdout
    assert overlapping(done.stdout) == 4
    stage.assert_nothing_left()


def test_one_slot_takes_one_after_the_other(stage):
    """What runs at a time above is Pydron's doing: with one slot nothing does."""
    done = stage.run(stage.script(LOOP), slots=1)
    assert "total 60" in done.stdout
    assert overlapping(done.stdout) == 1


def test_plain_python_starts_the_service_and_leaves_nothing(stage):
    done = stage.python(stage.script(LOOP))
    assert done.returncode == 0, done.stderr
    assert "total 60" in done.stdout
    assert overlapping(done.stdout) >= 2
    stage.assert_nothing_left()


def test_the_script_sees_what_plain_python_shows_it(stage):
    script = stage.script("""
        import os, sys
        import pydron

        @pydron.functional
        def f(x):
            return x + 1

        @pydron.schedule
        def p():
            return [f(i) for i in range(3)]

        print(p(), __name__, sys.argv[1:], os.path.basename(__file__), os.getcwd() == os.environ["STAGE"])
        print(sys.path[0] == os.path.dirname(os.path.abspath(__file__)), sys.flags.interactive)
        sys.exit(7)
    """)
    expected = stage.python(script, "--a", "b c", "--slots")
    done = stage.run(script, "--a", "b c", "--slots")
    assert (done.stdout, done.returncode) == (expected.stdout, expected.returncode)
    assert "[1, 2, 3] __main__ ['--a', 'b c', '--slots'] script.py True" in done.stdout
    assert done.returncode == 7


def test_own_modules_beside_the_script(stage):
    stage.script(
        """
        import pydron

        @pydron.functional
        def cube(x):
            return x ** 3
    """,
        "mathematics.py",
    )
    script = stage.script("""
        import pydron
        from mathematics import cube

        @pydron.schedule
        def p(items):
            return sum(cube(x) for x in items)

        print(p([1, 2, 3]))
    """)
    assert stage.run(script).stdout == "36\n"


def test_interactive_python_without_source(stage):
    """Functions typed at the prompt have no source up to Python 3.12: they run plainly, and right."""
    lines = (
        "import pydron\n"
        "@pydron.functional\ndef f(x):\n    return x + 1\n\n"
        "@pydron.schedule\ndef p(n):\n    out = []\n    for i in range(n):\n        out.append(f(i))\n"
        "    return out\n\n"
        "print('answer', p(4))\n"
        "print('answer', p(2))\n"
    )
    done = stage.python("-i", text=lines)
    assert "answer [1, 2, 3, 4]" in done.stdout and "answer [1, 2]" in done.stdout, done.stderr
    assert "Traceback" not in done.stderr
    stage.assert_nothing_left()


def test_interactive_python_after_a_script(stage):
    """The pipeline has a source here, so it runs in parallel, several times in one session."""
    script = stage.script(LOOP.replace('if __name__ == "__main__":', "if False:"))
    lines = "show('total', loop_demo())\nshow('again', loop_demo())\n"
    done = stage.python("-i", script, text=lines)
    assert "total 60" in done.stdout and "again 60" in done.stdout, done.stderr
    assert overlapping(done.stdout) >= 2
    stage.assert_nothing_left()


def test_notebook_kernel(stage):
    """Cells run in IPython's shell, as in a kernel: functions defined in one cell, called in later ones, redefined."""
    pytest.importorskip("IPython", reason="IPython is not installed: the notebook test did NOT run")
    script = stage.script("""
        from IPython.core.interactiveshell import InteractiveShell

        shell = InteractiveShell.instance()
        cells = [
            "import time, pydron",
            "@pydron.functional\\ndef f(x):\\n    time.sleep(0.5)\\n    return x + 1",
            "@pydron.schedule\\ndef p(n):\\n    out = []\\n    for i in range(n): out.append(f(i))\\n    return out",
            "start = time.perf_counter(); a = p(4); print('seconds', time.perf_counter() - start)",
            "print('first', a)",
            "@pydron.functional\\ndef f(x):\\n    return x * 100",
            "print('second', p(3))",
        ]
        for cell in cells:
            shell.run_cell(cell).raise_error()
    """)
    done = stage.python(script)
    assert done.returncode == 0, done.stderr
    assert "first [1, 2, 3, 4]" in done.stdout
    assert "second [0, 100, 200]" in done.stdout
    stage.assert_nothing_left()


def test_output_of_tasks_is_not_interleaved(stage):
    script = stage.script("""
        import sys
        import pydron

        @pydron.functional
        def talk(i):
            for k in range(50):
                print(f"<task {i} line {k} " + "x" * 200 + ">")
            print(f"to stderr {i}", file=sys.stderr)
            return i

        @pydron.schedule
        def p():
            return [talk(i) for i in range(4)]

        print(p())
    """)
    done = stage.run(script, slots=4)
    everything = (done.stdout + done.stderr).splitlines()
    lines = [line for line in everything if "<task" in line]
    assert len(lines) == 200
    assert all(line.count("<task") == 1 and line.endswith("x" * 200 + ">") for line in lines)
    for i in range(4):
        mine = [int(line.split("line ")[1].split()[0]) for line in lines if f"<task {i} " in line]
        assert mine == list(range(50))
    assert sum("to stderr" in line for line in everything) == 4
    assert "[0, 1, 2, 3]" in done.stdout


def test_standard_input_belongs_to_the_script(stage):
    script = stage.script("""
        import pydron

        @pydron.functional
        def f(x):
            return x + 1

        @pydron.schedule
        def p(items):
            return [f(x) for x in items]

        print(p([int(input()), int(input())]))
    """)
    process = stage.start(LAUNCHER, "run", "--quiet", "--python", sys.executable, script, stdin=subprocess.PIPE)
    assert stage.finish(process, text="4\n5\n").stdout == "[5, 6]\n"


EXAMPLES = {
    "demo.py": ["--seconds", "0.3"],
    "stdlib_similarity/pipeline.py": ["--files", "60"],
    "astronomy/pipeline.py": ["--science", "12"],
    "monte_carlo/pipeline.py": ["--paths", "500", "--tolerance", "0.01"],
}


def test_every_example_is_tested():
    found = {str(path.relative_to(ROOT / "examples")) for path in (ROOT / "examples").rglob("*.py")}
    assert {name for name in found if name.endswith("pipeline.py")} <= set(EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES)
def test_example(stage, example):
    """Each example checks its own answer; here also the printed figures are those of the sequential program."""
    if example.startswith("astronomy"):
        pytest.importorskip("astropy", reason="astropy is not installed: the astronomy example did NOT run")
    script = ROOT / "examples" / example
    done = stage.run(script, *EXAMPLES[example], slots=2, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    plain = stage.finish(
        stage.start(sys.executable, ROOT / "benchmarks" / "sequential.py", script, *EXAMPLES[example]), 120
    )
    assert plain.returncode == 0, plain.stderr
    assert without_times(done.stdout) == without_times(plain.stdout)
    stage.assert_nothing_left()


def without_times(text: str) -> list[str]:
    return [line.split(" in ")[0] for line in text.splitlines() if not line.endswith(" s") or " in " in line]


def test_two_runs_at_a_time(stage, wait):
    """A run that starts and ends while another one is at work does not take anything away from it."""
    script = stage.script("""
        import os, time
        import pydron

        @pydron.functional
        def large(i):
            open(os.path.join(os.environ["STAGE"], f"begun-{i}"), "w").close()
            time.sleep(0.5)
            return bytes([i]) * 500_000

        @pydron.functional
        def size(part):
            return len(part) + part[0]

        @pydron.schedule
        def p(n):
            parts = []
            for i in range(n):
                parts.append(large(i))
            return [size(part) for part in parts]

        print(p(6))
    """)
    quick = stage.script("import pydron\nprint(pydron.schedule(lambda: 1)())\n", "quick.py")
    first = stage.start_run(script, slots=1)
    wait(lambda: list(stage.folder.glob("begun-*")), 20, "the first task")
    folders = [path for path in stage.temporary.iterdir() if path.name.startswith("pydron-")]
    assert len(folders) == 1
    assert stage.run(quick).stdout == "1\n"
    assert folders[0].exists(), "the second run removed the folder of the first"
    done = stage.finish(first)
    assert done.stdout == "[500000, 500001, 500002, 500003, 500004, 500005]\n", done.stderr
    stage.assert_nothing_left()
