"""Where the peers come from, and what all of this ran on."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from pathlib import Path

from peers import PEERS

from suite.running import ROOT

VENV = ROOT / "build" / "peers"


def peers_python(install: bool, say) -> str:
    """The Python that has the peers, in an environment of their own; this one if they are not to be installed."""
    python = VENV / "bin" / "python"
    if not install:
        return str(python) if python.exists() else sys.executable
    if not python.exists():
        say(f"making {VENV.relative_to(ROOT)} for the peers")
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    for name, (module, package) in {**PEERS, "numpy": ("numpy", "numpy")}.items():
        if not package or _has(python, module):
            continue
        say(f"installing {package}")
        # Few retries and a short timeout, as in scripts/venv.sh.
        pip = [python, "-m", "pip", "install", "-qq", "--no-input", "--disable-pip-version-check"]
        done = subprocess.run([*pip, "--retries", "1", "--timeout", "30", package], capture_output=True, text=True)
        if done.returncode or not _has(python, module):
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            say(f"NOT MEASURED: {name}: '{package}' cannot be installed: {reason}")
    return str(python)


def _has(python: Path | str, module: str) -> bool:
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    return subprocess.run([python, "-c", code], capture_output=True).returncode == 0


def versions(python: str) -> dict[str, str]:
    """Of everything that was measured."""
    names = [package.partition("[")[0] for _, package in PEERS.values() if package]
    code = (
        "from importlib.metadata import version, PackageNotFoundError\n"
        f"for name in {names + ['distributed', 'numpy']!r}:\n"
        "    try: print(name, version(name))\n"
        "    except PackageNotFoundError: pass\n"
    )
    done = subprocess.run([python, "-c", code], capture_output=True, text=True)
    found = dict(line.split() for line in done.stdout.splitlines())
    java = subprocess.run([ROOT / "pydron", "version"], capture_output=True, text=True).stdout.split()
    return {"python": platform.python_version(), "pydron": " ".join(java), **found}


def machine() -> dict:
    return {
        "time": time.strftime("%Y-%m-%dT%H:%M:%S"),
        "machine": platform.machine(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "load": [round(value, 2) for value in os.getloadavg()],
    }


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor()


def commit() -> str:
    """The state that was measured; with a `+` if there were changes not committed."""

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True).stdout.strip()

    return git("rev-parse", "--short", "HEAD") + ("+" if git("status", "--porcelain", "--untracked-files=no") else "")
