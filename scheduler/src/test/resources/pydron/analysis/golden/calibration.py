"""The original documentation's example."""

import pydron
from tasks import f


@pydron.schedule
def calibration_pipeline(inputs):
    outputs = []
    for input in inputs:
        output = f(input)
        outputs = outputs + [output]
    return outputs
