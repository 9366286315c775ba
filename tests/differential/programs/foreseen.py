"""Calls that can be foreseen while something nothing is known about runs, and calls that only seem to come."""

import dataclasses
import os
import sqlite3
import tempfile
import weakref

import pydron
from case import case

LOG = []
CONFIG = {"offset": 10}
OFFSET = 5


class Store:
    """Stands for a database: nothing is known of its methods."""

    def __init__(self, known=(), limit=None, broken=None):
        self.rows = []
        self.known = set(known)
        self.limit = limit
        self.broken = broken
        self.count = 0

    def save(self, row):
        if row == self.broken:
            raise OSError(f"cannot save {row}")
        self.rows.append(row)
        LOG.append(f"saved {row}")

    def has(self, key):
        LOG.append(f"has {key}")
        return key in self.known

    def full(self):
        return self.limit is not None and len(self.rows) >= self.limit


STORE = Store()


@pydron.functional
def process(x, y=0):
    return x * 2 + y


@pydron.functional
def picky(x):
    if x > 4:
        raise ValueError(f"{x} is too much")
    return x + 1


@pydron.functional
def with_offset(x):
    return x + OFFSET


@pydron.functional
def fresh_list(x):
    return [x]


@pydron.functional
def text_of(path):
    return path.upper()


@pydron.functional
def configured(x, config):
    return x + config["offset"]


@pydron.functional
def described(thing):
    return repr(thing)


def note(x):
    LOG.append(x)
    return x


@case([1, 2, 3, 4, 5, 6], parallel=3)
@pydron.schedule
def saved_in_a_global(items):
    for x in items:
        r = process(x)
        STORE.save(r)
    return list(LOG)


@case([1, 2, 3, 4, 5, 6], Store(), parallel=3)
@pydron.schedule
def saved_in_an_argument(items, db):
    for x in items:
        db.save(process(x, y=len(items)))
    return db.rows


@case([1, 2, 3, 4, 5, 6], parallel=3)
@pydron.schedule
def written_to_a_file(items):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "out.txt")
        with open(path, "w") as out:
            for x in items:
                out.write(f"{process(x)}\n")
        with open(path) as back:
            return back.read()


@case([1, 2, 3, 4, 5, 6], parallel=3)
@pydron.schedule
def inserted_into_a_table(items):
    connection = sqlite3.connect(":memory:")
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE t (x, y)")
    for x in items:
        cursor.execute("INSERT INTO t VALUES (?, ?)", (x, process(x)))
    return cursor.execute("SELECT * FROM t ORDER BY x").fetchall()


class Collector:
    def __init__(self, config):
        self.config = config
        self.results = []

    @pydron.schedule
    def collect(self, items):
        for x in items:
            self.results.append(process(x, self.config))
        return self.results


@case([1, 2, 3, 4, 5, 6], parallel=3)
def kept_in_an_attribute(items):
    return Collector(7).collect(items)


@case(["a", "b", "c", "d", "e"], parallel=3)
@pydron.schedule
def opaque_before_the_call(names):
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            with open(os.path.join(folder, name), "w") as out:
                out.write(name)
            found.append(text_of("data/" + name))
            note(name)
    return found, LOG


@case([1, 2, 3, 4, 5, 6], Store(), parallel=3)
@pydron.schedule
def counting_between_calls(items, db):
    results = []
    for x in items:
        db.count += 1
        results.append(process(x))
        db.save(x)
    return results, db.count


@case(list(range(9)), Store(known={0, 3, 6}), parallel=3)
@pydron.schedule
def skipping_what_is_known(items, db):
    results = []
    for x in items:
        if db.has(x):
            continue
        results.append(process(x))
        db.save(x)
    return results, LOG


@case(list(range(9)), Store(known=set(range(9))))
@pydron.schedule
def skipping_everything(items, db):
    for x in items:
        if db.has(x):
            continue
        db.save(picky(x))
    return LOG


@case(Store(), parallel=2)
@pydron.schedule
def one_after_the_other(db):
    a = process(1)
    db.save(a)
    b = process(2, 3)
    db.save(b)
    c = picky(3)
    db.save(c)
    return a, b, c, db.rows


@case([1, 2, 3, 4, 5, 6], Store(limit=3), parallel=2)
@pydron.schedule
def left_early(items, db):
    for x in items:
        db.save(process(x))
        if db.full():
            break
    return db.rows, process(100)


