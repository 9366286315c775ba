"""Radiation through a slab: photons scatter or are absorbed, in batches until the answer is exact enough.

python benchmarks/scripts/monte_carlo.py [--scale 1.0]
"""

import argparse
import math
import sys
import time
from collections import namedtuple

import numpy as np

import pydron

Tally = namedtuple("Tally", "photons transmitted reflected absorbed depth")


@pydron.functional
def transport(seed, photons, thickness, albedo):
    """Follows a batch of photons until each has left the slab or was absorbed."""
    rng = np.random.default_rng(seed)
    depth = np.zeros(photons)
    cosine = np.ones(photons)
    transmitted = reflected = absorbed = 0
    deepest = np.zeros(20)
    while len(depth):
        depth = depth - np.log(rng.random(len(depth))) * cosine
        through = depth > thickness
        back = depth < 0
        transmitted += int(through.sum())
        reflected += int(back.sum())
        inside = ~(through | back)
        depth, cosine = depth[inside], cosine[inside]
        dies = rng.random(len(depth)) > albedo
        absorbed += int(dies.sum())
        deepest += np.histogram(depth[dies], bins=20, range=(0, thickness))[0]
        depth = depth[~dies]
        cosine = rng.uniform(-1, 1, len(depth))
    return Tally(photons, transmitted, reflected, absorbed, deepest)


@pydron.schedule
def simulate(thickness, albedo, tolerance, photons, batches):
    history = []
    total = transmitted = 0
    profile = np.zeros(20)
    seed = 0
    while True:
        for _ in range(batches):
            seed += 1
            tally = transport([seed, int(10 * thickness)], photons, thickness, albedo)
            total += tally.photons
            transmitted += tally.transmitted
            profile += tally.depth
        fraction = transmitted / total
        error = math.sqrt(fraction * (1 - fraction) / total)
        history.append((total, fraction, error))
        print(f"  {total:9d} photons: {fraction:.5f} +- {error:.5f}")
        if error < tolerance * fraction or len(history) >= 12:
            break
    return fraction, error, profile / total


@pydron.schedule
def main_loop(thicknesses, albedo, tolerance, photons, batches):
    rows = []
    for thickness in thicknesses:
        print("thickness", thickness)
        fraction, error, profile = simulate(thickness, albedo, tolerance, photons, batches)
        rows.append({"thickness": thickness, "fraction": fraction, "error": error, "peak": int(np.argmax(profile))})
    return rows


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--scale", type=float, default=1.0)
    chosen = options.parse_args()
    photons = max(500, int(700_000 * chosen.scale))
    start = time.perf_counter()
    rows = main_loop([1.0, 2.5, 4.0], 0.9, 0.0006 / chosen.scale**0.5, photons, 10)
    print(f"done in {time.perf_counter() - start:.3f} s", file=sys.stderr)
    for row in rows:
        print("{thickness:4.1f}  {fraction:.6f} +- {error:.6f}  absorbed most in bin {peak}".format(**row))


if __name__ == "__main__":
    main()
