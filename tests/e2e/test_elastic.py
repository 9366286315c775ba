"""A script on instances: none, some, none; and the service killed in the middle of it. Instances are processes here."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
from staging import LAUNCHER

SETTINGS = """
[limits]
max-instances = 2
max-cores = 4
max-per-hour = 1
budget = 5
idle = "2s"

[cloud.here]
kind = "local"

[[pool]]
name = "small"
cloud = "here"
type = "process"
cores = 2
memory = "1GiB"
per-hour = 0.1
boot = "2s"
"""

SCRIPT = """
import sys
import time
import pydron

@pydron.functional
def work(n):
    time.sleep(0.25)
    return n * n

@pydron.schedule
def main(count):
    total = []
    for i in range(count):
        total.append(work(i))
    return sum(total)

print(main(int(sys.argv[1])))
"""


class Installation:
    def __init__(self, stage):
        self.stage = stage
        self.state = stage.folder / "state"
        settings = stage.folder / "pydron.toml"
        settings.write_text(SETTINGS)
        stage.environment.update(PYDRON_CONFIG=str(settings), PYDRON_STATE=str(self.state))
        stage.environment.pop("PYTHONHASHSEED", None)

    def call(self, *arguments, timeout: float = 40) -> subprocess.CompletedProcess:
        return self.stage.finish(self.stage.start(LAUNCHER, *arguments), timeout)

    def up(self) -> None:
        done = self.call("up", "--linger", "2s", "--python", sys.executable)
        assert done.returncode == 0, done.stderr

    def service(self) -> int | None:
        try:
            return json.loads((self.state / "service.json").read_text())["pid"]
        except (OSError, ValueError):
            return None

    def instances(self) -> list[dict]:
        done = self.call("instances", "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["instances"]

    def working(self) -> list[str]:
        return [it["claim"] for it in self.instances() if it["state"] == "working" and it["running"] > 0]


@pytest.fixture
def installation(stage):
    one = Installation(stage)
    yield one
    if one.service() is not None:
        one.call("down", "--now")


def test_from_none_to_some_to_none_with_a_crash(stage, installation, wait):
    script = stage.script(SCRIPT)
    installation.up()
    assert installation.instances() == []
    first = stage.start(LAUNCHER, "run", "--on", "here", "--python", sys.executable, script, 2000)
    adopted = wait(installation.working, 40, "tasks on instances")
    os.kill(installation.service(), signal.SIGKILL)
    done = stage.finish(first, 20)
    assert done.returncode == 1
    assert "The scheduler has gone while a pipeline was running" in done.stderr

    installation.up()
    assert set(adopted) <= {it["claim"] for it in installation.instances()}, "what lived is known again"
    done = installation.call("run", "--on", "here", "--python", sys.executable, script, 24)
    assert done.stdout == f"{sum(n * n for n in range(24))}\n"
    assert done.returncode == 0
    assert "until idle" in done.stderr
    # Idle instances end, then the service does, and nothing of them is left.
    wait(lambda: installation.service() is None, 30, "the end of the service")
    last = installation.call("instances", "--json")
    assert json.loads(last.stdout)["instances"] == []
    assert float(json.loads(last.stdout)["money"]["spent"]) > 0
    assert os.listdir(installation.state / "instances") == []
    stage.assert_nothing_left(10)


def test_ctrl_c_leaves_instances_to_the_service_and_down_ends_them(stage, installation, wait):
    script = stage.script(SCRIPT)
    run = stage.start(LAUNCHER, "run", "--on", "here", "--python", sys.executable, script, 2000)
    wait(installation.working, 40, "tasks on instances")
    run.send_signal(signal.SIGINT)
    done = stage.finish(run, 20)
    assert done.returncode == 130, done.stderr
    done = installation.call("down")
    assert done.returncode == 0, done.stderr
    assert "all instances are gone" in done.stdout
    assert installation.service() is None
    stage.assert_nothing_left(10)


def test_a_cloud_that_is_not_there(stage, installation):
    done = installation.call("run", "--on", "aws", "--python", sys.executable, stage.script(SCRIPT), 1)
    assert done.returncode == 125
    assert done.stderr == "pydron: there is no cloud 'aws', known are 'here'; 'pydron cloud add' adds one\n"
    assert installation.call("down").returncode == 0
    stage.assert_nothing_left(10)
