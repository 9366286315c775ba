"""`for` with everything that can happen in it."""

import pydron
from case import case

LOG = []


@pydron.functional
def double(x):
    return 2 * x


@pydron.functional
def over(x, limit):
    return x > limit


@pydron.functional
def items_of(n):
    return list(range(n))


@pydron.functional
def fail_at(x, bad):
    if x == bad:
        raise ValueError(f"bad item {x}")
    return x


def opaque(x):
    LOG.append(x)
    return x


@case([1, 2, 3, 4], parallel=4)
@case([])
@pydron.schedule
def plain_append(items):
    out = []
    for x in items:
        out.append(double(x))
    return out


@case([1, 5, 2, 7, 3])
@case([1, 2])
@pydron.schedule
def break_on_result(items):
    out = []
    for x in items:
        if over(x, 4):
            break
        out.append(double(x))
    else:
        out.append("not broken")
    return out, x


@case([1, 5, 2, 7, 3])
@case([])
@pydron.schedule
def return_on_result(items):
    for i, x in enumerate(items):
        y = double(x)
        if y > 8:
            return i, y
    return None


@case([1, 2, 3])
@pydron.schedule
def loop_else(items):
    total = 0
    for x in items:
        total += double(x)
    else:
        total = -total
    return total


@case([1, 5, 2, 7, 3])
@pydron.schedule
def break_without_result(items):
    out = []
    for x in items:
        if x == 2:
            break
        out.append(double(x))
    return out


@case(4, 3, parallel=4)
@pydron.schedule
def nested_loops(n, m):
    rows = []
    for i in range(n):
        row = []
        for j in range(m):
            row.append(double(10 * i + j))
        rows.append(row)
    return rows


@case(3, parallel=3)
@pydron.schedule
def nested_loops_with_inner_break(n):
    found = []
    for i in range(n):
        for j in range(5):
            if over(i + j, 3):
                found.append((i, j))
                break
        else:
            found.append((i, None))
    return found


@case(3)
@pydron.schedule
def return_from_inner_loop(n):
    for i in range(n):
        for j in range(n):
            if over(i * j, 1):
                return i, j
    return "none"


@case(4)
@pydron.schedule
def loop_over_result(n):
    out = []
    for x in items_of(n):
        out.append(double(x))
    return out


@case(4)
@pydron.schedule
def loop_over_results(n):
    parts = []
    for k in range(n):
        parts.append(items_of(k))
    out = []
    for part in parts:
        for x in part:
            out.append(double(x))
    return out, parts


@case([1, 2, 3])
@case([])
@pydron.schedule
def variable_after_loop(items):
    x = "before"
    for x in items:
        y = double(x)
    return x, y


@case({"a": 1, "b": 2}, parallel=2)
@pydron.schedule
def loop_over_dict(table):
    out = {}
    for key in table:
        out[key] = double(table[key])
    for key, value in table.items():
        out[key + key] = double(value)
    return out, [double(v) for v in table.values()]


@case([1, 2, 3], parallel=3)
@pydron.schedule
def items_of_pending_values(items):
    table = {x: double(x) for x in items}
    out = {}
    for key, value in table.items():
        out[key] = value + 1
    rest = []
    for key, value in table.items():
        rest.append(value * key)
    return out, rest


@case([1, 2, 3], parallel=3)
@pydron.schedule
def pairs_of_pending_values(items):
    found = [double(x) for x in items]
    out = []
    for left, right in zip(found, reversed(found)):
        out.append(left - right)
    for place, value in enumerate(found):
        out.append(place - value)
    for pair in enumerate(found):
        out.append(pair)
    return out


@case("abc")
@pydron.schedule
def loop_over_string(text):
    out = ""
    for c in text:
        out += double(c)
    return out


@case([[1, (2, 3)], [4, (5, 6)]])
@pydron.schedule
def target_is_a_pattern(items):
    out = []
    for a, (b, c) in items:
        out.append(double(a) + b * c)
    for first, *rest in [(1, 2, 3), "xyz"]:
        out.append((first, double(rest)))
    return out


@case([1, 2, 3])
@pydron.schedule
def target_is_an_element(items):
    holder = {"x": None}
    for holder["x"] in items:
        holder["y"] = double(holder["x"])
    return holder


@case([1, 2, 3, 4, 5, 6])
@pydron.schedule
def list_grows_while_iterating(items):
    n = 0
    for x in items:
        if over(x, 4) and len(items) < 9:
            items.append(double(x))
        n += 1
    return n


@case(5)
@pydron.schedule
def previous_iteration_is_needed(n):
    x = 1
    trace = []
    for _ in range(n):
        x = double(x) + 1
        trace.append(x)
    return trace


@case([1, 2, 3], 2)
@case([1, 2, 3], 9)
@pydron.schedule
def error_in_loop(items, bad):
    out = []
    for x in items:
        out.append(fail_at(x, bad))
        LOG.append(x)
    return out


@case([3, 1, 2])
@pydron.schedule
def opaque_calls_in_loop(items):
    out = []
    for x in items:
        y = double(x)
        opaque(x)
        out.append(y)
        opaque(y)
    return out


@case(7)
@pydron.schedule
def loop_over_non_iterable(x):
    for y in double(x):
        LOG.append(y)


@case([1, 2, 3])
@pydron.schedule
def loop_over_own_iterator(items):
    it = iter(items)
    out = []
    for x in it:
        out.append(double(x))
        out.append(next(it, "end"))
    return out
