"""Printing: in program order, and without holding back the calls around it."""

import logging
import sys

import pydron
from case import case

LOG = []


@pydron.functional
def compute(x):
    return x * 7


@pydron.functional
def check(x):
    if x == 3:
        raise ValueError("three")
    return True


@pydron.functional
def row(n):
    return {"n": n, "squares": [i * i for i in range(n)]}


class Shown:
    def __init__(self, x):
        self.x = x

    def __repr__(self):
        LOG.append(f"repr {self.x}")
        return f"Shown({self.x})"

    def __str__(self):
        LOG.append(f"str {self.x}")
        return f"shown {self.x}"

    def __format__(self, spec):
        LOG.append(f"format {self.x}")
        return f"formatted {self.x} {spec}"


@pydron.functional
def shown(x):
    return Shown(x)


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def print_in_loop(items):
    out = []
    for x in items:
        y = compute(x)
        print("item", x, "is", y)
        out.append(y)
    print("done", len(out))
    return out


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def f_string_in_loop(items):
    lines = []
    for i, x in enumerate(items):
        y = compute(x)
        lines.append(f"{i}: {x!r:>5} -> {y:04d} ({y / 3:.3f}) {{literal}}")
    return lines


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def print_of_f_string(items):
    total = 0
    for x in items:
        total += compute(x)
        print(f"total so far: {total}")
    return total


@case([1, 2, 3, 4])
@pydron.schedule
def print_stops_at_the_error(items):
    for x in items:
        print("checking", x)
        check(x)
        print("checked", x)


@case([1, 2])
@pydron.schedule
def print_options(items):
    for x in items:
        print(compute(x), end="; ")
    print()
    print(*[compute(x) for x in items], sep="-")
    print(compute(1), "to standard output", file=sys.stdout, flush=True)
    sys.stdout.write(f"written {compute(2)}\n")
    print()


@case([1, 2])
@pydron.schedule
def print_of_containers(items):
    rows = [row(x) for x in items]
    print(rows)
    print(rows[0]["squares"], len(rows))
    print("%s and %d" % (rows[1]["n"], compute(1)), "{} {name}".format(compute(2), name=rows[0]["n"]))
    return rows


@case([1, 2])
@pydron.schedule
def print_of_a_list_that_changes_later(items):
    out = []
    for x in items:
        out.append(compute(x))
        print(out)
    out.clear()
    print(out)
    return out


@case([1, 2])
@pydron.schedule
def print_of_objects_with_effects(items):
    for x in items:
        s = shown(x)
        LOG.append("before")
        print(s, [s])
        LOG.append("between")
        print(f"{s} {s!r} {s:spec}")
    return len(LOG)


@case([1, 3])
@pydron.schedule
def print_in_branches(items):
    for x in items:
        if compute(x) > 10:
            print("large", x)
        else:
            print("small", x)


@case([1, 2])
@pydron.schedule
def output_order_across_pipelines(items):
    print("outer start")
    for x in items:
        part(x)
    print("outer end")


@pydron.schedule
def part(x):
    print("part start", x)
    y = compute(x)
    print("part end", y)


class Collect(logging.Handler):
    def emit(self, record):
        LOG.append(record.getMessage())


@case([1, 2])
@pydron.schedule
def logging_calls(items):
    logger = logging.getLogger("differential")
    logger.handlers = [Collect()]
    logger.propagate = False
    logger.setLevel(logging.INFO)
    for x in items:
        logger.info("item %s: %s", x, compute(x))
    logger.debug("not shown")
    return len(LOG)


@case([1, 2])
@pydron.schedule
def print_and_opaque_alternate(items):
    for x in items:
        print("print", compute(x))
        LOG.append(compute(x))
        print("again")
    return list(LOG)


@case([1, 2])
@pydron.schedule
def bad_print(items):
    print(compute(1), nonsense=2)


@case([1, 2])
@pydron.schedule
def bad_format(items):
    print("one")
    s = f"{compute(1):nonsense}"
    print("two", s)


@case([1, 2])
@pydron.schedule
def nested_f_strings(items):
    width = compute(1)
    name = "x"
    return f"{compute(2):>{width}}|{name:{'<' if width > 3 else '>'}{width}}|{[f'{compute(i)}' for i in items]}", f"{width=}"
