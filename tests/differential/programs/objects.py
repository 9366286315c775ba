"""Pipelines as objects, and what programs can see of how long objects live: found with CPython's own tests."""

import copy
import inspect
import sys
import types
import weakref

import pydron
from case import case

LOG = []


@pydron.functional
def f(x):
    return x + 1


class Thing:
    def __init__(self, name):
        self.name = name


class Watchful:
    """Notes every attribute that anybody asks it for."""

    def __getattribute__(self, name):
        LOG.append(name)
        return object.__getattribute__(self, name)

    def __hash__(self):
        LOG.append("hash")
        return 5

    def __eq__(self, other):
        LOG.append("eq")
        return self is other


WATCHFUL = Watchful()


@pydron.schedule
def documented(a, b=2, *rest, c=3, **more):
    """What it is for."""
    return [f(a), f(b), [f(x) for x in rest], f(c), sorted(more)]


@case()
def a_pipeline_is_a_function():
    names = ("__name__", "__qualname__", "__module__", "__doc__", "__defaults__", "__kwdefaults__", "__dict__")
    first = documented(1)
    seen = [getattr(documented, name) for name in names]
    code = documented.__code__
    return [
        first,
        seen,
        type(documented) is types.FunctionType,
        str(inspect.signature(documented)),
        inspect.getsource(documented),
        (code.co_name, code.co_argcount, code.co_varnames[:5], code.co_names, code.co_flags & 0xC),
        inspect.isfunction(documented),
        inspect.iscoroutinefunction(documented),
        inspect.isgeneratorfunction(documented),
        copy.deepcopy(documented) is documented,
        hasattr(documented, "__wrapped__"),
        inspect.getclosurevars(documented).globals == {"f": f},
    ]


@case()
def defaults_changed_later():
    @pydron.schedule
    def adds(x, y=1, *, z=2):
        return f(x) + f(y) + f(z)

    results = [adds(1)]
    adds.__defaults__ = (10,)
    adds.__kwdefaults__ = {"z": 100}
    results += [adds(1), adds(1, 2)]
    return results


@case()
def code_given_to_another_function():
    @pydron.schedule
    def adds(x):
        return f(x) + more

    more = 5
    results = [adds(1)]
    other = types.FunctionType(adds.__code__, adds.__globals__, "other", (7,), (types.CellType(1000),))
    results += [other(1), other(), adds(1)]
    adds.__code__ = (lambda: lambda x: more + x).__call__().__code__
    results.append(adds(1))
    return results


@case()
def inner_pipelines_go_when_nobody_needs_them():
    def make(kept):
        @pydron.schedule
        def inner(x):
            return f(x), kept.name

        return inner

    kept = Thing("kept")
    inner = make(kept)
    seen = [inner(1)]
    watches = weakref.ref(inner), weakref.ref(kept)
    del inner, kept
    return seen, [watch() is None for watch in watches]


@case()
@pydron.schedule
def annotation_in_parentheses(x=1):
    (undefined): int
    f(x)
    try:
        return undefined
    except NameError as error:
        return type(error).__name__


@case()
@pydron.schedule
def exception_let_go(x=1):
    seen = []

    class Carrier:
        def __del__(self):
            seen.append(sys.exc_info())

    f(x)
    try:
        raise ValueError(Carrier())
    except ValueError:
        pass
    return seen


@case()
@pydron.schedule
def exception_with_name_let_go(x=1):
    thing = Thing("carried")
    watch = weakref.ref(thing)
    y = f(x)
    try:
        raise ValueError(thing)
    except ValueError as error:
        kind = type(error)
    del thing
    return watch() is None, kind, y


@case()
@pydron.schedule
def temporaries_let_go(x=1):
    y = f(x)
    first, second = [Thing(name) for name in "ab"]
    watch = weakref.ref(second)
    del second
    return watch() is None, first.name, y


