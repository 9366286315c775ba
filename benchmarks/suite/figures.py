"""What is measured, and the target of each figure."""

from __future__ import annotations

from dataclasses import dataclass

STANDARD = ("futures", "pool")
ALL = ("pipe", *STANDARD, "joblib", "ray", "dask", "parsl", "ipyparallel")
WITH_HANDLES = ("ray", "dask", "parsl")


@dataclass(frozen=True)
class Figure:
    """One row of the table. Without a target it is there to be looked at."""

    name: str
    title: str
    unit: str
    target: float | None = None
    more_is_better: bool = False

    def met(self, value: float) -> bool | None:
        if self.target is None:
            return None
        return value >= self.target if self.more_is_better else value <= self.target


@dataclass(frozen=True)
class Workload:
    """One process (and what it starts) that measures some figures."""

    name: str
    figures: tuple[Figure, ...]
    peers: tuple[str, ...] = ()
    slots: int = 2
    #: "program": programs.py by `pydron run`; "cold": the time from outside; "script": the same by plain `python`;
    #: "workers": with two worker processes of its own; "scale": the core alone, in Java.
    how: str = "program"
    #: Measured in the first round only: it takes minutes, or is not about time.
    once: bool = False
    limit_s: float = 240
    #: Measured only where `--only` has its whole name.
    on_request: bool = False
    #: What the analysis said in the workload before is there; otherwise all is as in a script's first run.
    kept: bool = False
    #: The memory of all its processes is bounded: the most that Pydron's may have in all, in MB.
    memory_mb: float | None = None


def short(ms: int, target: float) -> Workload:
    name = f"short_{ms}ms"
    figure = Figure(name, f"2 000 × {ms} ms, efficiency", "", target, True)
    return Workload(name, (figure,), ("pipe", *STANDARD, "joblib", "ray", "dask", "parsl", "ipyparallel"))


def no_ops(name: str, count: str, peers: tuple[str, ...], cpu_target: float | None = None) -> Workload:
    return Workload(
        name,
        (
            Figure(name, f"{count} no-op calls", "1/s", 30_000, True),
            Figure(name + "_cpu", f"{count} no-op calls, CPU each", "µs", cpu_target),
        ),
        peers,
    )


WORKLOADS = (
    Workload("cold_script", (Figure("cold_script", "cold: python script.py", "s", 0.8),), how="script"),
    Workload("cold_run", (Figure("cold_run", "cold: pydron run; peer: start", "s", 0.8),), ALL, how="cold"),
    Workload("second_pipeline", (Figure("second_pipeline", "second pipeline of a session", "ms", 20),)),
    Workload("second_kept", (Figure("second_kept", "the same in the next run", "ms", 20),), kept=True),
    Workload(
        "round_trip",
        (
            Figure("round_trip", "round trip, median", "ms", 0.25),
            Figure("round_trip_p99", "round trip, 99 of 100", "ms", 1.5),
        ),
        ALL,
    ),
    no_ops("no_ops_10k", "10 000", ALL),
    no_ops("no_ops_100k", "100 000", ("pipe", *STANDARD, "joblib"), cpu_target=60),
    no_ops("no_ops_1m", "1 000 000", ("pipe",)),
    Workload(
        "chain",
        (
            Figure("chain", "chain of 1 000, a link", "µs", 200),
            Figure("chain_bytes", "  of it through the driver", "bytes", 100),
        ),
        ALL,
    ),
    Workload("tree", (Figure("tree", "tree of 1 024 leaves, a task", "µs", 100),), ALL),
    short(1, 0.90),
    short(5, 0.97),
    short(10, 0.98),
    Workload(
        "array_100mb",
        (
            Figure("array_100mb", "100 MB array to 20 tasks", "GB/s", 15, True),
            Figure("array_copies", "  copies made of it", "", 1.01),
        ),
        (*STANDARD, "joblib", "ray", "dask"),
    ),
    Workload("results_100kb", (Figure("results_100kb", "2 000 × 100 kB inspected", "1/s", 3_000, True),), ALL),
    Workload(
        "reduce_10mb",
        (
            Figure("reduce_10mb", "200 × 10 MB to one task", "s"),
            Figure("reduce_bytes", "  of it through the driver", "bytes", 100),
        ),
        (*STANDARD, "ray", "dask"),
    ),
    Workload("kill", (Figure("kill", "kill -9 of a task process, longer by", "s", 1.0),), ("ray", "dask")),
    Workload(
        "kill_worker",
        (Figure("kill_worker", "kill -9 of one of two workers, longer by", "s", 1.0),),
        how="workers",
        slots=0,
    ),
    Workload(
        "scale",
        (
            Figure("scale_rate", "10 000 workers, decisions", "1/s", 20_000, True),
            Figure("scale_longest", "  the longest event", "ms", 50),
            Figure("waiting_memory", "scheduler memory, a waiting task", "bytes", 600),
        ),
        how="scale",
        once=True,
    ),
    Workload(
        "fast_producer",
        (Figure("fast_producer", "fast tasks, slow driver: 2 000 × 1 MB", "1/s"),),
        once=True,
        memory_mb=1_000,
    ),
    Workload("one_gb", (Figure("one_gb", "a result of 1 GB, read at both ends", "s", 3.0),), once=True),
    Workload("pending_list", (Figure("pending_list", "100 000 pending values in a list", "µs", 100),)),
    Workload("slots_64", (Figure("slots_64", "64 slots on 2 cores, 2 000 × 100 ms", "", 0.5, True),), slots=64),
    Workload("mixed", (Figure("mixed", "60 tasks of 1 ms to 30 s, × the ideal", "", 1.1),), once=True),
    Workload(
        "loop_10m",
        (Figure("loop_10m", "loop over 10 000 000", "1/s", 30_000, True),),
        once=True,
        limit_s=1200,
        memory_mb=1_000,
    ),
    Workload(
        "soak",
        (Figure("soak", "1 000 000 tasks in 50 pipelines", "1/s", 30_000, True),),
        once=True,
        limit_s=1200,
        memory_mb=1_000,
    ),
    Workload(
        "soak_10min",
        (Figure("soak_10min", "the same, spread over ten minutes", "min", 10.1),),
        once=True,
        limit_s=1200,
        memory_mb=1_000,
        on_request=True,
    ),
)
