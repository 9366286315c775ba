"""Pipelines that are generators, coroutines, methods, properties: whatever runs plainly must still be right."""

import asyncio

import pydron
from case import case

LOG = []


@pydron.functional
def f(x):
    return x + 1


class Telescope:
    gain = 2

    def __init__(self, offset):
        self.offset = offset
        self.seen = []

    @pydron.schedule
    def observe(self, items):
        out = []
        for x in items:
            out.append(f(x) * self.gain + self.offset)
            self.seen.append(x)
        return out

    @classmethod
    @pydron.schedule
    def for_class(cls, items):
        return [f(x) * cls.gain for x in items]

    @staticmethod
    @pydron.schedule
    def static(items):
        return [f(x) for x in items]

    @property
    @pydron.schedule
    def prop(self):
        return f(self.offset)

    @pydron.functional
    def measure(self, x):
        return self.offset + x

    @staticmethod
    @pydron.functional
    def static_measure(x):
        return x * 5

    @classmethod
    @pydron.functional
    def class_measure(cls, x):
        return cls.gain * x

    @pydron.schedule
    def uses_measures(self, items):
        out = []
        for x in items:
            out.append((self.measure(x), self.static_measure(x), Telescope.class_measure(x)))
        return out

    @pydron.schedule
    def recursive(self, n):
        return [] if n == 0 else self.recursive(n - 1) + [f(n)]


class Large(Telescope):
    gain = 100

    @pydron.schedule
    def observe(self, items):
        first = super().observe(items)
        return [f(x) for x in first]


@case([1, 2])
def methods(items):
    t = Telescope(10)
    return t.observe(items), t.seen, Telescope.observe(t, [5]), t.recursive(3)


@case([1, 2])
def inherited_and_super(items):
    t = Large(1)
    return t.observe(items), t.for_class(items), Large.static(items)


@case([1, 2])
def class_and_static_methods(items):
    return Telescope.for_class(items), Telescope(1).for_class(items), Telescope.static(items), Telescope(2).static(items)


@case()
def properties():
    return Telescope(6).prop


@case([1, 2])
def functional_methods(items):
    return Telescope(3).uses_measures(items)


@case([1, 2, 3])
def generator_pipeline(items):
    out = []
    for y in gives(items):
        LOG.append(f"got {y}")
        out.append(y)
    return out


@pydron.schedule
def gives(items):
    for x in items:
        LOG.append(f"making {x}")
        yield f(x)


@case([1, 2, 3])
def generator_with_send(items):
    g = talks()
    return [next(g), g.send(5), g.send(7)], gathers_all(items)


@pydron.schedule
def talks():
    x = 0
    while True:
        x = yield f(x)


@pydron.schedule
def gathers_all(items):
    result = yield_from_inside(items)
    return list(result)


@pydron.schedule
def yield_from_inside(items):
    got = yield from [f(x) for x in items]
    yield got


@case([1, 2])
def async_pipeline(items):
    return asyncio.run(waits(items))


@pydron.schedule
async def waits(items):
    out = []
    for x in items:
        await asyncio.sleep(0)
        out.append(f(x))
    return out


@case([1, 2])
def pipeline_inside_async_code(items):
    async def main():
        await asyncio.sleep(0)
        return simple(items)

    return asyncio.run(main())


@pydron.schedule
def simple(items):
    return [f(x) for x in items]


@case([1, 2])
def lambda_pipeline(items):
    p = pydron.schedule(lambda xs: [f(x) for x in xs])
    return p(items)


@case()
def pipeline_without_source():
    namespace = {"f": f, "pydron": pydron}
    exec("def no_source(n):\n    return [f(i) for i in range(n)]\np = pydron.schedule(no_source)", namespace)
    return namespace["p"](3)


@case()
def builtin_functions_decorated():
    root = pydron.functional(len)
    total = pydron.schedule(sum)
    return root([1, 2]), total([1, 2])


@case()
def looks_like_the_function():
    import inspect

    return (
        simple.__name__, simple.__doc__, f.__name__, str(inspect.signature(simple)), str(inspect.signature(f)),
        callable(simple), inspect.isroutine(Telescope.__init__), gives.__name__,
    )


@case([1, 2])
def decorators_with_arguments(items):
    @pydron.functional(cpus=1, retries=2)
    def g(x):
        return x * 9

    @pydron.schedule
    def p(xs):
        return [g(x) for x in xs]

    return p(items)


@case([1, 2])
def pipeline_called_in_a_thread(items):
    import threading

    out = []
    thread = threading.Thread(target=lambda: out.append(simple(items)))
    thread.start()
    thread.join()
    return out


@case([1, 2])
@pydron.schedule
def pipeline_with_callable_class(items):
    class Scale:
        def __init__(self, k):
            self.k = k

        def __call__(self, x):
            return f(x) * self.k

    s = Scale(f(2))
    return [s(x) for x in items]


@case([1, 2])
@pydron.schedule
def generator_function_used_inside(items):
    def pairs():
        for x in items:
            yield x, f(x)

    return list(pairs()), {a: b for a, b in pairs()}