@case([1, 2, 3, 4, 5, 6, 7, 8], Store(limit=2))
@pydron.schedule
def left_before_a_failure(items, db):
    for x in items:
        if db.full():
            return db.rows
        db.save(picky(x))
    return None


@case([1, 2, 3, 4, 5, 6, 7], Store())
@pydron.schedule
def a_failure_whose_turn_comes(items, db):
    for x in items:
        db.save(picky(x))
    return None


@case([1, 2, 3, 4, 5, 6], Store(broken=6))
@pydron.schedule
def the_store_fails(items, db):
    for x in items:
        db.save(process(x))
    return None


@case([1, 2, 3, 4, 5, 6], Store(broken=6), parallel=2)
@pydron.schedule
def the_store_fails_and_it_goes_on(items, db):
    for x in items:
        try:
            db.save(process(x))
        except OSError as error:
            note(str(error))
    return db.rows, LOG


@case([1, 2, 3, 4, 5, 6, 7], Store())
@pydron.schedule
def failures_are_caught_one_by_one(items, db):
    for x in items:
        try:
            r = picky(x)
            db.save(r)
        except ValueError as error:
            db.save(str(error))
    return db.rows


@case([3, 1, 2, 5, 4], Store(), parallel=3)
@pydron.schedule
def numbered(items, db):
    for number, x in enumerate(items):
        db.save((number, process(x, number)))
    return db.rows


@case([3, 1, 2, 5, 4], Store(), parallel=3)
@pydron.schedule
def side_by_side(items, db):
    for x, y in zip(items, reversed(items)):
        db.save(process(x, y))
    return db.rows


@case({"a": 1, "b": 2, "c": 3, "d": 4}, Store(), parallel=3)
@pydron.schedule
def by_key(table, db):
    for key, x in table.items():
        db.save((key, process(x)))
    return db.rows


@case(Store(), parallel=3)
@pydron.schedule
def in_a_grid(db):
    for row in range(3):
        for column in range(2):
            db.save(process(10 * row, column))
        db.save(f"row {row}")
    return db.rows


@case(5, Store(), parallel=2)
@pydron.schedule
def counted(limit, db):
    n = 0
    while n < limit:
        db.save(process(n))
        n += 1
    return db.rows


@case([1, 2, 3, 4, 5, 6], CONFIG, parallel=2)
@pydron.schedule
def with_an_argument_that_stays(items, config):
    for x in items:
        note(configured(x, config))
    return LOG


@case([1, 2, 3, 4, 5, 6])
@pydron.schedule
def with_an_argument_that_changes(items):
    for x in items:
        r = configured(x, CONFIG)
        note(r)
        CONFIG.update(offset=r)
    return LOG


def set_offset(x):
    global OFFSET
    OFFSET = x


@case([1, 2, 3, 4, 5, 6])
@pydron.schedule
def of_a_function_that_changes(items):
    results = []
    for x in items:
        results.append(with_offset(x))
        set_offset(results[-1])
    return results, OFFSET


@case([1, 2, 3, 4, 5, 6])
@pydron.schedule
def over_a_list_that_changes(items):
    def drop_one(items):
        items.pop()

    for x in items:
        note(process(x))
        drop_one(items)
    return LOG, items


@case([1, 2, 3])
@pydron.schedule
def over_a_list_that_grows(items):
    for x in items:
        note(process(x))
        if len(LOG) < 8:
            STORE.rows = items
            STORE.save(x + 10)
    return LOG


def numbers():
    for x in range(5):
        LOG.append(f"made {x}")
        yield x


@case()
@pydron.schedule
def over_a_generator():
    for x in numbers():
        note(process(x))
    return LOG


@case()
@pydron.schedule
def over_somebodys_iterator():
    items = iter([1, 2, 3, 4, 5, 6])
    for x in items:
        note(process(x))
        if x == 3:
            note(next(items))
    return LOG


@case([1, 2, 3, 4])
@pydron.schedule
def a_queue(items):
    queue = list(items)
    while queue:
        x = queue.pop()
        r = process(x)
        note(r)
        if r == 4:
            queue.append(9)
    return LOG


class PicklesWithEffect:
    def __init__(self, x):
        self.x = x

    def __reduce__(self):
        LOG.append(f"pickled {self.x}")
        return PicklesWithEffect, (self.x,)


