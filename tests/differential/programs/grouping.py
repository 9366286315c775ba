"""Containers in containers, filled with results: grouping, tables, records."""

import collections
from collections import defaultdict, namedtuple
from dataclasses import dataclass, field

import pydron
from case import case

LOG = []


@pydron.functional
def measure(x):
    return {"kind": "even" if x % 2 == 0 else "odd", "value": x}


@pydron.functional
def double(x):
    return 2 * x


@pydron.functional
def values(n):
    return list(range(n))


@case([1, 2, 3, 4], parallel=4)
@case([])
@pydron.schedule
def setdefault_and_append(items):
    groups = {}
    for x in items:
        r = measure(x)
        groups.setdefault(r["kind"], []).append(r["value"])
    return groups


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def key_made_first(items):
    groups = {}
    for x in items:
        r = measure(x)
        if r["kind"] not in groups:
            groups[r["kind"]] = []
        groups[r["kind"]].append(r["value"])
    return {key: sum(found) for key, found in groups.items()}


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def keys_from_outside(items):
    groups = {}
    for x in items:
        groups.setdefault(x % 2, []).append(double(x))
        groups.setdefault("all", []).append(x)
    return groups


@case(["a", "b"], parallel=2)
@pydron.schedule
def group_changed_through_another_name(names):
    groups = {}
    for name in names:
        groups[name] = found = []
        found.append(double(name))
        groups[name].append(name)
    first = groups[names[0]]
    first.append(double(len(first)))
    groups[names[0]].append(len(first))
    return groups, first is groups[names[0]], found


@case([3, 1, 2], parallel=3)
@pydron.schedule
def groups_of_items(items):
    table = {x: double(x) for x in items}
    out = {}
    for key, value in table.items():
        out.setdefault(value > 3, []).append(key)
    for found in out.values():
        found.sort()
    for key, found in sorted(out.items()):
        found.append(key)
    return out


@case([1, 2, 3], parallel=3)
@pydron.schedule
def three_deep(items):
    tree = {}
    for x in items:
        r = measure(x)
        tree.setdefault(r["kind"], {}).setdefault(r["value"] > 1, []).append(x)
    return tree


class Touchy:
    """Says when somebody looks."""

    def __init__(self, x):
        self.x = x

    def __hash__(self):
        return hash(self.x)

    def __eq__(self, other):
        LOG.append("eq")
        return self.x == other.x

    def __add__(self, other):
        LOG.append(("add", other))
        return self.x + other


@case([1, 2])
@pydron.schedule
def keys_that_say_so(items):
    LOG.clear()
    table = {}
    for x in items:
        table[Touchy(x)] = 0
    out = []
    for key in table:
        y = double(key.x)
        out.append(key + 1)
        out.append(y)
        LOG.append("done")
    return out, LOG


@case([1, 2, 3])
@pydron.schedule
def group_given_away(items):
    groups = {"log": LOG}
    LOG.clear()
    for x in items:
        groups.setdefault("all", []).append(double(x))
    groups["log"].append(len(groups["all"]))
    groups.setdefault("log", []).append("again")
    return groups, LOG is groups["log"]


@case([1, 2, 3])
@pydron.schedule
def fails_on_the_way(items):
    groups = {}
    try:
        for x in items:
            r = measure(x)
            groups.setdefault(r["value"] if x < 3 else [], []).append(r["value"])
    except TypeError as error:
        return groups, str(error)
    return groups


@dataclass
class Star:
    name: str
    flux: float = 0.0
    seen: list = field(default_factory=list)


Point = namedtuple("Point", "x y")


class Faint(ValueError):
    """Too faint."""


@dataclass
class Checked:
    flux: float

    def __post_init__(self):
        LOG.append(("checked", self.flux))


@pydron.functional
def star(x):
    return Star(f"star {x}", float(x))


@case([1, 2, 3], parallel=3)
@pydron.schedule
def attributes_of_results(items):
    out = []
    for x in items:
        s = star(x)
        s.name = s.name.upper()
        s.flux += 1
        s.seen.append(s.flux)
        out.append(s)
    return out


@case([1, 2, 3], parallel=3)
@pydron.schedule
def attribute_through_a_list(items):
    stars = [star(x) for x in items]
    last = stars[-1]
    for s in stars:
        s.flux = s.flux * 2
    last.name = "last"
    return stars, last is stars[-1], [double(s.flux) for s in stars]


class Scaled:
    """Storing to ``x`` runs code."""

    def __init__(self, x):
        self._x = x

    @property
    def x(self):
        return self._x

    @x.setter
    def x(self, value):
        LOG.append(("x", value))
        self._x = value


@pydron.functional
def scaled(x):
    return Scaled(x)


