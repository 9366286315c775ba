"""Writes FITS frames as a small telescope would have taken them of the Pleiades on one night.

The stars are real (`pleiades.csv`); what the camera adds is simulated: bias, read-out noise, photon noise, sky, uneven
illumination and pixel sensitivity, dithering, seeing that changes, a passing cloud, two frames out of focus. One star,
Pleione, is a variable star in reality too; here its brightness goes up and down by `AMPLITUDE` within the night.

    python examples/astronomy/make_frames.py frames/ [--science 48] [--size 1024]
"""

import argparse
import csv
import math
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

HERE = Path(__file__).resolve().parent
CENTRE = (56.72, 24.13)
FIELD = 1.85
VARIABLE, AMPLITUDE, PERIOD = "Pleione", 0.25, 0.4
BIAS, READ_NOISE, SKY, GAIN, ZERO_POINT = 600.0, 6.0, 120.0, 1.5, 18.0


def catalogue():
    """The stars: name, right ascension and declination in degrees, magnitude."""
    with open(HERE / "pleiades.csv", newline="") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    stars = []
    for row in rows:
        hours, minutes, seconds = map(float, row["ra"].split(":"))
        degrees, arcminutes, arcseconds = map(float, row["dec"].split(":"))
        stars.append(
            {
                "name": row["name"],
                "ra": 15 * (hours + minutes / 60 + seconds / 3600),
                "dec": degrees + arcminutes / 60 + arcseconds / 3600,
                "magnitude": float(row["magnitude"]),
            }
        )
    return stars


def projection(size, dither=(0.0, 0.0)):
    """The mapping from the sky to the pixels of a frame."""
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval = CENTRE
    wcs.wcs.crpix = [size / 2 + dither[0], size / 2 + dither[1]]
    wcs.wcs.cdelt = [-FIELD / size, FIELD / size]
    return wcs


def true_magnitude(star, hours):
    change = AMPLITUDE * math.sin(2 * math.pi * hours / PERIOD) if star["name"] == VARIABLE else 0.0
    return star["magnitude"] + change


def sensitivity(size, source):
    """How strongly each pixel answers to light: vignetting, a shadow of dust, the pixels' own differences."""
    y, x = np.mgrid[:size, :size] / size - 0.5
    shadow = 1 - 0.08 * np.exp(-((x - 0.2) ** 2 + (y + 0.1) ** 2) / 0.002)
    return (1 - 0.5 * (x**2 + y**2)) * shadow * source.normal(1.0, 0.01, (size, size))


def read_out(light, source):
    electrons = source.poisson(np.maximum(light, 0)) + source.normal(0, READ_NOISE, light.shape)
    return np.clip(BIAS + electrons / GAIN, 0, 65535).astype(np.uint16)


def sky_light(size, hours, seeing, cloud, dither):
    """The light that arrives: sky and stars, before the camera."""
    wcs = projection(size, dither)
    light = np.full((size, size), SKY)
    reach = 24
    for star in catalogue():
        x, y = wcs.world_to_pixel_values(star["ra"], star["dec"])
        flux = cloud * 10 ** (0.4 * (ZERO_POINT - true_magnitude(star, hours)))
        left, low = int(x) - reach, int(y) - reach
        if left < 0 or low < 0 or left + 2 * reach > size or low + 2 * reach > size:
            continue
        rows, columns = np.mgrid[low : low + 2 * reach, left : left + 2 * reach]
        spot = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * seeing**2))
        light[low : low + 2 * reach, left : left + 2 * reach] += flux * spot / (2 * math.pi * seeing**2)
    return light


def write(path, data, **header):
    unit = fits.PrimaryHDU(data)
    for key, value in header.items():
        unit.header[key] = value
    unit.writeto(path, overwrite=True)


def make(folder, science=48, size=1024, calibration=7, seed=45):
    """Writes all frames, and returns how many of the science frames were spoilt."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    source = np.random.default_rng(seed)
    response = sensitivity(size, source)
    for i in range(calibration):
        write(folder / f"bias{i:02}.fits", read_out(np.zeros((size, size)), source), IMAGETYP="bias")
        write(folder / f"flat{i:02}.fits", read_out(25_000 * response, source), IMAGETYP="flat")
    spoilt = 0
    for i in range(science):
        hours = i / science
        cloud = 0.01 if i % 12 == 7 else 1 - 0.1 * source.random()
        blurred = i % 12 == 3
        seeing = 5.0 if blurred else 1.6 + 0.5 * source.random()
        spoilt += blurred or cloud < 0.1
        dither = tuple(source.uniform(-12, 12, 2))
        light = sky_light(size, hours, seeing, cloud, dither) * response
        write(
            folder / f"science{i:02}.fits",
            read_out(light, source),
            IMAGETYP="light",
            HOURS=hours,
            DITHERX=dither[0],
            DITHERY=dither[1],
        )
    return spoilt


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("folder", type=Path)
    options.add_argument("--science", type=int, default=48)
    options.add_argument("--size", type=int, default=1024)
    chosen = options.parse_args()
    spoilt = make(chosen.folder, chosen.science, chosen.size)
    print(f"{chosen.science} science frames in {chosen.folder}, {spoilt} of them spoilt")


if __name__ == "__main__":
    main()
