"""`--verify`: looks whether functions keep what their decorators promise (docs/trust.md). The driver's side.

A sample of the calls is run again: behind a call that is to be verified goes a quiet task, which depends on the call's
result and gets the same arguments. It belongs to no place in program order, so it holds nothing up and its failure is
nobody's; what it returns is only read here. The run itself is not touched.
"""

from __future__ import annotations

import atexit
import json
import linecache
import os
import pickle
import re
import struct
import time
from typing import TYPE_CHECKING, Any, Callable, NamedTuple

from pydron._again import Again
from pydron._console import Console
from pydron._errors import PydronError
from pydron._frames import SUBMIT
from pydron._functions import Functional, name_of
from pydron._pending import OUT, Pending

if TYPE_CHECKING:
    from pydron._run import Run
    from pydron._runtime import Region
    from pydron._session import Session

#: At the end of a run one call may take so long to be run again, or so many times as long as the run, if that is more.
_LEAST_WAIT_S = 60.0
_WAIT_FACTOR = 3.0

_ADVICE = {
    "result": "the same arguments have to give the same result: pass what else it depends on (seeds, times, counters) "
    "as arguments",
    "exception": "the same arguments have to give the same result: pass what else it depends on as arguments",
    "argument": "a task works on a copy, so the caller does not see the change: return a changed copy instead",
    "global": "a task changes the variable of its own process only: return what the caller needs instead",
    "state": "a task changes its own process only: do it in the pipeline, or use an object of your own "
    "(random.Random(seed), numpy.random.default_rng(seed))",
}


class Settings(NamedTuple):
    share: float  # of the calls, 0 to 1
    sequential: bool  # run pipelines both ways
    twice: bool  # and let what they do to files and the like happen both times


def parse(text: str) -> Settings:
    """Raises ValueError with words for the user."""
    share, sequential, twice = 0.0, False, False
    for part in text.split(","):
        word = part.strip().lower()
        if word in ("sequential", "twice"):
            sequential, twice = True, twice or word == "twice"
            continue
        match = re.fullmatch(r"(\d+(?:\.\d*)?|\.\d+)\s*%", word)
        if match is None or not 0 < float(match.group(1)) <= 100:
            raise ValueError(
                f"'{part.strip()}' is neither a share of calls such as '5%', nor 'sequential', nor 'twice'"
            )
        share = float(match.group(1)) / 100
    return Settings(share, sequential, twice)


class _Given(NamedTuple):
    """A call that is being run again."""

    functional: Functional
    place: str  # file:line of the call
    task: int


class Verifier:
    """What one session verifies."""

    def __init__(self, session: Session, settings: Settings) -> None:
        import _random  # the user's random numbers stay as they are

        self.settings = settings
        self._session = session
        self._chance = _random.Random().random
        self._functions: dict[int, int] = {}  # of calls, to those that call again; 0: not to be verified
        self._given: dict[int, tuple[Pending, _Given]] = {}
        self._began = 0.0
        self.comparing = False  # an outermost pipeline is being run both ways

    def wants_both(self, session: Session) -> bool:
        return self.settings.sequential and not self.comparing and not session.runs

    # --- running calls again

    def submitted(self, region: Region, site: Any, function: int, data: bytes, deps: list[int] | None, n: int) -> None:
        """A call became task `n`: it may be run again."""
        if not self.settings.share:
            return
        counts.calls += 1
        again = self._functions.get(function)
        if again is None:
            again = self._functions[function] = self._announce(function)
        elif self._chance() >= self.settings.share:
            return
        if not again:
            return
        session = self._session
        arguments = pickle.dumps(((data,), {}), 5)
        numbers = [*(deps or ()), n]
        number = session.new_value()
        root = region.run.root_number
        payload = struct.pack(
            f"<IIIBIII{len(numbers)}I", root, number, 1, 1, again, len(numbers), len(arguments), *numbers
        )
        session.emit(struct.pack("<IB", len(payload) + len(arguments) + 1, SUBMIT) + payload + arguments)
        session.history.append(([site], [function], region.chain))
        session.history_first.append(number)
        pending = Pending(session.book, OUT, number)
        functional = session.registry.by_number[function]
        self._given[number] = pending, _Given(functional, f"{site.file}:{site.line}", n)
        pending.waiters = _Answer(self, number)
        session.wanted[number] = pending
        session.wants.append(number)
        if not self._began:
            self._began = time.monotonic()

    def _announce(self, function: int) -> int:
        """The first call of a function is always run again."""
        session = self._session
        functional = session.registry.by_number[function]
        return 0 if is_silenced(functional) else session.registry.announce_again(functional, Again)

    def again(self, function: int) -> bool:
        """Is it the number of a function that calls again?"""
        return function in self._functions.values()

    def answered(self, number: int, report: Any) -> None:
        """A call was run again; None is good news."""
        found = self._given.pop(number, None)
        if found is None:
            return
        given = found[1]
        skipped = [text for kind, text in report or () if kind == "skipped"]
        if skipped:
            counts.skip(name_of(given.functional), skipped[0])
            return
        counts.verified += 1
        for kind, text in report or ():
            counts.breach(self._session.console, Breach.of(given.functional, given.place, kind, text))

    def failed(self, number: int) -> bool:
        """A call could not be run again: the first time it had failed already, or the second process was killed."""
        found = self._given.pop(number, None)
        if found is None:
            return False
        counts.skip(name_of(found[1].functional), "the call failed, or the process that ran it again")
        return True

    def finish(self, run: Run) -> None:
        """The run is through: waits for the calls that are still being run again, as long as there is progress."""
        session = self._session
        patience = max(_LEAST_WAIT_S, _WAIT_FACTOR * (time.monotonic() - self._began))
        given = self._given
        left, limit = -1, 0.0
        while given and next(reversed(given)) >= run.first_task:
            if len(given) != left:
                left, limit = len(given), time.monotonic() + patience
            if session.reruns and session.rerun_one():
                continue
            if not session.pump(max(0.0, limit - time.monotonic())) or time.monotonic() >= limit:
                for number in [number for number in given if number >= run.first_task]:
                    counts.skip(name_of(given.pop(number)[1].functional), "it took too long")
        self._began = 0.0