@case([1, 2, 3])
@pydron.schedule
def attribute_with_a_setter(items):
    LOG.clear()
    out = []
    for x in items:
        s = scaled(x)
        s.x = 2 * s.x
        LOG.append(x)
        s.x += 1
        out.append(s.x)
    return out, LOG


@case([1, 2])
@pydron.schedule
def attribute_of_an_argument(items):
    holder = Scaled(0)
    for x in items:
        holder.total = double(x)
        LOG.append(holder.total)
    return vars(holder), LOG


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def defaultdict_of_lists(items):
    groups = defaultdict(list)
    counts = defaultdict(int)
    for x in items:
        r = measure(x)
        groups[r["kind"]].append(r["value"])
        counts[r["kind"]] += 1
    return dict(groups), counts, list(groups)


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def defaultdict_is_made_by_looking(items):
    groups = collections.defaultdict(lambda: [0, 0])
    found = []
    for x in items:
        r = measure(x)
        found.append(groups[r["value"] // 2][1])
        found.append(len(groups))
        groups[r["value"]][0] += r["value"]
    return groups.items(), found, r["kind"] in groups


@case([1, 2, 3], parallel=3)
@pydron.schedule
def defaultdict_or_not(items):
    groups = defaultdict(list) if len(items) > 2 else {0: [], 1: []}
    for x in items:
        y = double(x)
        groups[x % 2].append(y)
    return sorted(groups.items())


@case(defaultdict(list), [1, 2])
@pydron.schedule
def defaultdict_from_outside(groups, items):
    for x in items:
        y = double(x)
        seen = groups[y]
        LOG.append(len(groups))
        seen.append(y)
    return groups, LOG


def fallback():
    LOG.append("made")
    return []


@case([1, 2])
@pydron.schedule
def defaultdict_with_a_factory_that_says_so(items):
    LOG.clear()
    groups = defaultdict(fallback)
    for x in items:
        y = double(x)
        LOG.append(x)
        groups[y].append(y)
    return groups["z"], dict(groups), LOG


@case([1, 2, 3], parallel=3)
@pydron.schedule
def records_are_made(items):
    stars = []
    points = []
    total = Star("total")
    for x in items:
        y = double(x)
        stars.append(Star(f"s{x}", y))
        points.append(Point(x, y=y))
        total.flux += y
        total.seen.append(y)
    return stars, points, total, max(stars, key=lambda s: s.flux), [p.y for p in points]


@case([1, 2, 3], parallel=3)
@case([1, 0, 3])
@pydron.schedule
def exception_of_the_users(items):
    out = []
    for x in items:
        y = double(x)
        if y < 1:
            raise Faint(f"{y} is faint", x)
        out.append(y)
    return out


@case([1, 2])
@pydron.schedule
def records_that_do_more(items):
    LOG.clear()
    out = []
    for x in items:
        y = double(x)
        out.append(Checked(y))
        LOG.append(x)
    return out, LOG


@case(1)
@pydron.schedule
def record_with_wrong_arguments(x):
    y = double(x)
    return Star(y, y, [], "too many")


@case([1, 2], parallel=2)
@pydron.schedule
def records_hold_what_they_are_given(items):
    shared = []
    stars = []
    for x in items:
        y = double(x)
        shared.append(y)
        stars.append(Star(x, y, shared))
    stars[0].seen.append(double(0))
    return stars, stars[0].seen is stars[1].seen


@case([1, 2], parallel=2)
@pydron.schedule
def what_records_hold_changes_later(items):
    shared = []
    first = Star("a", 1.0, shared)
    second = star(1)
    table = {}
    second.seen = table
    third = star(2)
    inner = []
    third.seen.append(inner)
    for x in items:
        shared.append(double(x))
    table["x"] = double(3)
    inner.append(double(4))
    queue = collections.deque([inner])
    inner.append(double(5))
    return first, second, third, queue


@case(["a", "b", "c"], parallel=3)
@pydron.schedule
def records_with_names_from_outside(names):
    out = []
    for name in names:
        star = Star(name)
        star.flux, y = double(len(name)), 1
        if star.flux > 1:
            star.seen.append(name)
        star.seen.append(y)
        star.name = star.name.upper()
        out.append(star)
    return out


@case([[1], [2]])
@pydron.schedule
def records_hold_what_is_outside(rows):
    stars = [Star("x", 1.0, row) for row in rows]
    last = Star("y", seen=rows[0])
    for star in stars:
        if double(1) > 1:
            star.seen.append(double(len(star.seen)))
        last.seen.append(5)
    swapped = Star("z")
    swapped.seen = last.seen
    swapped.seen.append(double(3))
    vars(last)["seen"] = rows[1]
    last.seen.append(6)
    return stars, rows, last.seen is rows[1], swapped
