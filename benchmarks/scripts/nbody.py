"""A star cluster, stepped in time: forces on one part of the stars after the other, energies now and then.

python benchmarks/scripts/nbody.py [--scale 1.0] [--out cluster.npz]
"""

import argparse
import sys
import time

import numpy as np

import pydron


def plummer(stars, seed=9):
    """Positions, velocities and masses of a cluster at rest."""
    rng = np.random.default_rng(seed)
    radius = 1 / np.sqrt(rng.random(stars) ** (-2 / 3) - 1)
    radius = np.minimum(radius, 5)

    def directions():
        vectors = rng.normal(size=(stars, 3))
        return vectors / np.linalg.norm(vectors, axis=1)[:, np.newaxis]

    positions = radius[:, np.newaxis] * directions()
    speed = np.sqrt(2) * (1 + radius**2) ** -0.25 * rng.uniform(0.2, 0.5, stars)
    velocities = speed[:, np.newaxis] * directions()
    return positions - positions.mean(axis=0), velocities - velocities.mean(axis=0), np.full(stars, 1 / stars)


@pydron.functional
def accelerations(positions, masses, begin, end, softening=0.05):
    """Of the stars from `begin` to `end`, by all stars."""
    result = np.zeros((end - begin, 3))
    for row in range(begin, end, 64):
        some = positions[row : min(row + 64, end)]
        apart = positions[np.newaxis, :, :] - some[:, np.newaxis, :]
        distance = np.sqrt((apart**2).sum(axis=2) + softening**2)
        result[row - begin : row - begin + len(some)] = np.einsum("ijk,ij->ik", apart, masses / distance**3)
    return result


@pydron.functional
def potential(positions, masses, begin, end, softening=0.05):
    energy = 0.0
    for i in range(begin, end):
        distance = np.sqrt(((positions - positions[i]) ** 2).sum(axis=1) + softening**2)
        energy -= 0.5 * masses[i] * ((masses / distance).sum() - masses[i] / softening)
    return energy


@pydron.schedule
def simulate(positions, velocities, masses, steps, dt, parts):
    positions = positions.copy()
    velocities = velocities.copy()
    edges = np.linspace(0, len(masses), parts + 1).astype(int)
    energies = []
    force = np.zeros_like(positions)
    for begin, end in zip(edges[:-1], edges[1:]):
        force[begin:end] = accelerations(positions, masses, begin, end)
    for step in range(steps):
        velocities += 0.5 * dt * force
        positions += dt * velocities
        for begin, end in zip(edges[:-1], edges[1:]):
            force[begin:end] = accelerations(positions, masses, begin, end)
        velocities += 0.5 * dt * force
        if step % 5 == 0:
            kinetic = 0.5 * (masses * (velocities**2).sum(axis=1)).sum()
            binding = sum([potential(positions, masses, begin, end) for begin, end in zip(edges[:-1], edges[1:])])
            energies.append(kinetic + binding)
            drift = abs(energies[-1] / energies[0] - 1)
            print(f"step {step:3d}  energy {energies[-1]:.8f}  drift {drift:.2e}")
            if drift > 0.2:
                print("unstable, giving up")
                break
    return positions, velocities, energies


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--scale", type=float, default=1.0)
    options.add_argument("--out")
    options.add_argument("--parts", type=int, default=4)
    chosen = options.parse_args()
    positions, velocities, masses = plummer(max(100, int(1200 * chosen.scale**0.5)))
    start = time.perf_counter()
    positions, velocities, energies = simulate(
        positions, velocities, masses, max(6, int(80 * chosen.scale**0.5)), 0.01, chosen.parts
    )
    print(f"done in {time.perf_counter() - start:.3f} s", file=sys.stderr)
    print(f"energies {energies[0]:.8f} to {energies[-1]:.8f}")
    print("half-mass radius %.6f" % np.median(np.linalg.norm(positions, axis=1)))
    if chosen.out:
        np.savez(chosen.out, positions=positions, velocities=velocities)


if __name__ == "__main__":
    main()
