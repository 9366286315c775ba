"""What a user's project says about libraries: the file `pydron.catalogue` (docs/catalogue.md)."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from . import _catalogue


class Project:
    """A project's catalogue. With a `problem`, which is a line for the user, there are no entries."""

    def __init__(self, file: str = "", text: str = "") -> None:
        self.problem = ""
        self.told = False
        self.catalogues: list[tuple[str, str]] = []
        self.functional: frozenset[str] = frozenset()
        self.names: frozenset[str] = frozenset()  # all that it lists, instead of what could be found out
        if not text:
            return
        try:
            entries = _catalogue.read(text, file)
        except _catalogue.Malformed as error:
            self.problem = f"{error} (the file is ignored, so what it lists runs in order)"
            return
        self.catalogues = [(file, text)]
        self.names = frozenset(each.full_name for each in entries)
        self.functional = frozenset(each.full_name for each in entries if each.meaning.effect == "functional")

    def tell(self, console: Any) -> None:
        """Says once what is wrong with the file."""
        if self.problem and not self.told:
            self.told = True
            console.notice(self.problem, 1)


_current: Project | None = None


def use(folder: str) -> Project:
    """Takes the file of the project that a folder belongs to."""
    global _current
    try:
        file = _catalogue.find(Path(folder).resolve())
        _current = Project(str(file), file.read_text("utf-8")) if file is not None else Project()
    except (OSError, UnicodeDecodeError) as error:
        _current = Project()
        _current.problem = f"cannot read '{_catalogue.FILE_NAME}': {error}"
    return _current


def current() -> Project:
    """The project of the script that is running."""
    if _current is not None:
        return _current
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    return use(os.path.dirname(os.path.abspath(script)) if isinstance(script, str) else os.getcwd())
