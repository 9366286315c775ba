"""Reads the logs of a web server day by day: traffic by hour, slow addresses, who knocks too often.

python benchmarks/scripts/log_analysis.py [--scale 1.0] [--out report.txt]
"""

import argparse
import collections
import datetime
import os
import random
import re
import sys
import tempfile
import time

import pydron

LINE = re.compile(
    r'(?P<host>\S+) \S+ \S+ \[(?P<time>[^\]]+)\] "(?P<method>[A-Z]+) (?P<path>\S+) [^"]*" '
    r"(?P<status>\d{3}) (?P<size>\d+|-) (?P<ms>\d+)"
)


def write_logs(folder, days, lines):
    rng = random.Random(13)
    pages = [f"/page/{number}" for number in range(60)] + ["/login", "/search", "/static/app.js"]
    paths = []
    for day in range(days):
        date = datetime.date(2024, 3, 1) + datetime.timedelta(days=day)
        path = os.path.join(folder, f"access-{date}.log")
        with open(path, "w") as file:
            for number in range(lines):
                if rng.random() < 0.002:
                    file.write("-- garbage --\n")
                    continue
                host = f"10.0.{int(rng.expovariate(0.5))}.{rng.randrange(40)}"
                clock = f"{date:%d/%b/%Y}:{number * 24 // lines:02d}:{rng.randrange(60):02d}:00 +0000"
                status = rng.choice((200, 200, 200, 200, 304, 404, 500))
                file.write(
                    f'{host} - - [{clock}] "GET {rng.choice(pages)}?q={rng.randrange(99)} HTTP/1.1" '
                    f"{status} {rng.randrange(90000)} {int(rng.lognormvariate(4, 1))}\n"
                )
        paths.append(path)
    return paths


@pydron.functional
def read_day(path):
    """Counts of one day: by hour, by page, by host."""
    hours = [0] * 24
    pages = {}
    hosts = collections.Counter()
    bad = 0
    with open(path) as file:
        for line in file:
            match = LINE.match(line)
            if match is None:
                bad += 1
                continue
            when = datetime.datetime.strptime(match["time"], "%d/%b/%Y:%H:%M:%S %z")
            hours[when.hour] += 1
            page = match["path"].partition("?")[0]
            pages.setdefault(page, []).append(int(match["ms"]))
            if match["status"] in ("404", "500"):
                hosts[match["host"]] += 1
    return {"hours": hours, "pages": pages, "hosts": hosts, "bad": bad}


@pydron.functional
def percentiles(times):
    times = sorted(times)
    return times[len(times) // 2], times[int(0.95 * len(times))]


@pydron.schedule
def analyse(paths):
    hours = [0] * 24
    errors = collections.Counter()
    by_page = collections.defaultdict(list)
    busiest = None
    for path in paths:
        day = read_day(path)
        if day["bad"] > 0:
            print(f"{os.path.basename(path)}: {day['bad']} lines cannot be read")
        for hour, count in enumerate(day["hours"]):
            hours[hour] += count
        for page, times in day["pages"].items():
            by_page[page].extend(times)
        errors += day["hosts"]
        visits = sum(day["hours"])
        if busiest is None or visits > busiest[1]:
            busiest = os.path.basename(path), visits
    slow = []
    for page, times in sorted(by_page.items()):
        median, high = percentiles(times)
        slow.append((high, median, page))
    slow.sort(reverse=True)
    return hours, errors.most_common(3), slow[:5], busiest


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--scale", type=float, default=1.0)
    options.add_argument("--out", help="also write the report to this file")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = write_logs(folder, 14, max(200, int(45_000 * chosen.scale)))
        start = time.perf_counter()
        hours, errors, slow, busiest = analyse(paths)
        print(f"done in {time.perf_counter() - start:.3f} s", file=sys.stderr)
    lines = [f"{hour:02d} {'#' * (60 * count // max(hours))} {count}" for hour, count in enumerate(hours)]
    lines += [f"{host:15s} {count} errors" for host, count in errors]
    lines += [f"{page:12s} {median} ms, 95 %: {high} ms" for high, median, page in slow]
    lines.append("busiest: %s with %d" % busiest)
    print("\n".join(lines))
    if chosen.out:
        with open(chosen.out, "w") as file:
            file.write("\n".join(lines))


if __name__ == "__main__":
    main()
