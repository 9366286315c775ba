"""Makes the environment that a program's tasks run in where its requirements are to be installed: run by a worker,
`PYTHON -c … ENVIRONMENTS [PIP]`, with the requirements and the constraints on standard input, a zero byte between them.

An environment is a virtual one, below it whatever the Python has that it is made from, so that what an image or a host
has installed need not come again. It is kept by content: the texts, the Python, and when packages below were last
changed. Whoever comes first makes it, others wait; it counts once the file `complete` is in it, so that half a one,
which a crash leaves, is made again.

Answers on standard output: `ok`, or `failed`, and in the next lines the folder, or why not, for people.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import site
import subprocess
import sys
import tempfile
import time

#: Environments that nobody has asked for in so many days are removed.
KEPT_DAYS = 30
COMPLETE = "complete"
LINES = 8
#: Settings of pip by which it would install elsewhere, or not at all.
MISLEADING = (
    *("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON", "PIP_REQUIRE_VIRTUALENV", "PIP_DRY_RUN"),
    *("PIP_REQUIREMENT", "PIP_EDITABLE", "PIP_LOG", "PIP_QUIET", "PIP_VERBOSE", "PIP_REPORT"),
)
#: Where Debian keeps pip's wheel for those who make environments, and Python its own.
WHEELS = ("/usr/share/python-wheels",)


class Impossible(Exception):
    """It cannot be made; the text is for people."""


def main(arguments: list[str]) -> None:
    requirements, _zero, constraints = sys.stdin.buffer.read().decode("utf-8").partition("\0")
    try:
        made = environment(arguments[0], requirements, constraints, arguments[1] if len(arguments) > 1 else "")
        answer = f"ok\n{made}\n"
    except Impossible as e:
        answer = f"failed\n{e}\n"
    except OSError as e:
        answer = f"failed\n{e.strerror or e}: '{e.filename or arguments[0]}'\n"
    sys.stdout.write(answer)


def environment(folder: str, requirements: str, constraints: str, pip: str) -> str:
    """The folder of the environment, made unless it is there.

    `pip` is a folder to import pip from, where this Python has none of its own; "" if there is no such folder.
    """
    os.makedirs(folder, mode=0o700, exist_ok=True)
    made = os.path.join(os.path.realpath(folder), key(requirements, constraints))
    with open(made + ".lock", "a+") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        mark = os.path.join(made, COMPLETE)
        if not os.path.exists(mark):
            shutil.rmtree(made, ignore_errors=True)
            try:
                _make(made, requirements, constraints, pip)
                open(mark, "x").close()
            except BaseException:
                shutil.rmtree(made, ignore_errors=True)
                raise
        os.utime(mark)
    _clean(folder)
    return made


def key(requirements: str, constraints: str) -> str:
    """What the environment depends on, as a name."""
    digest = hashlib.sha256()
    parts = [requirements, constraints, sys.version, os.path.realpath(sys.executable), sys.prefix, platform.platform()]
    for path in _below():
        parts += [path, str(os.stat(path).st_mtime_ns)]
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(data) + data)
    return f"{sys.version_info[0]}.{sys.version_info[1]}-{digest.hexdigest()[:32]}"


def _below() -> list[str]:
    """Where this Python has its installed packages."""
    folders = site.getsitepackages()
    if site.ENABLE_USER_SITE:
        folders.append(site.getusersitepackages())
    return [folder for folder in folders if os.path.isdir(folder)]


def _make(made: str, requirements: str, constraints: str, pip: str) -> None:
    try:
        import venv
    except ImportError:
        raise Impossible(
            f"the Python '{sys.executable}' has no module 'venv' (Debian: apt install python3-venv)"
        ) from None
    venv.EnvBuilder(symlinks=True).create(made)
    python = os.path.join(made, "bin", "python")
    packages = subprocess.run(
        [python, "-I", "-c", "import site; print(site.getsitepackages()[0])"],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    if packages.returncode:
        raise Impossible(f"the environment's Python does not start: {_last(packages.stderr)}")
    with open(os.path.join(packages.stdout.strip(), "pydron-below.pth"), "w") as below:
        # Not as plain lines: files named *.pth in there count as well.
        below.writelines(f"import site; site.addsitedir({folder!r})\n" for folder in _below())
    with tempfile.TemporaryDirectory() as texts:
        command = [python, "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--no-color"]
        for option, text in (("-r", requirements), ("-c", constraints)):
            if text:
                file = os.path.join(texts, "requirements.txt" if option == "-r" else "constraints.txt")
                with open(file, "w", encoding="utf-8") as out:
                    out.write(text)
                command += [option, file]
        _install(command, _pip(pip))


def _pip(brought: str) -> str:
    """What to put on the import path for pip; "" where the environment's Python finds one."""
    if os.path.isdir(os.path.join(brought, "pip")):
        return brought
    import importlib.util

    if importlib.util.find_spec("pip") is not None:
        return ""
    folders = list(WHEELS)
    ensurepip = importlib.util.find_spec("ensurepip")
    if ensurepip is not None and ensurepip.origin:
        folders.insert(0, os.path.join(os.path.dirname(ensurepip.origin), "_bundled"))
    for folder in folders:
        if os.path.isdir(folder):
            for name in sorted(os.listdir(folder)):
                if name.startswith("pip-") and name.endswith(".whl"):
                    return os.path.join(folder, name)
    raise Impossible(f"there is no pip for the Python '{sys.executable}' (Debian: apt install python3-pip)")


def _install(command: list[str], path: str) -> None:
    variables = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    variables.pop("PYTHONHOME", None)
    variables["PYTHONPATH"] = path
    done = subprocess.run(
        command,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode:
        raise Impossible(f"pip says (exit status {done.returncode}):\n{_last(done.stdout)}")


def _last(text: str) -> str:
    lines = [line.rstrip()[:300] for line in text.splitlines() if line.strip() and "WARNING: Retrying" not in line]
    return "\n".join(f"  {line}" for line in lines[-LINES:])


def _clean(folder: str) -> None:
    """Removes what nobody has asked for in a long time, and what a crash has left for so long."""
    oldest = time.time() - KEPT_DAYS * 86400
    for entry in os.listdir(folder):
        if not entry.endswith(".lock"):
            continue
        made = os.path.join(folder, entry[: -len(".lock")])
        try:
            with open(os.path.join(folder, entry), "r+") as lock:
                fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                mark = os.path.join(made, COMPLETE)
                if os.path.getmtime(mark if os.path.exists(mark) else lock.name) < oldest:
                    shutil.rmtree(made, ignore_errors=True)
        except OSError:
            continue  # in use
