"""What this Python can import: its own library, the user's modules, installed packages."""

from __future__ import annotations

import os
import sys


def merge_path(driver: list[str], own: list[str]) -> list[str]:
    """The driver's import path, without another Python's library, and behind it what only this Python has."""
    known = set(own)
    merged = [entry for entry in driver if entry in known or not _is_library(entry)]
    seen = set(merged)
    return merged + [entry for entry in own if entry not in seen]


def _is_library(entry: str) -> bool:
    """Is this a folder of some Python installation that this Python cannot use?

    The standard library of another installation never fits; installed packages do if the version is the same.
    """
    mine = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    parts = entry.replace(os.sep, "/").split("/")
    for i, part in enumerate(parts):
        if not part.startswith("python") or not part[6:7].isdigit():
            continue
        if part.endswith(".zip"):
            return True
        if "." in part and parts[i - 1 : i] in (["lib"], ["lib64"]):
            return part != mine or parts[i + 1 :] in ([], ["lib-dynload"])
    return False


def requirements() -> tuple[str, str]:
    """What has to be installed on other machines, as the command has found it: requirements, constraints."""
    file = os.environ.get("PYDRON_REQUIREMENTS", "")
    if not file:
        return "", ""
    with open(file, encoding="utf-8") as text:
        first, _zero, second = text.read().partition("\0")
    return first, second


def packages() -> dict[str, str]:
    """Installed distributions and versions, by the names of their folders: reading their metadata takes long."""
    found: dict[str, str] = {}
    for folder in sys.path:
        try:
            names = os.listdir(folder)
        except OSError:
            continue
        for name in names:
            stem, _dot, kind = name.rpartition(".")
            if kind in ("dist-info", "egg-info"):
                package, dash, version = stem.partition("-")
                if dash:
                    found.setdefault(package, version.partition("-")[0])
    return found
