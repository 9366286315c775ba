"""``python -m pydron._graph SCRIPT OUTPUT [NAME]``: write the unit of a script's pipelines, for ``pydron graph``.

The script is imported under a name that is not ``__main__``, so what it does under ``if __name__ == "__main__"`` does
not happen. Problems are one line on standard error and exit code 1.
"""

from __future__ import annotations

import os
import runpy
import sys
from typing import Any


def pipelines(namespace: dict[str, Any], name: str | None) -> list[Any]:
    """The pipelines a script defines, in its order, or the one with the name (``Class.method`` for methods)."""
    from ._pipelines import pipeline_of

    found: dict[str, Any] = {}

    def collect(values: Any) -> None:
        for value in values:
            pipeline = pipeline_of(getattr(value, "__func__", value))
            if pipeline is not None:
                found.setdefault(pipeline.__qualname__, pipeline)

    collect(namespace.values())
    for value in list(namespace.values()):
        if isinstance(value, type) and value.__module__ == namespace.get("__name__"):
            collect(vars(value).values())
    if name is None:
        return list(found.values())
    return [found[name]] if name in found else []


def main(arguments: list[str]) -> int:
    from . import _compile

    script, output = arguments[0], arguments[1]
    name = arguments[2] if len(arguments) > 2 else None
    sys.path.insert(0, os.path.dirname(os.path.abspath(script)))
    sys.argv = [script]
    try:
        namespace = runpy.run_path(script, run_name="<pydron>")
    except SystemExit:
        print(f"The script ends the program while it is imported: '{script}'", file=sys.stderr)
        return 1
    except Exception as error:
        print(f"Cannot import '{script}': {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    chosen = pipelines(namespace, name)
    if not chosen:
        what = f"no pipeline called '{name}'" if name else "no function with @pydron.schedule"
        print(f"Nothing to draw in '{script}': {what}", file=sys.stderr)
        return 1
    data, reasons = _compile.unit_of(chosen)
    for pipeline, reason in reasons:
        print(f"'{pipeline.__qualname__}' runs as it is: {reason}", file=sys.stderr)
    with open(output, "wb") as file:
        file.write(data)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
