"""What kind of process this is. A module of its own so that it can be asked without importing anything else."""

#: True in a task process: decorated functions are plain functions there.
inside_task = False
