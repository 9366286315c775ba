"""Two names for one object, and objects that others can see."""

import pydron
from case import case

SHARED = [0]


@pydron.functional
def f(x):
    return x + 1


@pydron.functional
def size(xs):
    return len(xs)


@pydron.functional
def fresh(n):
    return [n]


class Box:
    def __init__(self):
        self.items = []
        self.count = 0


def remember(x):
    SHARED.append(x)
    return x


@case([1, 2])
@pydron.schedule
def two_names_of_one_list(items):
    a = []
    b = a
    for x in items:
        a.append(f(x))
        b.append(f(-x))
    return a, b, a is b


@case([1, 2])
@pydron.schedule
def row_in_rows_then_changed(items):
    rows = []
    row = []
    rows.append(row)
    for x in items:
        row.append(f(x))
    rows.append(row)
    row.append("late")
    return rows, rows[0] is rows[1]


@case([1, 2])
@pydron.schedule
def list_containing_itself(items):
    a = []
    a.append(a)
    a.append(f(1))
    a.append(a)
    return a[0] is a, a[0][2][1], a


@case([1, 2])
@pydron.schedule
def multiplied_rows_share(items):
    grid = [[0] * 2] * 2
    grid[0][0] = f(5)
    return grid, grid[0] is grid[1]


@case([1, 2])
@pydron.schedule
def argument_list_changed(items):
    for i in range(2):
        items.append(f(i))
    items[0] = f(100)
    return len(items)


@case({"a": [1]})
@pydron.schedule
def argument_dict_changed(table):
    table["b"] = f(1)
    table["a"].append(f(2))
    inner = table["a"]
    inner.append(f(3))
    return size(table["a"])


@case([1, 2])
@pydron.schedule
def argument_changed_before_error(items):
    items.append(f(1))
    items.append(f("x"))
    items.append("never")


@case([1, 2])
@pydron.schedule
def global_list_changed(items):
    for x in items:
        SHARED.append(f(x))
    return SHARED is SHARED, len(SHARED)


@case([1, 2])
@pydron.schedule
def local_escapes_to_global(items):
    mine = []
    SHARED.append(mine)
    for x in items:
        mine.append(f(x))
    return SHARED[-1] is mine


@case([1, 2])
@pydron.schedule
def local_escapes_to_opaque(items):
    mine = [f(1)]
    remember(mine)
    mine.append(f(2))
    SHARED[-1].append("through the other name")
    return mine


@case([1, 2])
@pydron.schedule
def attributes_of_objects(items):
    box = Box()
    other = box
    for x in items:
        box.items.append(f(x))
        other.count += f(x)
    return box, other is box


@case([1, 2])
@pydron.schedule
def result_is_changed_here(items):
    a = fresh(1)
    b = a
    a.append(f(1))
    b.extend([f(2)])
    c = fresh(1)
    return a, c, a is b, a is c


@case([1, 2])
@pydron.schedule
def plus_equals_changes_in_place(items):
    a = [f(0)]
    b = a
    a += [f(1)]
    c = b
    a = a + [f(2)]
    return a, b, c is b, a is b


@case([1, 2])
@pydron.schedule
def identity_of_results(items):
    a = fresh(1)
    b = [a, a]
    t = (a, [a])
    return b[0] is b[1], t[0] is t[1][0], a is not fresh(1), [x is a for x in b]


@case([1, 2])
@pydron.schedule
def default_values_are_shared(items):
    def keep(x, seen=[]):
        seen.append(f(x))
        return seen

    a = keep(1)
    b = keep(2)
    return a is b, a


@case([[1], [2]])
@pydron.schedule
def elements_of_argument_changed(rows):
    for row in rows:
        row.append(f(row[0]))
    first = rows[0]
    rows[1] = first
    first.append(f(50))
    return rows


@case([3, 1, 2])
@pydron.schedule
def sorted_copy_or_in_place(items):
    a = [f(x) for x in items]
    b = a
    c = sorted(a)
    a.sort()
    d = a[:]
    d.append(f(9))
    return a, b is a, c == b, d


@case([1, 2])
@pydron.schedule
def swapped_lists(items):
    a, b = [], []
    for x in items:
        a.append(f(x))
        a, b = b, a
    return a, b


@case([1, 2])
@pydron.schedule
def conditional_alias(items):
    a, b = [], []
    c = a if f(1) > 1 else b
    c.append(f(7))
    a.append(f(8))
    return a, b, c is a


@case([1, 2])
@pydron.schedule
def closure_changes_a_list(items):
    out = []

    def put(x):
        out.append(f(x))

    for x in items:
        put(x)
        out.append("direct")
    return out


@case([1, 2])
@pydron.schedule
def containers_in_containers(items):
    a = {"list": [f(1)]}
    b = [a, a["list"]]
    b[1].append(f(2))
    b[0]["list"].append(f(3))
    b[0]["self"] = b
    return a, b[0] is a


@case([1, 2, 3])
@pydron.schedule
def bound_method_kept(items):
    out = []
    put = out.append
    for x in items:
        put(f(x))
    return out, put(None)


@case([1, 2, 3])
@pydron.schedule
def iterating_over_an_alias(items):
    a = [f(x) for x in items]
    b = a
    for x in b:
        if len(a) < 6:
            a.append(f(x))
    return a


GIVEN = []


def give(*args):
    GIVEN.extend(args)


@case(1)
@pydron.schedule
def stored_into_what_was_given_away(x):
    GIVEN.clear()
    table = {}
    rows = [0, 0]
    give(table, rows)
    table["a"] = fresh(x)
    rows[0] = fresh(x)
    table["b"] = rows[1] = fresh(x)
    return GIVEN


@case(1)
@pydron.schedule
def added_to_what_was_given_away(x):
    GIVEN.clear()
    rows = [0]
    inner = []
    outer = [inner]
    give(rows, outer)
    rows += [fresh(x)]
    inner.append(fresh(x))
    rows += [fresh(x), *outer]
    inner += [fresh(2)]
    return GIVEN, len(GIVEN[0])
