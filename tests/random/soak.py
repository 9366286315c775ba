"""Runs many random programs under Pydron, and makes those that differ small.

    python tests/random/soak.py --seeds 5000 --from 0 --slots 2
    python tests/random/soak.py --seed 17 --slots 4
    python tests/random/soak.py --file small.py

The exit code is 1 if a program differs. `--out` keeps each small program in a file.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from generate import program
from peer import Peer, complaints, signature
from shrink import shrink

LAUNCHER = Path(__file__).resolve().parent.parent.parent / "pydron"
TRIES = 12  # a difference may depend on which task is done first
RESTART_AFTER = 400  # programs, so that a slow leak in the checker itself does not end a soak


@dataclass
class Failure:
    """A program that differs. `source` is the seed or the file it is from."""

    source: str
    slots: int
    paced: bool
    signature: str
    complaints: list[str]
    text: str
    steady: bool = True
    small: bool = False

    def report(self) -> str:
        how = f"{self.source}, {self.slots} slots, {'paced' if self.paced else 'not paced'}, {self.signature}"
        how += "" if self.steady else "; seen only after other programs or only sometimes"
        return "\n".join([f"=== {how}", numbered(self.text), *self.complaints])


def numbered(text: str) -> str:
    return "\n".join(f"{number:4} {line}" for number, line in enumerate(text.splitlines(), 1))


@dataclass
class Tally:
    """What a run of many seeds came to."""

    compared: int = 0
    calls: list[int] = field(default_factory=list)
    raised: int = 0
    invalid: Counter = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    seconds: float = 0.0

    def report(self) -> str:
        rate = 60 * self.compared / max(self.seconds, 0.001)
        busy = sum(calls >= 3 for calls in self.calls)
        return (
            f"{self.compared} programs compared in {self.seconds:.0f} s ({rate:.0f} a minute): "
            f"{len(self.failures)} differ; {busy} made three or more functional calls, {self.raised} raised; "
            f"not compared: {dict(self.invalid) or 'none'}"
        )


def paced(seed: int, slots: int) -> bool:
    """Half of the programs run with delays, and each one with and without, for some number of slots."""
    return bool((seed + slots // 2) % 2)


def run(seeds: range, slots: int, how: str = "pydron", limit: float = 8, on_failure=None, most: int = 1000) -> Tally:
    """Compares the programs of these seeds, many in one process. `on_failure` hears of each that differs at once."""
    tally = Tally()
    started = time.monotonic()
    with Peer(how, slots) as peer:
        for seed in seeds:
            if peer.asked >= RESTART_AFTER:
                peer.stop()
            text = program(seed)
            answer = peer.ask(text, paced(seed, slots), limit)
            if "invalid" in answer:
                tally.invalid[answer["invalid"].strip().splitlines()[-1]] += 1
                continue
            tally.compared += 1
            tally.calls.append(answer.get("calls", 0))
            tally.raised += bool(answer["expected"].get("raised"))
            found = complaints(answer)
            if found:
                failure = Failure(f"seed {seed}", slots, paced(seed, slots), signature(answer), found, text)
                tally.failures.append(failure)
                peer.stop()  # what went wrong must not be blamed on the programs behind it
                if on_failure:
                    on_failure(failure)
                if len(tally.failures) >= most:
                    break
    tally.seconds = time.monotonic() - started
    return tally


def minimised(failure: Failure, how: str = "pydron", seconds: float = 120, hang: float = 1) -> Failure:
    """The failure with a program as small as could be found in that time. What takes `hang` seconds, hangs."""
    limit = hang if failure.signature == "hung" else 8
    with Peer(how, failure.slots) as peer:

        def answer_of(text: str, tries: int) -> dict:
            answer: dict = {}
            for turn in range(tries):
                answer = peer.ask(text, failure.paced ^ bool(turn % 2), limit, twice=False)
                if "invalid" in answer or signature(answer) == failure.signature:
                    break
            return answer

        # A difference that does not show every time gets more tries, at each step.
        tries = 1
        while signature(answer_of(failure.text, 1)) != failure.signature:
            tries += 1
            if tries > TRIES:
                failure.steady = False
                return failure
        text = shrink(failure.text, lambda text: signature(answer_of(text, tries)) == failure.signature, seconds)
        found = complaints(answer_of(text, tries * 2)) or failure.complaints
    return Failure(failure.source, failure.slots, failure.paced, failure.signature, found, text, tries == 1, True)


def kept(failure: Failure, folder: Path) -> None:
    """Writes the small program, with what differs as a comment, to a file."""
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"\W+", "-", f"{failure.source}-slots-{failure.slots}").strip("-")
    pace = " --paced" if failure.paced else ""
    comment = [f"{failure.source}, {failure.signature}", *failure.complaints]
    text = failure.text + "\n" + "\n".join("# " + line for line in comment)
    text += f"\n# python tests/random/soak.py --file {name}.py --slots {failure.slots}{pace}\n"
    (folder / f"{name}.py").write_text(text)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, default=300)
    options.add_argument("--from", type=int, default=0, dest="first")
    options.add_argument("--slots", type=int, default=2)
    options.add_argument("--seed", type=int, help="only this one")
    options.add_argument("--file", type=Path, nargs="*", help="only these programs")
    options.add_argument("--paced", action="store_true", help="with --file: delay the functional calls")
    options.add_argument("--how", default="pydron", help='"pydron", or "mutant: NAME"')
    options.add_argument("--out", type=Path, help="folder for the small programs")
    options.add_argument("--no-shrink", action="store_true")
    options.add_argument("--shrink-seconds", type=float, default=120)
    options.add_argument("--same", type=int, default=3, help="how many of one kind of difference to make small")
    chosen = options.parse_args()
    if chosen.file:
        return files(chosen)
    kinds: Counter = Counter()

    def on_failure(failure: Failure) -> None:
        kinds[failure.signature] += 1
        if chosen.no_shrink or (kinds[failure.signature] > chosen.same and chosen.seed is None):
            told = [line for part in failure.complaints for line in part.splitlines()][:40]
            print(f"=== {failure.source}, {failure.slots} slots, {failure.signature}", *told, sep="\n    ", flush=True)
            return
        small = minimised(failure, chosen.how, chosen.shrink_seconds)
        print(small.report(), flush=True)
        if chosen.out:
            kept(small, chosen.out)

    seeds = (
        range(chosen.first, chosen.first + chosen.seeds) if chosen.seed is None else range(chosen.seed, chosen.seed + 1)
    )
    subprocess.run([LAUNCHER, "version"], check=True, capture_output=True)  # the first call builds
    tally = run(seeds, chosen.slots, chosen.how, on_failure=on_failure)
    print(tally.report())
    for kind, count in kinds.most_common():
        print(f"{count:5}  {kind}")
    return 1 if tally.failures else 0


def files(chosen: argparse.Namespace) -> int:
    result = 0
    with Peer(chosen.how, chosen.slots) as peer:
        for path in chosen.file:
            for turn in range(TRIES):
                answer = peer.ask(path.read_text(), chosen.paced ^ bool(turn % 2))
                found = complaints(answer)
                if found or "invalid" in answer:
                    break
            if found:
                result = 1
                peer.stop()
            print(
                f"{path}: {answer.get('invalid') or signature(answer) or 'the same'}", *found, sep="\n    ", flush=True
            )
    return result


if __name__ == "__main__":
    sys.exit(main())
