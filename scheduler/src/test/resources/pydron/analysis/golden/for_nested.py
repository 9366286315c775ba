"""Nested loops over local lists."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(n):
    rows = []
    for i in range(n):
        row = []
        for j in range(i):
            row.append(f(i * j))
        rows.append(row)
    return rows