class _Answer:
    """Waits for the report of a quiet task, as regions wait for values."""

    __slots__ = ("_number", "_verifier")

    def __init__(self, verifier: Verifier, number: int) -> None:
        self._verifier = verifier
        self._number = number

    def arrived(self) -> None:
        found = self._verifier._given.get(self._number)
        if found is not None:
            self._verifier.answered(self._number, found[0].value)


# --- what was found


class Breach(NamedTuple):
    function: str
    file: str
    line: int
    called: str  # where; "" for pipelines
    kind: str
    text: str

    @classmethod
    def of(cls, function: Any, called: str, kind: str, text: str) -> Breach:
        code = getattr(getattr(function, "__wrapped__", function), "__code__", None)
        file, line = (code.co_filename, code.co_firstlineno) if code is not None else ("", 0)
        return cls(name_of(function), file, line, called, kind, text)

    def words(self) -> str:
        where = f" ({self.file}:{self.line})" if self.file else ""
        called = f", called at {self.called}," if self.called else ""
        if self.kind == "sequential":
            return f"verify: '{self.function}'{where} differs from the sequential run:\n    {self.text}"
        advice = _ADVICE.get(self.kind, "")
        first = f"verify: '{self.function}'{where}{called} breaks its contract:\n    {self.text}"
        return f"{first}\n    {advice}" if advice else first


class _Counts:
    """Of this process, for the closing words."""

    def __init__(self) -> None:
        self.calls = 0
        self.verified = 0
        self.pipelines = 0
        self.skipped: dict[tuple[str, str], int] = {}
        self.breaches: dict[tuple[str, str, str], int] = {}
        self._pid = os.getpid()

    def skip(self, function: str, reason: str) -> None:
        key = function, reason
        self.skipped[key] = self.skipped.get(key, 0) + 1

    def breach(self, console: Console, breach: Breach) -> None:
        """Told in full once for each function and way; the others are counted."""
        key = breach.function, breach.kind, breach.text.split(":")[0].split("[")[0]
        known = self.breaches.get(key, 0)
        self.breaches[key] = known + 1
        if not known:
            console.notice(breach.words(), 1)
        report = os.environ.get("PYDRON_VERIFY_REPORT")
        if report:
            with open(report, "a", encoding="utf-8") as file:
                file.write(json.dumps(breach._asdict()) + "\n")

    def close(self) -> None:
        if self._pid != os.getpid() or not (self.calls or self.pipelines or self.skipped):
            return
        said = []
        if self.calls:
            said.append(f"{self.verified} of {self.calls} calls were run again")
        if self.pipelines:
            said.append(f"{self.pipelines} {'pipeline was' if self.pipelines == 1 else 'pipelines were'} run both ways")
        names = sorted({function for function, _, _ in self.breaches})
        verdict = "nothing differed" if not names else "contracts are broken: " + ", ".join(f"'{n}'" for n in names)
        console = Console(False)
        for (function, reason), n in self.skipped.items():
            console.notice(
                f"verify: {n} {'call' if n == 1 else 'calls'} of '{function}' could not be compared: {reason}"
            )
        if said:
            console.notice(f"verify: {'; '.join(said)}: {verdict}")


counts = _Counts()
_registered = False


def attach(session: Session) -> Verifier | None:
    """The verifier of a session, as PYDRON_VERIFY says."""
    global _registered
    try:
        settings = parse(os.environ.get("PYDRON_VERIFY", ""))
    except ValueError as error:
        session.console.notice(f"PYDRON_VERIFY: {error}; nothing is verified", 1)
        return None
    if not _registered:
        _registered = True
        atexit.register(counts.close)
    return Verifier(session, settings)


def is_silenced(function: Any) -> bool:
    """`# pydron: ok` at the head of a function says that its effects are meant."""
    code = getattr(getattr(function, "__wrapped__", function), "__code__", None)
    if code is None:
        return False
    lines = linecache.getlines(code.co_filename)
    for line in lines[code.co_firstlineno - 1 : code.co_firstlineno + 20]:
        if "# pydron: ok" in line:
            return True
        if re.match(r"\s*(async\s+def|def)\b", line):
            return False
    return False


def both_ways(
    session: Session, pipeline: Any, args: Any, kwargs: Any, outcome: Callable[[Any, Any, Any], Any]
) -> tuple[BaseException | None, Any]:
    """Runs an outermost pipeline in sequence and in parallel, compares, and gives the outcome of the parallel run."""
    from pydron import _sequential

    verifier = session.verifier
    assert verifier is not None

    def parallel() -> tuple[BaseException | None, Any]:
        try:
            error, value = outcome(pipeline, args, kwargs)
            return error, value
        except (KeyboardInterrupt, PydronError):
            raise
        except BaseException as error:
            return error, None

    verifier.comparing = True
    try:
        came_to: tuple[BaseException | None, Any]
        came_to, found = _sequential.both_ways(pipeline, args, kwargs, parallel, verifier.settings.twice)
    finally:
        verifier.comparing = False
    counts.pipelines += not any(kind == "skipped" for kind, _ in found)
    for kind, text in found:
        if kind == "skipped":
            counts.skip(name_of(pipeline), text)
        else:
            counts.breach(session.console, Breach.of(pipeline, "", "sequential", text))
    return came_to
