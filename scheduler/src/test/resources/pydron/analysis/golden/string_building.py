"""A report is built from results."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    report = ""
    for x in xs:
        report += f"{x}: {f(x)}\n"
    return report
