"""Sweeps the feed and kill rates of a reaction-diffusion model and maps which patterns appear.

python benchmarks/scripts/parameter_sweep.py [--scale 1.0] [--out sweep.csv]
"""

import argparse
import csv
import itertools
import sys
import time

import numpy as np

import pydron


class Unstable(Exception):
    """The simulation left the numbers that mean something."""


@pydron.functional
def simulate(feed, kill, size, steps):
    """Gray and Scott's model from a fixed beginning; the two concentrations at the end."""
    rng = np.random.default_rng(1)
    u = np.ones((size, size))
    v = np.zeros((size, size))
    middle = slice(size // 2 - 5, size // 2 + 5)
    u[middle, middle] = 0.5
    v[middle, middle] = 0.25 + 0.05 * rng.random((10, 10))
    for _ in range(steps):
        around_u = np.roll(u, 1, 0) + np.roll(u, -1, 0) + np.roll(u, 1, 1) + np.roll(u, -1, 1) - 4 * u
        around_v = np.roll(v, 1, 0) + np.roll(v, -1, 0) + np.roll(v, 1, 1) + np.roll(v, -1, 1) - 4 * v
        reaction = u * v * v
        u = u + 0.16 * around_u - reaction + feed * (1 - u)
        v = v + 0.08 * around_v + reaction - (feed + kill) * v
    if not np.isfinite(v).all() or v.max() > 10:
        raise Unstable(f"feed {feed}, kill {kill}")
    return u, v


@pydron.functional
def classify(v):
    """(name of the pattern, covered fraction, typical wave number)"""
    covered = float((v > 0.1).mean())
    if covered < 0.002:
        return "extinct", covered, 0.0
    spectrum = np.abs(np.fft.rfft2(v - v.mean())) ** 2
    radius = np.hypot(np.fft.fftfreq(len(v))[:, np.newaxis], np.fft.rfftfreq(len(v)))
    wave = float((spectrum * radius).sum() / spectrum.sum())
    return ("filled" if covered > 0.45 else "spots" if wave > 0.05 else "growing"), covered, wave


@pydron.schedule
def sweep(feeds, kills, size, steps):
    covered = np.zeros((len(feeds), len(kills)))
    waves = np.full(covered.shape, np.nan)
    names = {}
    failures = []
    for (i, feed), (j, kill) in itertools.product(enumerate(feeds), enumerate(kills)):
        try:
            u, v = simulate(feed, kill, size, steps)
        except Unstable as error:
            failures.append(str(error))
            continue
        name, covered[i, j], waves[i, j] = classify(v)
        names[i, j] = name
    for i, feed in enumerate(feeds):
        print(f"{feed:.4f} " + " ".join(f"{names.get((i, j), 'failed'):8s}" for j in range(len(kills))))
    return covered, waves, names, failures


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--scale", type=float, default=1.0)
    options.add_argument("--out")
    chosen = options.parse_args()
    steps = max(20, int(1900 * chosen.scale))
    feeds = np.linspace(0.015, 0.075, 6)
    kills = np.linspace(0.045, 0.07, 5)
    start = time.perf_counter()
    covered, waves, names, failures = sweep(feeds, kills, 72, steps)
    print(f"done in {time.perf_counter() - start:.3f} s", file=sys.stderr)
    print(f"mean coverage {covered.mean():.6f}, shortest wave {1 / np.nanmax(waves):.6f}, {len(failures)} failed")
    if chosen.out:
        with open(chosen.out, "w", newline="") as file:
            table = csv.writer(file)
            table.writerow(["feed", "kill", "pattern", "covered"])
            for (i, j), name in sorted(names.items()):
                table.writerow([feeds[i], kills[j], name, covered[i, j]])


if __name__ == "__main__":
    main()
