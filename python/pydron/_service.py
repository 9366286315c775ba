"""The embedded service of a script that was started without `pydron run`.

It is a child process of this one that lives as long as a pipe to it is open: however this process ends, the kernel
closes the pipe.
"""

from __future__ import annotations

import atexit
import contextlib
import glob
import hashlib
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from pydron._errors import PydronError

#: The first start in a checkout builds, saying so on stderr; that takes minutes.
START_S = 900.0
STOP_S = 3.0
#: Where it writes a report on the run.
REPORT_S = 60.0
_HERE = os.path.dirname(os.path.abspath(__file__))


#: The folder goes when the service ends, even where this process was killed and cannot see to it.
_AND_CLEAN_UP = '"$@"; status=$?; rm -rf -- "$0"; exit $status'


class Service:
    def __init__(self, process: subprocess.Popen[bytes], folder: str) -> None:
        self._process = process
        self._folder = folder
        self._owner = os.getpid()
        self.socket = os.path.join(folder, "driver")

    def alive(self) -> bool:
        return self._process.poll() is None

    def stop(self) -> None:
        """Ends the service: first the polite way. Whatever happens, its folder goes."""
        if self._owner != os.getpid():
            return
        atexit.unregister(self.stop)
        process = self._process
        try:
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
            for how in (0, signal.SIGTERM, signal.SIGKILL):
                if how:
                    os.killpg(process.pid, how)
                try:
                    process.wait(REPORT_S if os.environ.get("PYDRON_EXPLAIN") else STOP_S)
                    break
                except subprocess.TimeoutExpired:
                    continue
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def forget(self) -> None:
        """In a forked child: the pipe must not stay open on its account."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.returncode = 0  # not a child of this process: nothing to wait for


def start() -> Service:
    """Starts a service and waits until it takes connections."""
    command = _launcher()
    folder = tempfile.mkdtemp(prefix="pydron-")
    service: Service | None = None
    try:
        path = os.path.join(folder, "driver")
        process = subprocess.Popen(
            [
                "/bin/sh",
                "-c",
                _AND_CLEAN_UP,
                folder,
                *command,
                "serve",
                "--socket",
                path,
                "--lifeline",
                "--python",
                sys.executable or "python3",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            env=_environment(),
        )
        service = Service(process, folder)
        atexit.register(service.stop)
        _await_ready(process)
        return service
    except BaseException:
        if service is not None:
            service.stop()
        else:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _environment() -> dict[str, str]:
    """For Java, which reads arguments and file names by the locale's charset, as the launcher does it."""
    environment = dict(os.environ)
    locale = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_CTYPE", "LANG"))), "").lower()
    if "utf8" not in locale and "utf-8" not in locale:
        was = os.environ.get("LC_ALL")
        environment["PYDRON_LC_ALL"] = "" if was is None else "=" + was
        environment["LC_ALL"] = "C.UTF-8"
    return environment


def _await_ready(process: subprocess.Popen[bytes]) -> None:
    """The service writes one line when its socket is there."""
    assert process.stdout is not None
    out = process.stdout.fileno()
    deadline = time.monotonic() + START_S
    line = b""
    while not line.endswith(b"\n"):
        left = deadline - time.monotonic()
        if left <= 0:
            raise PydronError(f"it was not ready within {START_S:g} s")
        poll = select.poll()
        poll.register(out, select.POLLIN)
        if not poll.poll(left * 1000):
            continue
        chunk = os.read(out, 4096)
        if not chunk:
            raise PydronError(f"it ended with exit code {process.wait(STOP_S)} before it was ready")
        line += chunk


def _launcher() -> list[str]:
    """The command that runs `pydron`: named, of this checkout, bundled in this package, or on the PATH."""
    named = os.environ.get("PYDRON_LAUNCHER")
    if named:
        if not os.access(named, os.X_OK):
            raise PydronError(f"'{named}' (PYDRON_LAUNCHER) cannot be executed")
        return [named]
    checkout = os.path.join(os.path.dirname(os.path.dirname(_HERE)), "pydron")
    if os.path.isfile(checkout) and os.access(checkout, os.X_OK):
        return [checkout]
    bundled = os.path.join(_HERE, "_java")
    if os.path.isdir(bundled):
        options = [*_JAVA_OPTIONS, f"-Dpydron.home={_home()}", "-cp", os.path.join(bundled, "*")]
        return [_java(), *options, "pydron.cli.Main"]
    found = shutil.which("pydron")
    if found:
        return [found]
    raise PydronError("the command 'pydron' was not found")


def _home() -> str:
    """What a checkout is to its launcher: `python/pydron` is this package, and there is room for a `build` folder."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    home = os.path.join(cache, "pydron", hashlib.sha256(os.fsencode(_HERE)).hexdigest()[:16])
    os.makedirs(os.path.join(home, "python"), exist_ok=True)
    os.makedirs(os.path.join(home, "build"), exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.symlink(_HERE, os.path.join(home, "python", "pydron"))
    return home


_JAVA_OPTIONS = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:CompileThresholdScaling=0.15",
    "-XX:-UsePerfData",
    "-XX:+UseCompactObjectHeaders",
    "-Xlog:disable",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-Djava.awt.headless=true",
)
_JAVA_LEAST = 25


def _java() -> str:
    """A Java that is new enough. The version is read from a file: asking each candidate would take seconds."""
    homes = [os.environ.get("PYDRON_JDK"), os.environ.get("JAVA_HOME")]
    on_path = shutil.which("java")
    if on_path:
        homes.append(os.path.dirname(os.path.dirname(os.path.realpath(on_path))))
    for pattern in (
        "/usr/lib/jvm/*",
        "/usr/java/*",
        "/opt/java/*",
        "/opt/jdk*",
        "~/.sdkman/candidates/java/*",
        "~/.jdks/*",
    ):
        homes += sorted(glob.glob(os.path.expanduser(pattern)))
    newest = 0
    for home in homes:
        if home and os.access(os.path.join(home, "bin", "java"), os.X_OK):
            version = _java_version(home)
            if version >= _JAVA_LEAST:
                return os.path.join(home, "bin", "java")
            newest = max(newest, version)
    found = f"the newest found is {newest}" if newest else "none was found"
    raise PydronError(f"Java {_JAVA_LEAST} or newer is needed, {found}; install one or set JAVA_HOME")


def _java_version(home: str) -> int:
    try:
        with open(os.path.join(home, "release"), encoding="utf-8") as file:
            for line in file:
                if line.startswith("JAVA_VERSION="):
                    parts = line.partition("=")[2].strip().strip('"').split(".")
                    return int(parts[1] if parts[0] == "1" else parts[0])
    except (OSError, ValueError, IndexError):
        pass
    return 0
