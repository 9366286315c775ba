"""The table, the JSON and the history."""

from __future__ import annotations

import json
import statistics
from pathlib import Path

from suite.figures import Figure, Workload

#: A figure this much worse than the last one in the history is pointed at. Shared machines vary by less.
WORSE = 1.5


class Samples:
    """All repetitions: by figure and contestant."""

    def __init__(self) -> None:
        self.of: dict[str, dict[str, list[float]]] = {}
        self.peak_mb: dict[str, dict[str, float]] = {}
        self.memory: dict[str, list[tuple[float, float]]] = {}
        self.failures: list[str] = []

    def add(self, workload: Workload, contestant: str, figures: dict[str, float], peak_mb: float) -> None:
        for name, value in figures.items():
            self.of.setdefault(name, {}).setdefault(contestant, []).append(value)
        peaks = self.peak_mb.setdefault(workload.name, {})
        peaks[contestant] = max(peaks.get(contestant, 0.0), peak_mb)

    def median(self, figure: str, contestant: str) -> float | None:
        values = self.of.get(figure, {}).get(contestant)
        return statistics.median(values) if values else None

    def spread(self, figure: str, contestant: str) -> tuple[float, float] | None:
        values = self.of.get(figure, {}).get(contestant)
        return (min(values), max(values)) if values else None


def memory_figure(workload: Workload) -> Figure:
    return Figure(workload.name + "_memory", "  memory of all processes, peak", "MB", workload.memory_mb)


def rows(workloads: list[Workload]) -> list[tuple[Workload, Figure]]:
    found = []
    for workload in workloads:
        found += [(workload, figure) for figure in workload.figures]
        if workload.memory_mb is not None:
            found.append((workload, memory_figure(workload)))
    return found


def shown(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def table(workloads: list[Workload], contestants: list[str], samples: Samples) -> tuple[list[str], int]:
    """Lines to print, and how many targets were missed."""
    peers = [name for name in contestants if name != "pydron"]
    head = f"{'':42}{'target':>9}{'pydron':>10}    {'lowest … highest':>19}" + "".join(f"{p:>12}" for p in peers)
    lines, missed = [head + "  unit"], 0
    for _, figure in rows(workloads):
        value = samples.median(figure.name, "pydron")
        met = None if value is None else figure.met(value)
        missed += met is False
        mark = {None: "", True: "ok", False: "NO"}[met]
        target = "" if figure.target is None else f"{'≥' if figure.more_is_better else '≤'} {shown(figure.target)}"
        spread = samples.spread(figure.name, "pydron")
        between = "" if spread is None else f"{shown(spread[0])} … {shown(spread[1])}"
        line = f"{figure.title:42}{target:>9}{shown(value):>10} {mark:2} {between:>19}"
        line += "".join(f"{shown(samples.median(figure.name, peer)):>12}" for peer in peers)
        lines.append(f"{line}  {figure.unit}".rstrip())
    return lines, missed


def as_json(workloads: list[Workload], samples: Samples, facts: dict) -> dict:
    return {
        **facts,
        "figures": {
            figure.name: {
                "title": figure.title.strip(),
                "unit": figure.unit,
                "target": figure.target,
                "more_is_better": figure.more_is_better,
                "samples": samples.of.get(figure.name, {}),
            }
            for _, figure in rows(workloads)
        },
        "peak_mb": samples.peak_mb,
        "memory": {name: [[round(t, 1), round(mb, 1)] for t, mb in found] for name, found in samples.memory.items()},
        "failures": samples.failures,
    }


def history_line(workloads: list[Workload], samples: Samples, facts: dict) -> dict:
    medians = {figure.name: samples.median(figure.name, "pydron") for _, figure in rows(workloads)}
    floor = {figure.name: samples.median(figure.name, "pipe") for _, figure in rows(workloads)}
    return {
        "time": facts["time"],
        "commit": facts["commit"],
        "processor": facts["processor"],
        "cores": facts["cores"],
        "load": facts["load"],
        "pydron": {name: float(f"{value:.4g}") for name, value in medians.items() if value is not None},
        "pipe": {name: float(f"{value:.4g}") for name, value in floor.items() if value is not None},
    }


def record(path: Path, line: dict) -> None:
    with path.open("a") as file:
        file.write(json.dumps(line) + "\n")


def regressions(path: Path, workloads: list[Workload], line: dict) -> list[str]:
    """What is much worse than in the last state that was recorded on such a machine."""
    if not path.exists():
        return []
    earlier = [json.loads(text) for text in path.read_text().splitlines() if text.strip()]
    like = [one for one in earlier if one["processor"] == line["processor"] and one["cores"] == line["cores"]]
    if not like:
        return []
    before, found = like[-1], []
    for _, figure in rows(workloads):
        was, now = before["pydron"].get(figure.name), line["pydron"].get(figure.name)
        if not was or not now or was < 0 or now < 0:
            continue
        factor = was / now if figure.more_is_better else now / was
        if factor > WORSE:
            found.append(f"{figure.title.strip()}: {shown(now)} {figure.unit}, was {shown(was)} at {before['commit']}")
    return found
