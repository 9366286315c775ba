"""Calibrates frames of the Pleiades, throws the bad ones out, stacks the good ones and draws light curves.

    pip install numpy astropy
    pydron run examples/astronomy/pipeline.py [--science 48] [--size 1024] [--frames folder/] [--stack stack.fits]

Frames are simulated from a real catalogue first, unless there are some in the folder already (see `make_frames.py`).
"""

import argparse
import math
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from astropy.io import fits

import pydron

sys.path.insert(0, str(Path(__file__).resolve().parent))

import make_frames

APERTURE, RING = 9, (14, 20)


@pydron.functional
def median_of(paths):
    """The median of frames, pixel by pixel."""
    return np.median(np.stack([fits.getdata(path).astype(np.float32) for path in paths]), axis=0)


@pydron.functional
def normalised(flat, bias):
    """A flat field whose median is one."""
    light = flat - bias
    return light / np.median(light)


@pydron.functional
def calibrate(path, bias, flat):
    """One science frame with the camera taken out of it."""
    with fits.open(path) as units:
        data, header = units[0].data.astype(np.float32), units[0].header
        hours = float(header["HOURS"])
    return {"path": path, "hours": hours, "image": (data - bias) / flat}


def smoothed(image, width=2.0):
    """The image convolved with a Gaussian, by Fourier transform."""
    rows = np.fft.fftfreq(image.shape[0])[:, None]
    columns = np.fft.rfftfreq(image.shape[1])[None, :]
    kernel = np.exp(-2 * (math.pi * width) ** 2 * (rows**2 + columns**2))
    return np.fft.irfft2(np.fft.rfft2(image) * kernel, image.shape)


@pydron.functional
def detect(frame, threshold=8.0):
    """Stars in a frame, brightest first: position, flux and width."""
    image = frame["image"]
    sky = np.median(image)
    smooth = smoothed(image - sky)
    noise = 1.4826 * np.median(np.abs(smooth - np.median(smooth)))
    inner = smooth[1:-1, 1:-1]
    peak = inner > threshold * noise
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            if dx or dy:
                peak &= inner >= smooth[1 + dy : smooth.shape[0] - 1 + dy, 1 + dx : smooth.shape[1] - 1 + dx]
    found = []
    for y, x in np.argwhere(peak) + 1:
        if min(x, y) < 12 or max(x, y) >= len(image) - 12:
            continue
        patch = image[y - 10 : y + 11, x - 10 : x + 11] - sky
        rows, columns = np.mgrid[-10:11, -10:11]
        flux = patch.sum()
        if flux <= 0:
            continue
        dx, dy = (patch * columns).sum() / flux, (patch * rows).sum() / flux
        variance = (patch * ((columns - dx) ** 2 + (rows - dy) ** 2)).sum() / flux / 2
        found.append((float(x + dx), float(y + dy), float(flux), math.sqrt(max(variance, 0.0))))
    return sorted(found, key=lambda source: -source[2])


