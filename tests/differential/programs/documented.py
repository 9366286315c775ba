"""The original system's documented example and its demo."""

import pydron
from case import case


@pydron.functional
def process(frame):
    return frame * 3 - 1


@pydron.functional
def slow(i):
    return i * 10


@case([4, 8, 15, 16], parallel=4)
@pydron.schedule
def calibration_pipeline(inputs):
    outputs = []
    for input in inputs:
        output = process(input)
        outputs = outputs + [output]
    return outputs


@case(parallel=4)
@pydron.schedule
def loop_demo():
    total = 0
    for i in range(4):
        total = total + slow(i)
    return total
