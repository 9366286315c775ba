"""Pydron: sequential Python, run in parallel.

Mark functions that have no side effects with `functional`, and the function that calls them with `schedule`.
It gives the same answer, sooner. Everything heavy is imported when a pipeline is called for the first time.
"""

from pydron._errors import PydronError, TaskLost, TaskMemory, TaskTimeout
from pydron._functions import functional, schedule

__version__ = "0.1.0"
__all__ = ["PydronError", "TaskLost", "TaskMemory", "TaskTimeout", "functional", "schedule"]
