from .steps import measure  # noqa: F401