@pydron.functional
def quality(sources):
    """Number of stars, and how wide the brighter ones are."""
    widths = sorted(source[3] for source in sources[:7])
    return len(sources), widths[len(widths) // 2] if widths else math.inf


@pydron.functional
def match(sources, expected, reach=20.0):
    """How far the frame is from where the catalogue puts the stars: the shift most stars agree on."""
    best, votes = (0.0, 0.0), 0
    for sx, sy, _, _ in sources[:6]:
        for star in expected[:6]:
            shift = sx - star["x"], sy - star["y"]
            if math.hypot(*shift) > reach:
                continue
            near = [
                (ox - other["x"], oy - other["y"])
                for ox, oy, _, _ in sources
                for other in expected
                if math.hypot(ox - other["x"] - shift[0], oy - other["y"] - shift[1]) < 3
            ]
            if len(near) > votes:
                votes = len(near)
                best = sum(dx for dx, _ in near) / votes, sum(dy for _, dy in near) / votes
    return best


@pydron.functional
def photometry(frame, expected, shift):
    """When the frame was taken, and the flux of every catalogue star in an aperture, above the sky around it."""
    image = frame["image"]
    fluxes = {}
    for star in expected:
        x, y = star["x"] + shift[0], star["y"] + shift[1]
        left, low = int(x) - 24, int(y) - 24
        patch = image[low : low + 49, left : left + 49]
        rows, columns = np.mgrid[low : low + 49, left : left + 49]
        distance = np.hypot(columns - x, rows - y)
        sky = np.median(patch[(distance > RING[0]) & (distance < RING[1])])
        fluxes[star["name"]] = float((patch[distance <= APERTURE] - sky).sum())
    return frame["hours"], fluxes


@pydron.functional
def aligned(frame, shift):
    """The image moved back by the shift, to a fraction of a pixel."""
    image = frame["image"]
    rows = np.fft.fftfreq(image.shape[0])[:, None]
    columns = np.fft.rfftfreq(image.shape[1])[None, :]
    turn = np.exp(2j * math.pi * (columns * shift[0] + rows * shift[1]))
    return np.fft.irfft2(np.fft.rfft2(image) * turn, image.shape).astype(np.float32)


@pydron.functional
def stacked(images):
    """The median of aligned images, without the sky."""
    stack = np.median(np.stack(images), axis=0)
    return stack - np.median(stack)


@pydron.functional
def light_curves(measurements, comparison):
    """Magnitudes relative to the mean of some comparison stars, for each star and time."""
    curves = {}
    for hours, fluxes in measurements:
        reference = sum(math.log10(fluxes[name]) for name in comparison) / len(comparison)
        for name, flux in fluxes.items():
            curves.setdefault(name, []).append((hours, -2.5 * (math.log10(flux) - reference)))
    return curves


@pydron.schedule
def reduce_night(bias_paths, flat_paths, science_paths, expected, comparison):
    """The whole night: stack, light curves, and which frames were left out and why."""
    bias = median_of(bias_paths)
    flat = normalised(median_of(flat_paths), bias)
    measurements = []
    images = []
    rejected = []
    for path in science_paths:
        frame = calibrate(path, bias, flat)
        sources = detect(frame)
        stars, width = quality(sources)
        if stars < len(expected):
            rejected.append((path, f"only {stars} stars"))
            continue
        if width > 3.5:
            rejected.append((path, f"stars {width:.1f} pixels wide"))
            continue
        shift = match(sources, expected)
        measurements.append(photometry(frame, expected, shift))
        images.append(aligned(frame, shift))
    return {
        "stack": stacked(images),
        "curves": light_curves(measurements, comparison),
        "rejected": rejected,
        "used": len(images),
    }


def expected_positions(size):
    """Where the catalogue's stars are in a frame that is not dithered, brightest first."""
    wcs = make_frames.projection(size)
    stars = sorted(make_frames.catalogue(), key=lambda star: star["magnitude"])
    for star in stars:
        star["x"], star["y"] = (float(value) for value in wcs.world_to_pixel_values(star["ra"], star["dec"]))
    return stars


def spread(curve):
    magnitudes = [magnitude for _, magnitude in curve]
    mean = sum(magnitudes) / len(magnitudes)
    return math.sqrt(sum((magnitude - mean) ** 2 for magnitude in magnitudes) / len(magnitudes))


def check(result, stars, spoilt):
    """The variable star, and only it, varies, as much as was put in; brightness agrees with the catalogue."""
    spreads = {name: spread(curve) for name, curve in result["curves"].items()}
    variable = max(spreads, key=spreads.get)
    assert variable == make_frames.VARIABLE, spreads
    assert all(value < 0.03 for name, value in spreads.items() if name != variable), spreads
    truth = spread(
        [
            (hours, make_frames.AMPLITUDE * math.sin(2 * math.pi * hours / make_frames.PERIOD))
            for hours, _ in result["curves"][variable]
        ]
    )
    assert abs(spreads[variable] - truth) < 0.02, (spreads[variable], truth)
    assert spoilt is None or len(result["rejected"]) == spoilt, result["rejected"]
    mean = {name: sum(m for _, m in curve) / len(curve) for name, curve in result["curves"].items()}
    offset = mean["Atlas"] - next(star["magnitude"] for star in stars if star["name"] == "Atlas")
    for star in stars:
        if star["name"] != variable:
            assert abs(mean[star["name"]] - offset - star["magnitude"]) < 0.05, star["name"]
    brightest = np.unravel_index(np.argmax(result["stack"]), result["stack"].shape)
    alcyone = stars[0]
    assert abs(brightest[1] - alcyone["x"]) < 2 and abs(brightest[0] - alcyone["y"]) < 2, brightest


def run(folder, size, science, spoilt):
    folder = Path(folder)
    stars = expected_positions(size)
    comparison = [star["name"] for star in stars[:5]]
    bias, flat, light = (
        [str(path) for path in sorted(folder.glob(f"{kind}*.fits"))] for kind in ("bias", "flat", "science")
    )
    start = time.perf_counter()
    result = reduce_night(bias, flat, light, stars, comparison)
    seconds = time.perf_counter() - start
    check(result, stars, spoilt)
    print(f"{result['used']} frames stacked, {len(result['rejected'])} left out:")
    for path, why in result["rejected"]:
        print(f"  {Path(path).name}: {why}")
    print("variation in magnitudes:")
    for star in stars:
        print(f"  {star['name']:9} V={star['magnitude']:.2f}  {spread(result['curves'][star['name']]):.4f}")
    print(f"{seconds:.2f} s")
    return result


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--frames", type=Path, help="folder with frames; made there if it has none")
    options.add_argument("--science", type=int, default=48)
    options.add_argument("--size", type=int, default=1024)
    options.add_argument("--stack", type=Path, help="write the stacked image to this FITS file")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.frames or Path(temporary)
        spoilt = None
        if not list(folder.glob("science*.fits")):
            spoilt = make_frames.make(folder, chosen.science, chosen.size)
        result = run(folder, chosen.size, chosen.science, spoilt)
    if chosen.stack:
        fits.PrimaryHDU(result["stack"]).writeto(chosen.stack, overwrite=True)
        print(f"stack written to {chosen.stack}")


if __name__ == "__main__":
    main()
