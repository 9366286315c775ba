"""`pydron run --verify=sequential`: pipelines are run both ways, and what would happen twice does not."""

from __future__ import annotations

BROKEN = 123

BOTH = """
import random, sys
import pydron

state = {"n": 0}

@pydron.functional
def double(x):
    return 2 * x

@pydron.functional
def appends(xs):
    xs.append(1)
    return len(xs)

@pydron.functional
def counts(x):
    state["n"] += 1
    return x

@pydron.functional
def unlike(x):
    raise ValueError(f"{x} {random.random()}")

@pydron.schedule
def clean(xs):
    ys = [double(x) for x in xs]
    xs.append(3)
    print("sum", sum(ys))
    print("to stderr", file=sys.stderr)
    state["m"] = len(ys)
    return {"ys": ys, "r": random.random()}

@pydron.schedule
def printed():
    xs = [0]
    appends(xs)
    print("length", len(xs))

@pydron.schedule
def returned():
    xs = [0]
    return [appends(xs), xs]

@pydron.schedule
def given(xs):
    appends(xs)

@pydron.schedule
def changed():
    counts(1)
    state["k"] = 2

@pydron.schedule
def raised():
    unlike(1)

@pydron.schedule
def raises():
    double(1)
    raise KeyError("both")

for which in (clean, printed, returned, given, changed, raised, raises):
    try:
        print(which(*[[1, 2]] * (which in (clean, given))))
    except (ValueError, KeyError) as error:
        print("caught", type(error).__name__)
"""

DIFFERENT = {
    "printed": ["standard output, line 1: 'length 2' in sequence, 'length 1' in parallel"],
    "returned": ["result[1]: 2 elements in sequence, 1 element in parallel"],
    "given": ["argument 'xs': 3 elements in sequence, 2 elements in parallel"],
    "changed": ["global state['n']: 1 in sequence, 0 in parallel"],
    "raised": ["exception: builtins.ValueError: 1 0."],
}


def test_both_ways(stage):
    script = stage.script(BOTH)
    done = stage.run("--verify=sequential", script)
    assert done.returncode == BROKEN
    assert "caught KeyError" in done.stdout.splitlines()
    assert "verify: 7 pipelines were run both ways: contracts are broken: 'changed', 'given', 'printed'" in done.stderr
    lines = done.stderr.splitlines()
    for name in ("clean", "printed", "returned", "given", "changed", "raised", "raises"):
        head = f"pydron: warning: verify: '{name}' ({script}:"
        told = [lines[n + 1].strip() for n, line in enumerate(lines) if line.startswith(head)]
        messages = DIFFERENT.get(name, [])
        assert [bool(told)] == [bool(messages)], (name, told)
        for message in messages:
            assert any(text.startswith(message) for text in told), (name, told)
    stage.assert_nothing_left()


def test_effects_do_not_happen_twice_unless_wanted(stage):
    stage.script("""
        import os, tempfile
        import pydron
        @pydron.functional
        def f(x):
            return x + 1
        @pydron.schedule
        def pipeline():
            with tempfile.TemporaryDirectory() as folder:
                with open(folder + "/own", "w") as file:
                    file.write("temporary files are no effect")
            print("before")
            y = f(1)
            with open("out.txt", "a") as file:
                file.write(f"{y}\\n")
            print("after")
            return y
        print(pipeline())
    """)
    done = stage.run("--verify=sequential", "script.py")
    assert (done.returncode, done.stdout) == (0, "before\nafter\n2\n")
    assert (stage.folder / "out.txt").read_text() == "2\n"
    assert "the sequential run stopped before it would open 'out.txt' for writing" in done.stderr
    done = stage.run("--verify=twice", "script.py")
    assert (done.returncode, done.stdout) == (0, "before\nafter\n2\n")
    assert (stage.folder / "out.txt").read_text() == "2\n2\n2\n"
    assert "1 pipeline was run both ways: nothing differed" in done.stderr


EFFECTS = (
    "os.remove('x')",
    "os.system('true')",
    "input()",
    "sys.stdin.read()",
    "subprocess.run(['true'])",
    "os.mkdir('new')",
    "socket.create_connection(('127.0.0.1', 9))",
    "os.kill(os.getpid(), 0)",
    "open('x', 'r+')",
)


def test_every_effect_stops_the_sequential_run(stage):
    head = """
import os, socket, subprocess, sys
import pydron

@pydron.functional
def f(x):
    return x + 1

open("x", "w").close()
"""
    pipelines = "".join(
        f"""
@pydron.schedule
def pipeline{n}():
    y = f({n})
    try:
        {effect}
    except (OSError, EOFError):
        pass
    return y

print(pipeline{n}())
"""
        for n, effect in enumerate(EFFECTS)
    )
    done = stage.run("--verify=sequential", stage.script(head + pipelines))
    assert (done.returncode, done.stdout.split()) == (0, [str(n + 1) for n in range(len(EFFECTS))]), done.stderr
    for n, effect in enumerate(EFFECTS):
        line = next(line for line in done.stderr.splitlines() if f"'pipeline{n}'" in line)
        assert "the sequential run stopped before it would " in line, effect
        assert "script.py:" in line, effect


def test_another_thread_is_a_reason_not_to_copy_the_process(stage):
    stage.script("""
        import threading
        import pydron
        @pydron.functional
        def f(x):
            return x + 1
        @pydron.schedule
        def pipeline():
            return f(1)
        done = threading.Event()
        threading.Thread(target=done.wait).start()
        print(pipeline())
        done.set()
    """)
    done = stage.run("--verify=sequential", "script.py")
    assert (done.returncode, done.stdout) == (0, "2\n")
    assert "could not be compared: other threads are running" in done.stderr
