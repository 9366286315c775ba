"""``python -m pydron.check [--format F] [--min-confidence C] [--catalogue FILE] FILE_OR_FOLDER…``

Exit code 0: nothing was found; 1: something was; 2: the command line makes no sense, or a file cannot be read;
125: a bug of the check itself.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback

from pydron.check._catalogue import files as catalogue_files
from pydron.check._catalogue import of_project
from pydron.check._functionals import Check
from pydron.check._libraries import LEVELS, Libraries
from pydron.check._modules import Project, Unreadable
from pydron.check._report import FORMATS, Outcome

_SKIPPED = frozenset(("__pycache__", "node_modules", "site-packages", "venv", "env", "build", "dist"))


def files(names: list[str]) -> list[str]:
    """The Python files that were named, and those in folders that were."""
    found = []
    for name in names:
        if not os.path.isdir(name):
            found.append(name)
            continue
        for folder, inner, members in os.walk(name):
            inner[:] = sorted(d for d in inner if d not in _SKIPPED and not d.startswith("."))
            found += [os.path.join(folder, m) for m in sorted(members) if m.endswith(".py")]
    return list(dict.fromkeys(os.path.normpath(name) for name in found))


def check(names: list[str], least: int, catalogue: list[str] | None = None) -> Outcome:
    """Raises Unreadable for the first file that cannot be checked."""
    project = Project()
    for name in files(names):
        project.load(name)
    own = {of_project(os.path.dirname(os.path.abspath(name))) for name in files(names)}
    standard = catalogue_files() if catalogue is None else catalogue
    one = Check(project, Libraries(standard, sorted(path for path in own if path)))
    findings = one.run()
    shown = [f for f in findings if f.level >= least]
    return Outcome(shown, len(findings) - len(shown), len(one.functionals), len(one.pipelines))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="pydron check")
    parser.add_argument("names", nargs="+")
    parser.add_argument("--format", choices=sorted(FORMATS), default="text")
    parser.add_argument("--min-confidence", choices=list(LEVELS), default="likely")
    parser.add_argument("--catalogue", action="append")
    chosen = parser.parse_args(arguments)
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 20_000))
    try:
        outcome = check(chosen.names, LEVELS[chosen.min_confidence], chosen.catalogue)
    except Unreadable as error:
        print(f"pydron: {error}", file=sys.stderr)
        return 2
    except Exception:
        print(f"pydron: a bug in pydron check, please report it:\n{traceback.format_exc()}", file=sys.stderr)
        return 125
    sys.stdout.write(FORMATS[chosen.format](outcome))
    return 1 if outcome.findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
