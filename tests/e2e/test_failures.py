"""What goes wrong, and what the user then sees."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time

import pytest
from staging import LAUNCHER, PACKAGE

PIDS = """
    import os, sys, time
    import pydron

    STAGE = os.environ["STAGE"]

    @pydron.functional
    def work(i):
        with open(os.path.join(STAGE, f"pid-{i}-{os.getpid()}"), "w"):
            pass
        time.sleep(0.6)
        return i * i

    @pydron.schedule
    def p(n):
        out = []
        for i in range(n):
            out.append(work(i))
        return out

    print("answer", p(%d), flush=True)
"""


def task_pids(stage) -> list[int]:
    """Task processes that have begun a call, the latest last."""
    files = sorted(stage.folder.glob("pid-*"), key=lambda path: path.stat().st_mtime)
    return [int(path.name.split("-")[2]) for path in files]


def test_killed_task_process(stage, wait):
    run = stage.start_run(stage.script(PIDS % 8), slots=2)
    pid = wait(lambda: task_pids(stage), 20, "the first task")[0]
    os.kill(pid, signal.SIGKILL)
    done = stage.finish(run)
    assert "answer [0, 1, 4, 9, 16, 25, 36, 49]" in done.stdout, done.stderr
    assert done.returncode == 0
    assert len(set(task_pids(stage))) >= 3, "the killed process was replaced"
    stage.assert_nothing_left()


def test_all_task_processes_killed_at_once(stage, wait):
    run = stage.start_run(stage.script(PIDS % 6), slots=2)
    wait(lambda: len(task_pids(stage)) >= 2, 20, "two tasks")
    for pid in set(task_pids(stage)):
        os.kill(pid, signal.SIGKILL)
    done = stage.finish(run)
    assert "answer [0, 1, 4, 9, 16, 25]" in done.stdout, done.stderr
    stage.assert_nothing_left()


def test_task_that_always_dies(stage):
    """It fails with a clear error of its own, after a few attempts; the other tasks are none the worse."""
    script = stage.script("""
        import os, signal
        import pydron

        @pydron.functional
        def fatal(i):
            if i == 1:
                os.kill(os.getpid(), signal.SIGKILL)
            return i

        @pydron.schedule
        def p():
            return [fatal(i) for i in range(3)]

        try:
            p()
        except pydron.TaskLost as error:
            print("lost:", error)
    """)
    done = stage.run(script)
    assert "lost:" in done.stdout, done.stderr
    assert "fatal" in done.stdout
    stage.assert_nothing_left()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_worker(stage, port: int, name: str) -> subprocess.Popen:
    return stage.start(
        LAUNCHER,
        "worker",
        "--connect",
        f"127.0.0.1:{port}",
        "--slots",
        "2",
        "--name",
        name,
        "--python",
        sys.executable,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_killed_worker(stage, wait):
    """Two separate workers; one is killed in mid-run; the other one does its work again."""
    port = free_port()
    run = stage.start(
        LAUNCHER,
        "run",
        "--quiet",
        "--slots",
        "0",
        "--worker-port",
        port,
        "--python",
        sys.executable,
        stage.script(PIDS % 40),  # the second worker may take its time to start
    )
    wait(lambda: listening(port), 30, "the scheduler's port")
    first = start_worker(stage, port, "first")
    wait(lambda: len(task_pids(stage)) >= 2, 30, "tasks on the first worker")
    second = start_worker(stage, port, "second")
    wait(lambda: len(set(task_pids(stage))) >= 4, 30, "tasks on the second worker")
    first.kill()
    done = stage.finish(run)
    assert f"answer {[i * i for i in range(40)]}" in done.stdout, done.stderr
    assert done.returncode == 0
    assert second.wait(10) == 0, "the worker ends with the scheduler"
    stage.assert_nothing_left(10)


def test_only_worker_killed_and_replaced(stage, wait):
    """Results that the dead worker had handed in stay; the run waits for another worker and goes on."""
    port = free_port()
    run = stage.start(
        LAUNCHER,
        "run",
        "--quiet",
        "--slots",
        "0",
        "--worker-port",
        port,
        "--python",
        sys.executable,
        stage.script(PIDS % 6),
    )
    wait(lambda: listening(port), 30, "the scheduler's port")
    first = start_worker(stage, port, "first")
    wait(lambda: len(task_pids(stage)) >= 3, 30, "the third task")
    first.kill()
    first.wait()
    start_worker(stage, port, "second")
    done = stage.finish(run)
    assert "answer [0, 1, 4, 9, 16, 25]" in done.stdout, done.stderr
    stage.assert_nothing_left(10)


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_lost_large_values_are_computed_again(stage, wait):
    """A killed worker takes its large values with it; who needs them later still gets them."""
    port = free_port()
    script = stage.script("""
        import os, time
        import pydron

        @pydron.functional
        def make(i):
            return bytes([i]) * 1_000_000

        @pydron.functional
        def hold(i, seconds):
            open(os.path.join(os.environ["STAGE"], f"pid-{i}-{os.getpid()}"), "w").close()
            time.sleep(seconds)
            return i

        @pydron.functional
        def size(large, after):
            return len(large) + large[0] + after

        @pydron.schedule
        def p():
            large = [make(i) for i in range(4)]
            after = hold(size(large[0], 0), 2)
            return [size(part, after) for part in large]

        print("answer", p())
    """)
    run = stage.start(
        LAUNCHER, "run", "--quiet", "--slots", "0", "--worker-port", port, "--python", sys.executable, script
    )
    wait(lambda: listening(port), 30, "the scheduler's port")
    first = start_worker(stage, port, "first")
    wait(lambda: task_pids(stage), 30, "the waiting task")
    first.kill()
    first.wait()
    start_worker(stage, port, "second")
    done = stage.finish(run)
    assert "answer [2000000, 2000001, 2000002, 2000003]" in done.stdout, done.stdout + done.stderr
    stage.assert_nothing_left(10)


SLEEPER = """
    import os, time
    import pydron

    @pydron.functional
    def work(i):
        open(os.path.join(os.environ["STAGE"], f"pid-{i}-{os.getpid()}"), "w").close()
        time.sleep(60)
        return i

    @pydron.schedule
    def p():
        return [work(i) for i in range(4)]

    try:
        p()
    finally:
        print("finally", flush=True)
