"""``python -m pydron._graph SCRIPT OUTPUT [NAME]``: write the unit of a script's pipelines, for ``pydron graph`` and
``pydron explain``; into ``OUTPUT.plain`` which of them have no unit, and why; and into ``OUTPUT.sizes`` what is known
of sizes.

The script is imported under a name that is not ``__main__``, so what it does under ``if __name__ == "__main__"`` does
not happen. Problems are one line on standard error and exit code 1.
"""

from __future__ import annotations

import ast
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


def script_of(path: str) -> ast.Module:
    """Its source; nothing where it is a folder, or was removed by itself."""
    try:
        with open(path, "rb") as file:
            return ast.parse(file.read())
    except (OSError, SyntaxError, ValueError):
        return ast.Module([], [])


def main(arguments: list[str]) -> int:
    from . import _compile, _functions, _project, _sizes
    from ._pipelines import pipeline_of

    script, output = arguments[0], arguments[1]
    name = arguments[2] if len(arguments) > 2 else None
    sys.path.insert(0, os.path.dirname(os.path.abspath(script)))
    sys.argv = [script]
    left_alone: list[Any] = []
    _functions.left_alone = left_alone
    try:
        namespace = runpy.run_path(script, run_name="<pydron>")
    except SystemExit:
        print(f"The script ends the program while it is imported: '{script}'", file=sys.stderr)
        return 1
    except Exception as error:
        print(f"Cannot import '{script}': {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    source = script_of(script)
    problem = _project.use(os.path.dirname(os.path.abspath(script))).problem
    if problem:
        print(problem, file=sys.stderr)
    chosen = pipelines(namespace, name)
    own = [each for each in left_alone if each.__module__ == "<pydron>" and name in (None, each.__qualname__)]
    if not chosen and not own:
        what = f"no pipeline called '{name}'" if name else "no function with @pydron.schedule"
        print(f"There is {what} in '{script}'", file=sys.stderr)
        return 1
    data, reasons = _compile.unit_of(chosen)
    plain = [(pipeline.__wrapped__, reason) for pipeline, reason in reasons]
    plain += [(each, "it is a " + ("coroutine" if each.__code__.co_flags & 0x380 else "generator")) for each in own]
    with open(output, "wb") as file:
        file.write(data)
    with open(output + ".plain", "w", encoding="utf-8", errors="replace") as file:
        for each, reason in plain:
            why = reason[len("it ") :] if reason.startswith("it ") else "runs as it is: " + reason
            fields = each.__qualname__, each.__code__.co_filename, each.__code__.co_firstlineno, why
            file.write("".join(f"{field}\0" for field in fields))
    with open(output + ".sizes", "w", encoding="utf-8", errors="replace") as file:
        for pipeline in chosen:
            called = [key for key, value in namespace.items() if pipeline_of(value) is pipeline]
            for each, (size, line) in _sizes.sizes(pipeline.__wrapped__, called, namespace, source).items():
                kind = "length" if isinstance(size, _sizes.Length) else "number"
                file.write("".join(f"{field}\0" for field in (pipeline.__qualname__, each, kind, int(size), line)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