@case()
@pydron.schedule
def arguments_of_calls_let_go(x=1):
    y = f(x)
    watch = weakref.ref(Thing(str(x)))
    return watch() is None, y


@case()
@pydron.schedule
def keyboard_interrupt_caught(x=1):
    y = f(x)
    try:
        raise KeyboardInterrupt("mine")
    except KeyboardInterrupt as error:
        return y, error.args
    finally:
        LOG.append("finally")


@case()
@pydron.schedule
def keyboard_interrupt_raised(x=1):
    f(x)
    raise KeyboardInterrupt("mine")


@case()
@pydron.schedule
def traceback_seen_by_context_manager(x=1):
    class Manager:
        def __enter__(self):
            return self

        def __exit__(self, kind, error, traceback):
            self.seen = []
            while traceback is not None:
                self.seen.append((traceback.tb_frame.f_code.co_name, traceback.tb_lineno))
                traceback = traceback.tb_next
            return True

    with Manager() as manager:
        y = f(x)
        y / 0
    return manager.seen


@case()
@pydron.schedule
def not_a_context_manager(x=1):
    f(x)
    with Thing("no manager"):
        return 1


@case()
@pydron.schedule
def traceback_stays_the_same_object(x=1):
    f(x)
    try:
        raise KeyError("first")
    except KeyError as error:
        traceback = error.__traceback__
    try:
        raise IndexError("second").with_traceback(traceback)
    except IndexError as error:
        return error.__traceback__.tb_next is traceback


@case()
@pydron.schedule
def context_set_by_hand(x=1):
    try:
        f(x) / 0
    except ZeroDivisionError:
        raises_without_context()


@pydron.schedule
def raises_without_context():
    f(1)
    try:
        raise KeyError("mine")
    except KeyError as error:
        error.__context__ = None
        raise


@case()
def looking_runs_no_code_of_the_users():
    del LOG[:]
    watched(WATCHFUL)
    return list(LOG)


@pydron.schedule
def watched(thing):
    y = f(1)
    same = thing is WATCHFUL
    if same:
        y = y + 1
    return y, [thing] is None


@case()
def half_made_class_calls_a_pipeline():
    class Meta(type):
        @pydron.schedule
        def mro(cls):
            LOG.append(f(1))
            return type.mro(cls)

    class Made(metaclass=Meta):
        pass

    return [each.__name__ for each in Made.__mro__]


@pydron.schedule
def endless(n):
    f(n)
    return through(endless, n + 1)


def through(function, *args):
    return function(*args)


@case()
def endless_recursion_ends():
    try:
        endless(0)
    except RecursionError as error:
        return type(error).__name__


@case()
def limit_of_recursion_stays():
    before = sys.getrecursionlimit()
    documented(1)
    return before == sys.getrecursionlimit()


@case()
def methods_of_all_kinds():
    class Holder:
        @pydron.schedule
        def method(self, x):
            return f(x), type(self).__name__

        @pydron.schedule
        @classmethod
        def of_class(cls, x):
            return f(x), cls.__name__

        @pydron.schedule
        @staticmethod
        def static(x):
            return f(x)

        @pydron.schedule
        @property
        def prop(self):
            """Documented."""
            return f(3)

        @prop.setter
        @pydron.schedule
        def prop(self, value):
            self.value = f(value)

    holder = Holder()
    holder.prop = 5
    bound = holder.method
    return [
        holder.method(1),
        Holder.method(holder, 2),
        Holder.of_class(3),
        holder.static(4),
        holder.prop,
        Holder.prop.__doc__,
        holder.value,
        bound.__func__ is Holder.method,
        bound == holder.method,
        list(map(bound, [1, 2])),
        sorted([3, 1, 2], key=Holder.static),
    ]


@case()
@pydron.schedule
def checked_values_let_go(x=1):
    y = f(x)
    thing = Thing("checked")
    watch = weakref.ref(thing)
    pair = list([thing, 1])
    del thing, pair
    return watch() is None, y
