"""Results put into containers, and carried in them without being looked at."""

import pydron
from case import case


@pydron.functional
def triple(x):
    return 3 * x


@pydron.functional
def total(values):
    return sum(values)


@pydron.functional
def depth_first(tree):
    if isinstance(tree, (list, tuple)):
        return sum(depth_first(t) for t in tree)
    if isinstance(tree, dict):
        return sum(depth_first(t) for t in tree.values())
    return tree


@pydron.functional
def word(i):
    return "word" * i


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def subscript_store(items):
    table = {}
    for x in items:
        table[x] = triple(x)
    return table


@case(4, parallel=4)
@pydron.schedule
def list_element_store(n):
    out = [None] * n
    for i in range(n):
        out[i] = triple(i)
    return out


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def extend_and_concatenate(items):
    out = []
    for x in items:
        out.extend([triple(x), x])
        out += [triple(-x)]
    return out + [triple(100)], [triple(5)] * 2


@case([1, 2, 2, -1], parallel=4)
@pydron.schedule
def set_add_and_update(items):
    seen = set()
    for x in items:
        seen.add(triple(x))
    seen.update([triple(50)])
    return seen, len(seen), triple(1) in seen


@case(["a", "b"], parallel=2)
@pydron.schedule
def dict_update(keys):
    table = {}
    for k in keys:
        table.update({k: triple(k)})
    table.update(z=triple("z"))
    return table


@case(["x", "y"], parallel=4)
@pydron.schedule
def dict_of_lists(keys):
    groups = {}
    for k in keys:
        groups[k] = []
        for i in range(3):
            groups[k].append(triple(k + str(i)))
    return groups


@case([1, 2, 3, 4, 5])
@pydron.schedule
def setdefault_groups(items):
    groups = {}
    for x in items:
        groups.setdefault(triple(x) % 2, []).append(triple(x))
    return groups


@case([1, 2, 3], parallel=3)
@pydron.schedule
def carried_in_tuples(items):
    pairs = []
    for x in items:
        pairs.append((x, triple(x), [triple(-x)]))
    return pairs


@case([1, 2, 3], parallel=3)
@pydron.schedule
def passed_in_containers(items):
    parts = []
    for x in items:
        parts.append([triple(x), triple(x + 1)])
    sums = [total(p) for p in parts]
    return total(sums), depth_first({"parts": parts, "sums": (sums, triple(1))})


@case([1, 2, 3])
@pydron.schedule
def dict_keys_from_results(items):
    table = {}
    for x in items:
        table[triple(x)] = x
    table[triple(1)] = "replaced"
    return table, list(table), table[triple(2)]


@case([5, 3, 9, 1])
@pydron.schedule
def sorting_results(items):
    out = [triple(x) for x in items]
    ordered = sorted(out)
    out.sort(reverse=True)
    by_name = sorted(items, key=lambda x: str(triple(x)))
    return out, ordered, by_name, list(reversed(out))


@case([5, 3, 9])
@pydron.schedule
def list_methods(items):
    out = []
    for x in items:
        out.append(triple(x))
    out.insert(1, triple(0))
    removed = out.pop(0)
    out.reverse()
    n = out.count(9)
    where = out.index(27)
    copy = out.copy()
    out.remove(9)
    copy.append("end")
    return out, removed, n, where, copy, len(out)


@case([5, 3])
@pydron.schedule
def dict_methods(items):
    d = {}
    for x in items:
        d[x] = triple(x)
    got = d.get(5), d.get(6), d.get(6, triple(6))
    popped = d.pop(3)
    d.setdefault(7, triple(7))
    last = d.popitem()
    return got, popped, last, d, list(d.items()), 5 in d


@case([1, 2, 3, 4, 5])
@pydron.schedule
def slices_of_results(items):
    out = [triple(x) for x in items]
    out[1:3] = [triple(10)]
    part = out[::-1]
    del out[0]
    part[0] = triple(0)
    return out, part, out[-1:], out[:2]


@case([1, 2])
@pydron.schedule
def mixed_displays(items):
    a = triple(items[0])
    return [*items, a, *[a, triple(a)]], (a, *items), {"a": a, **{"b": triple(a)}}, {a, *items}


@case([3, 1, 2])
@pydron.schedule
def matrix_in_place(items):
    n = len(items)
    m = [[0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            m[i][j] = triple(items[i] * items[j])
    m[0][0] += triple(1)
    return m


@case([1, 2, 3])
@pydron.schedule
def counters(words):
    counts = {}
    for w in words:
        for c in word(w):
            counts[c] = counts.get(c, 0) + 1
    return counts


@case([1, 2, 3])
@pydron.schedule
def deque_and_defaultdict(items):
    from collections import defaultdict, deque

    q = deque(maxlen=2)
    d = defaultdict(list)
    for x in items:
        q.append(triple(x))
        d[x % 2].append(triple(x))
    return list(q), dict(d)


@case([1, 2, 3])
@pydron.schedule
def membership(items):
    out = [triple(x) for x in items]
    return 3 in out, 4 in out, (triple(1), 2) in [(3, 2)], out == [3, 6, 9], out != [], [out] == [[3, 6, 9]]


@case([])
@pydron.schedule
def everything_empty(items):
    out = []
    table = {}
    n = 0
    for x in items:
        out.append(triple(x))
        table[x] = triple(x)
        n += triple(x)
    return out, table, n, sum(out), [t for t in out], dict(table), total(out)
