"""The original Pydron's two pipelines.

pydron run --slots 4 examples/demo.py            # about as long as one call of slow()
pydron run --slots 4 examples/demo.py --seconds 5
"""

import argparse
import time

import pydron


@pydron.functional
def process(frame):
    """Stands for the work on one image."""
    time.sleep(frame["seconds"])
    return {"name": frame["name"], "value": frame["value"] * 2}


@pydron.schedule
def calibration_pipeline(inputs):
    outputs = []
    for input in inputs:
        output = process(input)
        outputs = outputs + [output]
    return outputs


@pydron.functional
def slow(i, seconds):
    time.sleep(seconds)
    return i


@pydron.schedule
def loop_demo(seconds):
    total = 0
    for i in range(4):
        total = total + slow(i, seconds)
    return total


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seconds", type=float, default=1.0, help="how long one call takes")
    seconds = options.parse_args().seconds

    start = time.perf_counter()
    frames = [{"name": f"frame {i}", "value": i, "seconds": seconds} for i in range(4)]
    outputs = calibration_pipeline(frames)
    print(f"calibration_pipeline: {len(outputs)} outputs in {time.perf_counter() - start:.2f} s")
    assert [output["value"] for output in outputs] == [0, 2, 4, 6]

    start = time.perf_counter()
    total = loop_demo(seconds)
    print(
        f"loop_demo: {total} in {time.perf_counter() - start:.2f} s; one call after the other takes {4 * seconds:.2f} s"
    )
    assert total == 6


if __name__ == "__main__":
    main()
