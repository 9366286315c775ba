"""A function that looks at itself runs as it is."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(x):
    y = f(x)
    return sorted(locals()), y
