"""Aperture photometry of a night of simulated frames: one light curve for each star and filter.

python benchmarks/scripts/photometry.py [--scale 1.0] [--out lightcurves.csv]
"""

import argparse
import logging
import os
import sys
import tempfile
import time
from dataclasses import dataclass

import numpy as np
from astropy.io import fits
from scipy import ndimage

import pydron

log = logging.getLogger("photometry")


@dataclass
class Measurement:
    filter: str
    time: float
    seeing: float
    fluxes: np.ndarray
    errors: np.ndarray
    saturated: bool


def simulate(folder, frames, size, stars, seed=20):
    """Writes the frames of a night. One is cut off, as happens when a disk is full."""
    rng = np.random.default_rng(seed)
    positions = rng.uniform(20, size - 20, (stars, 2))
    brightness = 10 ** rng.uniform(3.0, 4.5, stars)
    yy, xx = np.mgrid[-8:9, -8:9]
    paths = []
    for number in range(frames):
        width = 1.5 + 0.5 * rng.random()
        image = rng.normal(100.0, 10.0, (size, size)).astype(np.float32)
        for (y, x), flux in zip(positions, brightness):
            iy, ix = int(y), int(x)
            star = np.exp(-((yy - y + iy) ** 2 + (xx - x + ix) ** 2) / (2 * width**2))
            varying = flux * (1 + 0.1 * np.sin(number / 5 + x))
            image[iy - 8 : iy + 9, ix - 8 : ix + 9] += varying * star / star.sum()
        header = fits.Header({"FILTER": "BVR"[number % 3], "MJD": 60000 + number / 96})
        path = os.path.join(folder, f"frame{number:03d}.fits")
        fits.writeto(path, image, header, overwrite=True)
        paths.append(path)
    with open(paths[frames // 2], "r+b") as damaged:
        damaged.truncate(0)
    return paths, positions


@pydron.functional
def measure(path, positions, radius):
    """Fluxes of all stars on one frame, the background taken off."""
    with fits.open(path) as hdus:
        header = hdus[0].header
        image = hdus[0].data.astype(float)
    background = ndimage.median_filter(image, size=9)
    image -= background
    noise = 1.4826 * np.median(np.abs(image))
    yy, xx = np.indices(image.shape)
    fluxes = []
    for y, x in positions:
        inside = (yy - y) ** 2 + (xx - x) ** 2 <= radius**2
        fluxes.append(image[inside].sum())
    fluxes = np.array(fluxes)
    errors = np.sqrt(np.abs(fluxes) + np.pi * radius**2 * noise**2)
    return Measurement(header["FILTER"], header["MJD"], noise, fluxes, errors, bool(image.max() > 5000))


@pydron.functional
def variability(fluxes, errors):
    """Reduced chi square of each star being constant, the common drift of the night removed."""
    fluxes = np.array(fluxes)
    errors = np.array(errors)
    drift = np.median(fluxes / np.median(fluxes, axis=0), axis=1)
    fluxes = fluxes / drift[:, np.newaxis]
    mean = np.average(fluxes, axis=0, weights=1 / errors**2)
    return ((fluxes - mean) ** 2 / errors**2).sum(axis=0) / (len(fluxes) - 1)


@pydron.schedule
def photometry(paths, positions, radius=5.0):
    by_filter = {}
    bad = []
    for number, path in enumerate(paths):
        try:
            result = measure(path, positions, radius)
        except (OSError, TypeError, ValueError) as error:
            log.warning("frame %d cannot be used: %s", number, type(error).__name__)
            bad.append(os.path.basename(path))
            continue
        if result.saturated:
            log.info("frame %d is saturated", number)
        by_filter.setdefault(result.filter, []).append(result)
        print(f"{os.path.basename(path)}: noise {result.seeing:.2f}, brightest {result.fluxes.max():.1f}")
    table = {}
    for name in sorted(by_filter):
        frames = sorted(by_filter[name], key=lambda m: m.time)
        table[name] = variability([m.fluxes for m in frames], [m.errors for m in frames])
    return table, bad


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--scale", type=float, default=1.0)
    options.add_argument("--out")
    chosen = options.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stdout)
    frames = max(7, int(30 * chosen.scale))
    with tempfile.TemporaryDirectory() as folder:
        paths, positions = simulate(folder, frames, max(96, int(400 * chosen.scale**0.5)), 25)
        start = time.perf_counter()
        table, bad = photometry(paths, positions)
        print(f"done in {time.perf_counter() - start:.3f} s", file=sys.stderr)
    print("left out:", ", ".join(bad))
    lines = ["star," + ",".join(table)]
    for star in range(len(positions)):
        lines.append(f"{star}," + ",".join(f"{table[name][star]:.4f}" for name in table))
    print("\n".join(lines))
    if chosen.out:
        with open(chosen.out, "w") as file:
            file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
