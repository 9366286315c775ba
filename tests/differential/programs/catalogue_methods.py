"""Methods: what they do depends on the real type of their object, and the plan must hold for whatever it is."""

import collections
import io
import random

import pydron
from case import case


@pydron.functional
def double(x):
    return 2 * x


@pydron.functional
def words(n):
    return " ".join(f"w{i}" for i in range(n))


@pydron.functional
def generator(seed):
    return random.Random(seed)


class Loud:
    """Every method has a name that some library uses for something harmless, and none is."""

    calls = 0

    def get(self, key, default=None):
        print("get", key)
        Loud.calls += 1
        return self

    def copy(self):
        print("copy")
        return self

    def index(self, x):
        print("index", x)
        return x

    def mean(self):
        print("mean")
        return 1

    def find(self, kept):
        self.kept = kept
        return -1

    def show(self):
        print("kept", self.kept)


@pydron.functional
def loud(n):
    made = Loud()
    made.n = n
    return made


@case(Loud(), [1, 2, 3])
@pydron.schedule
def users_class(thing, xs):
    out = []
    for x in xs:
        out.append(double(x))
        print("before", x)
        out.append(thing.get(x) is thing)
        out.append(thing.mean())
    return out, Loud.calls


@case(Loud(), [1, 2, 3])
@pydron.schedule
def keeps_what_it_is_given(thing, xs):
    kept = []
    thing.find(kept)
    for x in xs:
        kept.append(double(x))
    thing.show()
    return len(kept)


@case(Loud(), [1, 2, 3])
@pydron.schedule
def gives_itself_away(thing, xs):
    mine = thing.copy()
    for x in xs:
        mine.total = double(x)
    thing.find(mine.total)
    thing.show()
    return mine is thing


@case([1, 2, 3])
@pydron.schedule
def in_a_comprehension(xs):
    things = [Loud() for _ in xs]
    first = double(1)
    seen = [thing.index(x) for thing, x in zip(things, xs)]
    print("done")
    return first, seen


@case([1, 2, 3])
@pydron.schedule
def result_of_a_task(xs):
    seen = []
    for x in xs:
        made = loud(x)
        seen.append(made.index(x) + double(x))
    print("all")
    return seen


class Quiet(dict):
    pass


class Counting(dict):
    asked = 0

    def get(self, key, default=None):
        Counting.asked += 1
        print("asked for", key)
        return dict.get(self, key, default)


@case([1, 2, 3], Quiet({1: 10}), parallel=3)
@pydron.schedule
def subclass_as_it_is(xs, table):
    return [double(x) + table.get(x, 0) for x in xs]


@case([1, 2, 3], Counting({1: 10}))
@pydron.schedule
def subclass_with_its_own(xs, table):
    out = []
    for x in xs:
        first = double(x)
        print("x", x)
        out.append(first + table.get(x, 0))
    return out, Counting.asked


class Row:
    def __init__(self):
        self.values = [1, 2]

    def count(self):
        return len(self.values)


@case([1, 2, 3])
@pydron.schedule
def replaced_on_the_object(xs):
    rows = [Row() for _ in xs]
    for row in rows:
        row.count = lambda: print("replaced") or 7
    out = [double(x) for x in xs]
    print("after")
    for row in rows:
        out.append(row.count())
    return out


@case([1, 2, 3])
@pydron.schedule
def replaced_on_a_library_class(xs):
    def most_common(self, n=None):
        print("mine", n)
        return []

    counted = collections.Counter("abca")
    original = collections.Counter.most_common
    collections.Counter.most_common = most_common
    try:
        out = []
        for x in xs:
            out.append(double(x))
            print("x", x)
            out.append(counted.most_common(x))
    finally:
        collections.Counter.most_common = original
    return out


@case([3, 1, 2], parallel=3)
@pydron.schedule
def own_generator(seeds):
    rng = random.Random(5)
    out = []
    for seed in seeds:
        out.append(double(seed) + rng.randint(1, 100))
    return out, rng.random()


@case(random.Random(1), [1, 2, 3])
@pydron.schedule
def generator_of_somebody(rng, xs):
    out = [double(x) + rng.random() for x in xs]
    return out, rng.random()


@case([1, 2, 3], parallel=3)
@pydron.schedule
def generator_of_a_task(xs):
    out = []
    for x in xs:
        rng = generator(x)
        first = rng.random()
        out.append((first, rng.random(), double(x)))
    return out


@case(["b a", "c"], parallel=2)
@pydron.schedule
def text(lines):
    out = []
    for line in lines:
        parts = line.split()
        parts.sort()
        parts.append(words(len(parts)).upper())
        out.append("-".join(parts))
    return out


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def containers_of_collections(xs):
    last = collections.deque(maxlen=2)
    counted = collections.Counter()
    for x in xs:
        y = double(x)
        last.append(y)
        counted.update([y % 3])
    return list(last), counted.most_common(1), sorted(counted.items())


@case(io.StringIO(), [1, 2])
@pydron.schedule
def file_like(out, xs):
    for x in xs:
        out.write(f"{double(x)}\n")
    return out.getvalue()


@case([[3, 1], [2]])
@pydron.schedule
def seen_by_others(lists):
    same = lists
    for each in lists:
        each.append(double(each[0]))
        each.sort()
        print(same)
    return same