"""


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_interrupted(stage, wait, number, code):
    run = stage.start_run(stage.script(SLEEPER), slots=2)
    wait(lambda: len(task_pids(stage)) >= 2, 20, "two tasks")
    start = time.monotonic()
    run.send_signal(number)
    done = stage.finish(run, 20)
    assert time.monotonic() - start < 3.5
    assert done.returncode == code, done.stderr
    if number == signal.SIGINT:
        assert "finally" in done.stdout, "the script sees its KeyboardInterrupt"
        assert "KeyboardInterrupt" in done.stderr
    stage.assert_nothing_left()


def test_interrupt_in_plain_python(stage, wait):
    stage.environment["PYTHONPATH"] = str(PACKAGE)
    run = stage.start(sys.executable, stage.script(SLEEPER))
    wait(lambda: task_pids(stage), 20, "a task")
    start = time.monotonic()
    run.send_signal(signal.SIGINT)
    done = stage.finish(run, 20)
    assert time.monotonic() - start < 3.5
    assert done.returncode == -signal.SIGINT, done.stderr
    assert "finally" in done.stdout
    stage.assert_nothing_left()


def test_driver_killed_outright(stage, wait):
    """Plain Python killed with -9 takes the service and its tasks with it."""
    stage.environment["PYTHONPATH"] = str(PACKAGE)
    run = stage.start(sys.executable, stage.script(SLEEPER), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait(lambda: task_pids(stage), 20, "a task")
    run.kill()
    run.wait()
    stage.assert_nothing_left(10)


def test_run_killed_outright(stage, wait):
    """kill -9 of `pydron run` itself: no process survives it, and the next run sweeps up its folder."""
    run = stage.start_run(stage.script(SLEEPER), slots=2)
    wait(lambda: len(task_pids(stage)) >= 2, 20, "two tasks")
    run.kill()
    run.wait()
    wait(lambda: not stage.processes(), 10, "all processes to end")
    done = stage.run(stage.script("import pydron\nprint(pydron.functional(len)('ab'))"))
    assert done.stdout == "2\n"
    stage.assert_nothing_left()


def test_user_exception(stage):
    script = stage.script("""
        import pydron

        @pydron.functional
        def reduce(frame):
            return helper(frame)

        def helper(frame):
            raise ValueError(f"frame {frame} is overexposed")

        @pydron.schedule
        def night(frames):
            out = []
            for frame in frames:
                out.append(reduce(frame))
            return out

        night([3, 1, 2])
    """)
    done = stage.run(script)
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert "ValueError: frame 3 is overexposed" in lines[-2:], "the last line, but for a note that names the task"
    shown = re.findall(r'File ".*script\.py", line (\d+), in (\S+)', done.stderr)
    expected = [("17", "<module>"), ("14", "night"), ("5", "reduce"), ("8", "helper")]
    assert [entry for entry in shown if entry in expected] == expected
    assert "return helper(frame)" in done.stderr
    assert "reduce(3)" in done.stderr, "the task and its arguments, in short"
    assert "java" not in done.stderr.lower() and "_runtime" not in done.stderr
    stage.assert_nothing_left()


def test_notice_for_what_cannot_be_pickled(stage):
    script = stage.script("""
        import threading
        import pydron

        @pydron.functional
        def guarded(lock, x):
            with lock:
                return x + 1

        @pydron.functional
        def generates(n):
            return (i for i in range(n))

        @pydron.schedule
        def p():
            lock = threading.Lock()
            return [guarded(lock, i) for i in range(3)], list(generates(2))

        print(p())
    """)
    done = stage.run(script)
    assert done.stdout == "([1, 2, 3], [0, 1])\n", done.stderr
    assert done.returncode == 0
    assert sum("guarded" in line for line in done.stderr.splitlines()) == 1, "one line, however many calls"
    assert "lock" in done.stderr
    assert sum("generates" in line for line in done.stderr.splitlines()) == 1


def test_missing_script(stage):
    done = stage.run("nowhere.py")
    assert done.returncode == 127
    assert done.stderr == "pydron: cannot run 'nowhere.py': no such file\n"
    stage.assert_nothing_left()


def test_task_timeout(stage):
    script = stage.script("""
        import time
        import pydron

        @pydron.functional(timeout=0.5, retries=0)
        def hangs(i):
            time.sleep(60 if i == 1 else 0)
            return i

        @pydron.schedule
        def p():
            out = []
            for i in range(3):
                try:
                    out.append(hangs(i))
                except pydron.TaskTimeout as error:
                    out.append("timeout")
                    print("error:", error)
            return out

        print(p())
    """)
    start = time.monotonic()
    done = stage.run(script)
    assert "[0, 'timeout', 2]" in done.stdout, done.stderr
    assert "hangs" in next(line for line in done.stdout.splitlines() if line.startswith("error:"))
    assert time.monotonic() - start < 15
    stage.assert_nothing_left()


def test_value_store_without_room(stage, tmp_path):
    """One clear message and an exit code, instead of a hang or half an answer."""
    small = stage.folder / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m,mode=700", "pydron-e2e", str(small)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("cannot mount a small file system here: the full-store test did NOT run")
    try:
        stage.environment["PYDRON_TMPDIR"] = str(small)
        script = stage.script("""
            import pydron

            @pydron.functional
            def large(i):
                return bytes([i]) * 8_000_000

            @pydron.schedule
            def p():
                parts = [large(i) for i in range(4)]
                return sum(len(part) for part in parts)

            print(p())
        """)
        done = stage.run(script)
        assert done.returncode not in (0, -6, -9, -11), done.stdout
        assert re.search(r"full|no (space|room)|not enough", done.stderr, re.IGNORECASE), done.stderr
        assert "java" not in done.stderr.lower()
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


def test_script_that_does_not_parse(stage):
    done = stage.run(stage.script("def broken(:\n    pass\n"))
    plain = stage.python(stage.folder / "script.py")
    assert done.returncode == plain.returncode == 1
    assert done.stderr == plain.stderr


def test_system_exit_in_the_script(stage):
    script = stage.script("""
        import sys
        import pydron

        @pydron.functional
        def f(x):
            return x

        @pydron.schedule
        def p():
            if f(1):
                sys.exit("enough")

        p()
    """)
    done = stage.run(script)
    assert (done.returncode, done.stderr) == (1, "enough\n")
