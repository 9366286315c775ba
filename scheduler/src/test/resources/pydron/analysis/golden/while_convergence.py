"""An outer loop on a result, an inner parallel one."""

import pydron
from tasks import f, g


@pydron.schedule
def pipeline(points, limit):
    error = limit + 1
    while error > limit:
        moved = []
        for point in points:
            moved.append(f(point))
        error = g(moved)
        points = moved
    return points
