"""Arguments and results that resist: many, recursive, deep, hostile."""

from __future__ import annotations

PARAMETERS = ", ".join(f"a{i}" for i in range(300))


def test_more_arguments_than_old_pythons_allow(comparison):
    comparison.same(f"""
        @pydron.functional
        def g({PARAMETERS}):
            return a0 + a299

        @pydron.schedule
        def p({PARAMETERS}, *rest, **named):
            x = g({PARAMETERS})
            return x, g(*[{PARAMETERS}]), len(rest), sorted(named)[:2]

        print(p(*range(310), **{{f"k{{i}}": i for i in range(300)}}))
    """)


def test_arguments_that_hold_themselves(comparison):
    comparison.same("""
        class Node:
            pass

        l = [1]
        l.append(l)
        d = {}
        d["d"] = d
        node = Node()
        node.node = node
        node.all = [node, l, d]
        t = ([],)
        t[0].append(t)

        @pydron.functional
        def same(x):
            return x

        @pydron.functional
        def check(l, d, node):
            return l[1] is l, d["d"] is d, node.node is node, node.all[0] is node

        @pydron.schedule
        def p(l, d, node, t):
            held = check(l, d, node)
            x = same(l)
            made = [same(1)]
            made.append(made)
            y = same(made)
            z = same(t)
            return held, x[1] is x, y, made, z[0][0] is z

        print(p(l, d, node, t))
    """)


def test_deep_recursion(comparison):
    """As deep as CPython goes, with pipelines, functions inside of them, and plain functions."""
    comparison.same("""
        @pydron.schedule
        def p(n):
            if n == 0:
                return f(0)
            return p(n - 1) + f(n)

        @pydron.schedule
        def q(n):
            def inner(k):
                if k == 0:
                    return 0
                return f(k) + inner(k - 1)
            return inner(n)

        def down(n):
            return n and down(n - 1)

        @pydron.schedule
        def r(n):
            x = f(1)
            return x, down(n)

        print(p(900), q(900), r(900))
        for endless in (p, q, r):
            try:
                print(endless(10**6))
            except RecursionError:
                print("too deep")
        print(p(100), sys.getrecursionlimit())
        sys.setrecursionlimit(20_000)
        print(p(3000), r(3000))
    """)


def test_lists_in_lists(comparison):
    comparison.same(
        """
        nested = []
        for i in range(2000):
            nested = [nested]

        @pydron.functional
        def depth(x):
            n = 0
            while x:
                n += 1
                x = x[0]
            return n

        @pydron.functional
        def make(n):
            x = []
            for i in range(n):
                x = [x]
            return x

        @pydron.schedule
        def p(x, n):
            made = make(n)
            return depth(x), depth([x, f(1)]), depth(make(100)), depth(made)

        print(p(nested, 2000))
        """,
        err="deep recursion",
    )


def test_hostile_classes(comparison):
    """A class may raise from anything that anybody does to it. Who does nothing to it must not notice."""
    comparison.same(
        """
        class Reduce:
            def __reduce__(self): raise RuntimeError("no")
        class Nonsense:
            def __reduce__(self): return "nonsense"
        class Leaves:
            def __reduce__(self): raise SystemExit(4)
        class Equal:
            def __eq__(self, other): raise RuntimeError("eq")
            __hash__ = None
            def __bool__(self): raise RuntimeError("bool")
            def __len__(self): raise RuntimeError("len")
        class Anything:
            def __getattr__(self, name): return lambda *a, **k: Anything()
        class Nothing:
            def __getattribute__(self, name): raise RuntimeError("getattr " + name)
        class Meta(type):
            def __getattribute__(cls, name): raise RuntimeError("meta " + name)
            def __eq__(cls, other): raise RuntimeError("metaeq")
            __hash__ = type.__hash__
        class Classy(metaclass=Meta): pass
        class Fake:
            @property
            def __class__(self): raise RuntimeError("class")
        class Printed(Exception):
            def __str__(self): raise RuntimeError("str")
            __repr__ = __str__

        @pydron.functional
        def name(x): return type(x).__name__

        @pydron.functional
        def two(x, y): return type(x).__name__ + str(y)

        @pydron.functional
        def fails(): raise Printed

        class Held: pass
        held = Held()

        @pydron.schedule
        def p(x):
            items = [x]
            a = name(x)
            b = two(x, f(1))
            for y in items:
                if a:
                    a = a + b
            return a, items[0] is x

        @pydron.schedule
        def q(x):
            items = [x]
            y = f(1)
            if y == 3:
                return 1
            items.append(x)
            held.thing = x
            return len(items), y, items[0] is x

        @pydron.schedule
        def r():
            try:
                fails()
            except Printed as error:
                return type(error).__name__, f(1)

        for make in (Reduce, Nonsense, Leaves, Equal, Anything, Nothing, Classy, Fake):
            for pipeline in (p, q):
                try:
                    print(pipeline(make()))
                except RuntimeError as error:
                    print(type(error), error)
        print(r())

        @pydron.functional
        def back(k): return (Reduce, Nonsense, Equal, Anything, Fake)[k]()

        @pydron.schedule
        def s(k):
            x = back(k)
            return type(x).__name__

        print([s(k) for k in range(5)])
        """,
        err="runs in the driver, one call after the other",
    )