class StateWithEffect:
    def __init__(self, x):
        self.x = x

    def __getstate__(self):
        LOG.append(f"state of {self.x}")
        return {"x": self.x}

    def __repr__(self):
        return f"StateWithEffect({self.x})"


@case([1, 2, 3, 4])
@pydron.schedule
def items_with_operators(numbers):
    class Loud:
        def __init__(self, x):
            self.x = x

        def __add__(self, other):
            LOG.append(f"{self.x} + {other}")
            return self.x + other

        def __format__(self, how):
            LOG.append(f"format {self.x}")
            return str(self.x)

        def __getattr__(self, name):
            LOG.append(f"{name} of {self.x}")
            return self.x

        def __bool__(self):
            LOG.append(f"truth of {self.x}")
            return True

        def __eq__(self, other):
            LOG.append(f"{self.x} == {other}")
            return False

        __hash__ = None

    items = [Loud(x) for x in numbers]
    for item in items:
        note(process(item + 1))
        note(text_of(f"{item}"))
        note(process(item.value))
        if item:
            note(process(1))
        if item == 3:
            note(process(2))
    return LOG


class Watched:
    def __init__(self, x):
        self._x = x

    @property
    def x(self):
        LOG.append(f"x of {self._x}")
        return self._x


@case([1, 2, 3, 4])
@pydron.schedule
def items_with_properties(numbers):
    for item in [Watched(x) for x in numbers]:
        note(process(item.x))
    return LOG


@dataclasses.dataclass
class Options:
    scale: int = 2
    names: list = dataclasses.field(default_factory=list)

    def scaled(self, x):
        return x * self.scale


@pydron.functional
def scaled(x, options):
    return options.scaled(x), len(options.names)


@case([1, 2, 3, 4, 5, 6], parallel=2)
@pydron.schedule
def with_options(items):
    options = Options(3, ["a"])
    for x in items:
        note(scaled(x, options))
    return LOG


@case([1, 2, 3, 4, 5, 6])
@pydron.schedule
def with_options_that_change(items):
    options = Options(3, ["a"])

    def widen(options, x):
        options.names.append(x)

    for x in items:
        note(scaled(x, options))
        widen(options, x)
    return LOG


@case([1, 1, 1, 1])
@pydron.schedule
def the_same_call_again(items):
    lists = []
    for x in items:
        found = fresh_list(x)
        note(list(found))
        found.append(len(lists))
        lists.append(found)
    return lists, LOG, lists[0] is lists[1]


@case([1, 2, 3, 4, 5])
@pydron.schedule
def nothing_is_held_longer(items):
    class Resource:
        def __init__(self, x):
            self.x = x

        def __del__(self):
            LOG.append(f"closed {self.x}")

    resource = None
    for x in items:
        resource = Resource(x)
        note(process(x))
        watch = weakref.ref(resource)
        resource = None
        note(watch() is None)
    return LOG


@case([1, 2, 3, 4, 5, 6], Store(), parallel=2)
@pydron.schedule
def two_calls_a_turn(items, db):
    for x in items:
        a = process(x)
        db.save(a)
        b = process(x, 100)
        db.save(b)
    return db.rows


@case([1, 2, 3, 4, 5, 6, 7, 8], Store(known={8, 12}), parallel=2)
@pydron.schedule
def a_call_that_seldom_comes(items, db):
    for x in items:
        r = process(x)
        if db.has(r):
            db.save(picky(x))
        db.save(r)
    return db.rows


@pydron.schedule
def one(x, db):
    r = process(x)
    db.save(r)
    s = process(x, 1)
    db.save(s)
    return r + s


@case([1, 2, 3, 4], Store())
@pydron.schedule
def in_a_pipeline_of_its_own(items, db):
    total = 0
    for x in items:
        total += one(x, db)
    return total, db.rows


@case([1, 2, 3, 4, 5, 6], Store(), parallel=2)
@pydron.schedule
def results_go_on(items, db):
    total = 0
    for x in items:
        r = process(x)
        if r > 4:
            total += process(r)
        db.save(total)
    return db.rows


@case([5, 3, 8, 1, 9, 2], parallel=2)
@pydron.schedule
def searched(items):
    for x in items:
        if process(x) > 15:
            return x
    return None


@case([1, 2, 3])
@pydron.schedule
def pickling_has_effects(numbers):
    things = [PicklesWithEffect(x) for x in numbers]
    for thing in things:
        note("before")
        process(thing.x)
        note("after")
    return LOG
