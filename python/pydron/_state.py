"""What kind of process this is. A module of its own so that it can be asked without importing anything else."""

from __future__ import annotations

from typing import Any

#: True in a task process: decorated functions are plain functions there.
inside_task = False

#: There is a functional function: pipelines are worth a look.
awake = False

#: Every pipeline goes through the scheduler, whether anything in it is functional or not. For tests of ours.
always = False

#: How often a pipeline was run by the scheduler.
runs = 0
#: The task process itself, for what has to look at more of a task than its arguments. None elsewhere.
process: Any = None
