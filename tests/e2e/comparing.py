"""One program as plain sequential Python and with Pydron."""

from __future__ import annotations

import resource
import sys
import textwrap
import time
from dataclasses import dataclass, field

from staging import PACKAGE, ROOT

HEAD = """\
import sys, time
import pydron

@pydron.functional
def f(x):
    return x + 1

"""


@dataclass
class Outcome:
    out: str
    err: str
    code: int
    seconds: float
    megabytes: int


@dataclass
class Comparison:
    stage: object
    files: dict = field(default_factory=dict)

    def same(self, text, *options, seconds: float = 20, err: str = "", raw: bytes | None = None, **environment):
        """Runs the program both ways: same output, same exit code, in time, and on stderr nothing but `err`.

        `options` are those of Python. Files named in `files` are as they were before either run.
        """
        content = raw if raw is not None else (HEAD + textwrap.dedent(text)).encode("utf-8", "surrogatepass")
        path = self.stage.folder / "script.py"
        self.stage.environment.update({"PYTHONPATH": str(PACKAGE), **environment})
        found = []
        for command in ([ROOT / "benchmarks" / "sequential.py"], []):
            path.write_bytes(content)
            for name, file in self.files.items():
                (self.stage.folder / name).write_text(textwrap.dedent(file).lstrip("\n"), encoding="utf-8")
            found.append(self._run([sys.executable, *options, *command, path], seconds))
        plain, ours = found
        assert (ours.out, ours.code) == (plain.out, plain.code), ours.err
        unexpected = [line for line in ours.err.splitlines() if not (err and err in line)]
        assert unexpected == plain.err.splitlines(), ours.err
        self.stage.assert_nothing_left()
        return ours

    def _run(self, command, seconds: float) -> Outcome:
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        start = time.monotonic()
        done = self.stage.finish(self.stage.start(*command), seconds)
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        # What is known is the largest child so far: it is this one, or this one was smaller.
        return Outcome(done.stdout, done.stderr, done.returncode, time.monotonic() - start, max(before, most) // 1024)
