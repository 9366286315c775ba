"""Every process of a run is ended or killed in the middle of it, by every way to start one: nothing is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from staging import LAUNCHER, PACKAGE
from test_failures import PIDS, SLEEPER, free_port, listening, start_worker, task_pids

CODES = [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]


@pytest.fixture
def separate(stage, wait):
    """A run whose tasks are in a worker of its own process, both of them in the middle of it."""

    def start(text):
        port = free_port()
        run = stage.start(
            LAUNCHER,
            *("run", "--quiet", "--slots", "0", "--worker-port", port, "--python", sys.executable),
            stage.script(text),
        )
        wait(lambda: listening(port), 30, "the scheduler's port")
        worker = start_worker(stage, port, "separate")
        wait(lambda: len(task_pids(stage)) >= 2, 30, "two tasks")
        return run, worker

    return start


def driver_of(stage) -> int:
    """The process that runs the script, which is not the launcher's."""
    for pid, command in stage.processes().items():
        words = command.split()
        if words[-1].endswith("script.py") and "java" not in words[0]:
            return pid
    raise AssertionError(f"no driver among {stage.processes()}")


def service_of(stage) -> int:
    return next(pid for pid, command in stage.processes().items() if "/java " in command and " serve " in command)


@pytest.mark.parametrize("number, code", CODES)
def test_run_with_a_separate_worker(stage, separate, number, code):
    run, worker = separate(SLEEPER)
    run.send_signal(number)
    done = stage.finish(run, 20)
    assert done.returncode == code, done.stderr
    assert worker.wait(10) == 0, "the worker ends with the scheduler"
    stage.assert_nothing_left(5)


@pytest.mark.parametrize("number, code", CODES)
def test_separate_worker(stage, separate, number, code):
    run, worker = separate(SLEEPER)
    worker.send_signal(number)
    assert worker.wait(10) == code
    assert run.poll() is None, "the run waits for another worker"
    run.send_signal(signal.SIGTERM)
    assert stage.finish(run, 20).returncode == 143
    stage.assert_nothing_left(5)


def test_run_killed_outright_with_a_separate_worker(stage, separate):
    run, worker = separate(SLEEPER)
    run.kill()
    run.communicate()
    assert worker.wait(15) == 0
    stage.assert_nothing_left(5)


def test_separate_task_process_killed(stage, separate):
    run, _ = separate(PIDS % 6)
    os.kill(task_pids(stage)[0], signal.SIGKILL)
    done = stage.finish(run)
    assert "answer [0, 1, 4, 9, 16, 25]" in done.stdout, done.stderr
    assert done.returncode == 0
    stage.assert_nothing_left(5)


def test_run_killed_outright_leaves_not_even_a_folder(stage, wait):
    run = stage.start_run(stage.script(SLEEPER))
    wait(lambda: len(task_pids(stage)) >= 2, 20, "two tasks")
    run.kill()
    _, err = run.communicate()
    assert "scheduler has gone" in err
    stage.assert_nothing_left(8)


def test_run_killed_outright_while_the_script_is_busy_with_something_else(stage, wait):
    """It would not notice by itself that there is nobody any more."""
    script = stage.script("""
        import os, time

        open(os.path.join(os.environ["STAGE"], "pid-0-1"), "w").close()
        while True:
            try:
                time.sleep(60)
            except KeyboardInterrupt:
                pass
    """)
    run = stage.start_run(script)
    wait(lambda: task_pids(stage), 20, "the script")
    run.kill()
    stage.assert_nothing_left(10)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_driver_of_a_run_killed(stage, wait, number):
    run = stage.start_run(stage.script(SLEEPER))
    wait(lambda: len(task_pids(stage)) >= 2, 20, "two tasks")
    os.kill(driver_of(stage), number)
    done = stage.finish(run, 20)
    assert done.returncode == 128 + number, done.stderr
    stage.assert_nothing_left()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_plain_python_ended(stage, wait, number):
    """Python dies of these without a word, and so without clean-up of its own."""
    stage.environment["PYTHONPATH"] = str(PACKAGE)
    run = stage.start(sys.executable, stage.script(SLEEPER), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait(lambda: task_pids(stage), 20, "a task")
    run.send_signal(number)
    assert run.wait(10) == -number
    stage.assert_nothing_left(8)


def test_service_of_plain_python_killed(stage, wait):
    """One clear message, and the next pipeline starts another service."""
    script = stage.script("""
        import os, time
        import pydron

        @pydron.functional
        def work(i, seconds):
            open(os.path.join(os.environ["STAGE"], f"pid-{i}-{os.getpid()}"), "w").close()
            time.sleep(seconds)
            return i

        @pydron.schedule
        def p(seconds):
            return [work(i, seconds) for i in range(4)]

        try:
            p(60)
        except pydron.PydronError as error:
            print("error:", error, flush=True)
        print("again", p(0), flush=True)
    """)
    stage.environment["PYTHONPATH"] = str(PACKAGE)
    run = stage.start(sys.executable, script)
    wait(lambda: task_pids(stage), 20, "a task")
    os.kill(service_of(stage), signal.SIGKILL)
    done = stage.finish(run, 30)
    assert "error: The scheduler has gone while a pipeline was running" in done.stdout, done.stdout + done.stderr
    assert "again [0, 1, 2, 3]" in done.stdout, done.stdout + done.stderr
    stage.assert_nothing_left(8)


def test_a_second_interrupt_kills_a_script_that_catches_the_first(stage, wait):
    script = stage.script("""
        import os, time

        open(os.path.join(os.environ["STAGE"], "pid-0-1"), "w").close()
        while True:
            try:
                time.sleep(60)
            except KeyboardInterrupt:
                print("caught", flush=True)
    """)
    run = stage.start_run(script)
    wait(lambda: task_pids(stage), 20, "the script")
    run.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert run.poll() is None
    run.send_signal(signal.SIGINT)
    done = stage.finish(run, 10)
    assert done.returncode == 130, done.stderr
    assert "caught" in done.stdout
    stage.assert_nothing_left()
