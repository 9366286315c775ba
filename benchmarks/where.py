"""Where the CPU time of a task goes, by process and thread, for one of the loops of programs.py.

    pydron run --quiet --slots 2 benchmarks/where.py call_all 100000
    pydron run --quiet --slots 2 benchmarks/where.py links 5000

Prints µs of user and system time a call, and how often each thread slept a call, for a warm loop. For the functions
behind it: `py-spy record -r 500 -f raw -p PID` on the script or a task process, `perf record -F 997 -g -p PID` or JFR
(`PYDRON_JAVA_OPTIONS=-XX:StartFlightRecording=filename=run.jfr`) for the JVM.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import programs

ARGUMENTS = {"sum_of": lambda n: (0, n), "inspect": lambda n: (n, 100_000)}


def family() -> dict[int, str]:
    """The processes of this run: what `pydron run` started, and itself."""
    top, found = os.getppid(), {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        chain = [int(name)]
        while chain[-1] > 1 and chain[-1] != top and len(chain) < 6:
            try:
                chain.append(int(Path(f"/proc/{chain[-1]}/stat").read_text().rpartition(")")[2].split()[1]))
            except OSError:
                break
        if chain[-1] == top:
            command = programs._command(int(name))
            kind = "task process" if b"pydron._task" in command else "scheduler and worker"
            found[int(name)] = "script" if int(name) == os.getpid() else kind
    return found


def snapshot(processes: dict[int, str]) -> dict[tuple[str, str], tuple[int, int, int]]:
    found: dict[tuple[str, str], tuple[int, int, int]] = {}
    for number, kind in processes.items():
        for thread in Path(f"/proc/{number}/task").iterdir():
            try:
                name, _, rest = (thread / "stat").read_text().partition("(")[2].rpartition(")")
                status = (thread / "status").read_text()
            except OSError:
                continue
            fields = rest.split()
            sleeps = int(status.partition("\nvoluntary_ctxt_switches:")[2].split()[0])
            key = kind, name if kind.startswith("scheduler") else ""
            before = found.get(key, (0, 0, 0))
            found[key] = before[0] + int(fields[11]), before[1] + int(fields[12]), before[2] + sleeps
    return found


def main() -> None:
    loop, count = sys.argv[1], int(sys.argv[2])
    program, arguments = getattr(programs, loop), ARGUMENTS.get(loop, lambda n: (n,))(count)
    programs.warm_up()
    for turn in ("first", "second", "third"):
        processes = family()
        before, begin = snapshot(processes), time.perf_counter()
        program(*arguments)
        seconds, after = time.perf_counter() - begin, snapshot(processes)
        tick = 1e6 / os.sysconf("SC_CLK_TCK") / count
        print(f"{turn} time: {seconds / count * 1e6:.2f} µs a call")
        print(f"  {'':46}{'user µs':>9}{'system µs':>11}{'sleeps':>9}")
        total = 0.0
        for key in sorted(after, key=lambda key: before.get(key, (0,))[0] - after[key][0]):
            user, system, sleeps = (new - old for new, old in zip(after[key], before.get(key, (0, 0, 0))))
            total += (user + system) * tick
            if user + system:
                name = f"{key[0]} {key[1]}".strip()
                print(f"  {name:46}{user * tick:9.2f}{system * tick:11.2f}{sleeps / count:9.2f}")
        print(f"  {'in all':46}{total:9.2f}")


if __name__ == "__main__":
    main()
