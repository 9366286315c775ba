"""Looks for periods in light curves: spectrum, candidates, folding; the best are refined.

python benchmarks/scripts/light_curves.py [--scale 1.0] [--out periods.txt]
"""

import argparse
import sys
import time
from dataclasses import dataclass, field

import numpy as np

import pydron


@dataclass(frozen=True)
class Curve:
    name: str
    times: np.ndarray
    fluxes: np.ndarray
    flag: int = 0


@dataclass
class Candidate:
    name: str
    period: float
    power: float
    score: float = 0.0
    notes: list = field(default_factory=list)


def make_curves(count, points, seed=42):
    rng = np.random.default_rng(seed)
    curves = []
    for number in range(count):
        times = np.sort(rng.uniform(0, 90, points))
        period = rng.uniform(0.8, 12.0)
        depth = 0.03 * rng.random() if number % 3 else 0.0
        fluxes = 1 + depth * np.sin(2 * np.pi * times / period) + 0.01 * rng.normal(size=points)
        fluxes[rng.integers(0, points, 5)] += 0.3
        curves.append(Curve(f"S{number:04d}", times, fluxes, flag=int(number % 11 == 5)))
    return curves


@pydron.functional
def clean(curve, sigma=4.0):
    """Flattened, outliers gone."""
    fluxes = curve.fluxes - np.polyval(np.polyfit(curve.times, curve.fluxes, 2), curve.times)
    good = np.abs(fluxes - np.median(fluxes)) < sigma * 1.4826 * np.median(np.abs(fluxes))
    return Curve(curve.name, curve.times[good], fluxes[good], curve.flag)


@pydron.functional
def spectrum(curve, oversample=4, bins=4096):
    """Power at the frequencies of an FFT, of the curve brought onto a grid."""
    grid = np.linspace(curve.times[0], curve.times[-1], bins)
    values = np.interp(grid, curve.times, curve.fluxes) * np.hanning(bins)
    power = np.abs(np.fft.rfft(values, bins * oversample)) ** 2
    return np.fft.rfftfreq(bins * oversample, grid[1] - grid[0]), power / np.median(power)


@pydron.functional
def fold(curve, period, bins=25):
    """How much less scatter there is when the curve is folded with the period."""
    best = (np.inf, period)
    for trial in period * np.linspace(0.99, 1.01, 81):
        phase = ((curve.times / trial) % 1 * bins).astype(int)
        number = np.maximum(np.bincount(phase, minlength=bins), 1)
        mean = np.bincount(phase, curve.fluxes, minlength=bins) / number
        scatter = np.mean((curve.fluxes - mean[phase]) ** 2)
        best = min(best, (scatter, trial))
    return 1 - best[0] / np.var(curve.fluxes), best[1]


@pydron.schedule
def search(curves, threshold=200.0):
    candidates = []
    flagged = 0
    medians = np.empty(len(curves))
    for i, curve in enumerate(curves):
        if curve.flag:
            flagged += 1
            continue
        cleaned = clean(curve)
        frequencies, power = spectrum(cleaned)
        use = (frequencies > 1 / 15) & (frequencies < 2)
        peak = np.argmax(np.where(use, power, 0))
        medians[i] = power[peak]
        if power[peak] < threshold:
            continue
        candidate = Candidate(curve.name, 1 / frequencies[peak], power[peak])
        candidate.score, candidate.period = fold(cleaned, candidate.period)
        if candidate.score < 0.05:
            candidate.notes.append("weak")
        candidates.append(candidate)
    best = sorted(candidates, key=lambda c: c.score, reverse=True)[:10]
    print(f"{len(candidates)} candidates of {len(curves)} curves, {flagged} flagged")
    return best


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--scale", type=float, default=1.0)
    options.add_argument("--out")
    chosen = options.parse_args()
    curves = make_curves(max(12, int(2200 * chosen.scale)), 2500)
    start = time.perf_counter()
    best = search(curves)
    print(f"done in {time.perf_counter() - start:.3f} s", file=sys.stderr)
    report = "".join(f"{c.name}  {c.period:9.5f} d  {c.score:.4f}  {' '.join(c.notes)}\n" for c in best)
    print(report, end="")
    if chosen.out:
        with open(chosen.out, "w") as file:
            print(report, end="", file=file)


if __name__ == "__main__":
    main()
