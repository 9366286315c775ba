"""Puts the Java side into the wheel, if it has been built: then the package needs no checkout, only a Java.

Looked for in PYDRON_JARS, in the build that the launcher made, and where Maven leaves it.
"""

from __future__ import annotations

import glob
import os
import shutil

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def jars() -> list[str]:
    folders = [os.environ.get("PYDRON_JARS", "")]
    try:
        with open(os.path.join(ROOT, "build", "current"), encoding="utf-8") as file:
            folders.append(os.path.join(file.readline().strip(), "lib"))
    except OSError:
        pass
    folders += [os.path.join(ROOT, "cli", "target", "dist", "lib"), os.path.join(ROOT, "cli", "target", "lib")]
    for folder in filter(None, folders):
        found = sorted(glob.glob(os.path.join(folder, "*.jar")))
        if any(os.path.basename(jar).startswith("pydron-cli") for jar in found):
            return found
    return []


def catalogue() -> list[str]:
    """The purity catalogue, which `pydron check` reads too."""
    resources = os.path.join(ROOT, "scheduler", "src", "main", "resources", "pydron", "analysis")
    return sorted(glob.glob(os.path.join(resources, "catalogue", "*.catalogue")))


class BuildWithJava(build_py):
    def run(self) -> None:
        super().run()
        folder = os.path.join(self.build_lib, "pydron", "check", "catalogue")
        os.makedirs(folder, exist_ok=True)
        for path in catalogue():
            shutil.copy(path, folder)
        found = jars()
        target = os.path.join(self.build_lib, "pydron", "_java")
        shutil.rmtree(target, ignore_errors=True)
        if not found:
            self.warn(
                "the Java side is not built ('./pydron version' does it): this wheel needs a 'pydron' on the PATH"
            )
            return
        os.makedirs(target)
        for jar in found:
            shutil.copy(jar, target)


setup(cmdclass={"build_py": BuildWithJava})
