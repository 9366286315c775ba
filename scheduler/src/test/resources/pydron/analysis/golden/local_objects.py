"""A loop that changes what it iterates over the items of looks ahead at the end of each turn."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(n):
    rows = [{"v": i} for i in range(n)]
    for row in rows:
        row["w"] = f(row["v"])
    kept = []
    for row in sorted(rows, key=lambda each: each["w"])[:2]:
        try:
            better = f(row)
        except ValueError:
            continue
        kept.append(better)
    return kept
