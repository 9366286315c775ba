"""A notebook's kernel: cells come one by one from another process, an interrupt is a signal, a restart is a kill."""

from __future__ import annotations

import contextlib
import queue
import sys
import time

import pytest
from staging import PACKAGE

jupyter_client = pytest.importorskip(
    "jupyter_client", reason="ipykernel is not installed: the kernel tests did NOT run"
)

CELLS = [
    "import os, time, pydron",
    "@pydron.functional\ndef f(x):\n    time.sleep(0.5)\n    print('in f', x)\n    return x + 1",
    "@pydron.schedule\ndef p(n):\n    out = []\n    for i in range(n):\n        out.append(f(i))\n    return out",
]
SLOW = (
    "@pydron.functional\ndef slow(i):\n"
    "    open(os.path.join(os.environ['STAGE'], f'begun-{i}'), 'w').close()\n    time.sleep(60)\n    return i\n"
    "@pydron.schedule\ndef q():\n    return [slow(i) for i in range(4)]\n"
    "q()"
)


class Kernel:
    def __init__(self, stage):
        self.manager = jupyter_client.KernelManager(kernel_name="python3")
        self.manager.kernel_spec.argv[0] = sys.executable
        self.manager.start_kernel(env={**stage.environment, "PYTHONPATH": str(PACKAGE)}, cwd=str(stage.folder))
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, code: str, timeout: float = 60) -> tuple[str, str, str]:
        """stdout, stderr, and the name of the exception."""
        return self.outcome(self.client.execute(code), timeout)

    def outcome(self, request: str, timeout: float = 60) -> tuple[str, str, str]:
        texts, error = {"stdout": "", "stderr": ""}, ""
        end = time.monotonic() + timeout
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=max(0.01, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"the cell did not end within {timeout} s: {texts}") from None
            if message["parent_header"].get("msg_id") != request:
                continue
            content = message["content"]
            if message["msg_type"] == "stream":
                texts[content["name"]] += content["text"]
            elif message["msg_type"] == "error":
                error = content["ename"]
            elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                return texts["stdout"], texts["stderr"], error

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.client.stop_channels()
        with contextlib.suppress(Exception):
            self.manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(stage):
    one = Kernel(stage)
    yield one
    one.close()


def test_cells(stage, kernel):
    for cell in CELLS:
        assert kernel.run(cell) == ("", "", "")
    out, err, error = kernel.run("start = time.perf_counter(); a = p(4); print('seconds', time.perf_counter() - start)")
    assert (err, error) == ("", "")
    assert sorted(line for line in out.splitlines() if "in f" in line) == [f"[f] in f {i}" for i in range(4)]
    out, _, _ = kernel.run("start = time.perf_counter(); a = p(4); print(a, time.perf_counter() - start)")
    last = out.splitlines()[-1]
    assert last.startswith("[1, 2, 3, 4]")
    assert float(last.split()[-1]) < 1.8, "in parallel, also where functions come from cells"
    assert kernel.run("@pydron.functional\ndef f(x):\n    return x * 100\nprint(p(3))")[0] == "[0, 100, 200]\n"
    assert kernel.run("@pydron.functional\ndef f(x):\n    return 1 / 0\np(3)")[2] == "ZeroDivisionError"
    kernel.manager.shutdown_kernel()
    stage.assert_nothing_left(8)


def test_interrupt(stage, kernel, wait):
    for cell in CELLS:
        kernel.run(cell)
    request = kernel.client.execute(SLOW)
    wait(lambda: list(stage.folder.glob("begun-*")), 30, "a task")
    start = time.monotonic()
    kernel.manager.interrupt_kernel()
    assert kernel.outcome(request, 20)[2] == "KeyboardInterrupt"
    assert time.monotonic() - start < 3
    assert kernel.run("print(p(2))")[0].endswith("[1, 2]\n"), "the kernel goes on, and so does Pydron"
    kernel.manager.shutdown_kernel()
    stage.assert_nothing_left(8)


def test_restart_in_the_middle(stage, kernel, wait):
    for cell in CELLS:
        kernel.run(cell)
    kernel.client.execute(SLOW)
    wait(lambda: list(stage.folder.glob("begun-*")), 30, "a task")
    kernel.manager.shutdown_kernel(now=True)
    stage.assert_nothing_left(8)
