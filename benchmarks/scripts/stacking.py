"""Aligns and stacks dithered exposures: a mean with outliers left out, in two passes.

python benchmarks/scripts/stacking.py [--scale 1.0] [--out stack.npy]
"""

import argparse
import sys
import time

import numpy as np

import pydron


@pydron.functional
def expose(number, size, seed=7):
    """One exposure of the same sky: shifted, noisy, hit by cosmic rays. Every ninth is out of focus."""
    sky = np.random.default_rng(seed)
    rng = np.random.default_rng([seed, number])
    y, x = sky.integers(10, size - 10, (2, 60))
    image = np.zeros((size, size))
    image[y, x] = 10 ** sky.uniform(3, 4.5, 60)
    fy = np.fft.fftfreq(size)[:, np.newaxis]
    fx = np.fft.fftfreq(size)[np.newaxis, :]
    width = 6.0 if number % 9 == 8 else 1.6
    dy, dx = rng.uniform(-4, 4, 2)
    blur = np.exp(-2 * (np.pi * width) ** 2 * (fy**2 + fx**2) - 2j * np.pi * (fy * dy + fx * dx))
    image = np.fft.ifft2(np.fft.fft2(image) * blur).real + rng.normal(50, 5, (size, size))
    hits = rng.integers(0, size, (2, 40))
    image[hits[0], hits[1]] += 3000
    return image


@pydron.functional
def align(image, reference):
    """Shifts an image by the peak of its correlation with the reference, to a tenth of a pixel."""
    size = len(image)
    image = np.where(image > np.percentile(image, 99.99), np.median(image), image)
    correlation = np.fft.fft2(reference - reference.mean()) * np.conj(np.fft.fft2(image - image.mean()))
    peak = np.fft.ifft2(correlation).real
    y, x = np.unravel_index(peak.argmax(), peak.shape)
    fy = np.fft.fftfreq(size)
    best = (-np.inf, 0.0, 0.0)
    for dy in np.arange(-0.5, 0.55, 0.1):
        rows = (correlation * np.exp(2j * np.pi * fy * (y + dy))[:, np.newaxis]).sum(axis=0)
        for dx in np.arange(-0.5, 0.55, 0.1):
            value = float((rows * np.exp(2j * np.pi * fy * (x + dx))).sum().real)
            best = max(best, (value, y + dy, x + dx))
    _, dy, dx = best
    shift = np.exp(-2j * np.pi * (fy[:, np.newaxis] * dy + fy[np.newaxis, :] * dx))
    return np.fft.ifft2(np.fft.fft2(image) * shift).real


@pydron.functional
def sharpness(image):
    core = image - np.median(image)
    return float((core**2).sum() / np.abs(core).sum())


@pydron.functional
def outliers(image, mean, deviation):
    return np.abs(image - mean) > 3 * deviation + 5


@pydron.schedule
def stack(exposures, size):
    reference = expose(0, size)
    aligned = []
    limit = 0.8 * sharpness(reference)
    for number in range(1, exposures):
        image = expose(number, size)
        sharp = sharpness(image)
        if sharp < limit:
            print("exposure %d: out of focus (%.1f)" % (number, sharp))
            continue
        aligned.append(align(image, reference))
        if number % 10 == 0:
            print(f"{number}/{exposures} done", flush=True)
    total = np.zeros((size, size))
    squares = np.zeros((size, size))
    for image in aligned:
        total += image
        squares += image**2
    mean = total / len(aligned)
    deviation = np.sqrt(np.maximum(squares / len(aligned) - mean**2, 0))
    clean = np.zeros((size, size))
    count = np.zeros((size, size), int)
    for image in aligned:
        bad = outliers(image, mean, deviation)
        clean += np.where(bad, 0, image)
        count += ~bad
    return clean / np.maximum(count, 1), len(aligned)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--scale", type=float, default=1.0)
    options.add_argument("--out", help="where to write the stacked image")
    chosen = options.parse_args()
    start = time.perf_counter()
    image, used = stack(max(10, int(60 * chosen.scale)), max(64, int(512 * chosen.scale**0.5)))
    print(f"done in {time.perf_counter() - start:.3f} s", file=sys.stderr)
    print(f"{used} exposures, noise {np.median(np.abs(image - np.median(image))):.4f}")
    print("brightest", ", ".join(f"{value:.2f}" for value in np.sort(image, axis=None)[-5:]))
    if chosen.out:
        np.save(chosen.out, image)


if __name__ == "__main__":
    main()
