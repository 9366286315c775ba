"""Builtins that were replaced, tracers, options of the interpreter, and processes that have lost what they stand on."""

from __future__ import annotations

import pytest


def test_builtins_shadowed_in_the_module(comparison):
    comparison.same("""
        @pydron.schedule
        def p(n):
            out = list()
            for i in range(n):
                out.append(f(i))
            print(len(out), sum(out))
            return sorted(out)[:2], isinstance(out, list), type(out).__name__

        original = print
        print(p(3))
        def len(x): return -1
        print(p(3))
        range = lambda n: [5]
        print(p(3))
        def print(*values): original("shadowed", *values)
        print(p(3))
        class list(list):
            def append(self, x):
                original("append", type(x).__name__)
                super().append(x)
        print(p(3))
        isinstance = lambda *a: "never"
        type = sum = sorted = lambda x: "XYZ"
        del len, range, print, list, isinstance, type, sum, sorted
        print(p(3))
    """)


def test_builtins_patched_for_everybody(comparison):
    """As tests and instrumentation do. Not covered: builtins that then do something else for Pydron's own code."""
    comparison.same("""
        import builtins, io

        @pydron.functional
        def large(n):
            return b"x" * n

        @pydron.schedule
        def p(n):
            x = large(n)
            print(len(x))
            with open("anything") as file:
                text = file.read()
            y = large(n + 1)
            return len(x + y), text

        original = builtins.open, builtins.print
        calls = []
        builtins.open = lambda *a, **k: io.StringIO("fake")
        builtins.print = lambda *a, **k: (calls.append(a), original[1](*a, **k))[1]
        results = p(1_000_000), p(10)
        builtins.open, builtins.print = original
        print(results, calls)
    """)


def test_tracers_and_hooks(comparison):
    comparison.same("""
        seen, events, profiled = set(), [], []

        def tracer(frame, event, argument):
            if frame.f_code.co_filename == __file__:
                seen.add(frame.f_code.co_name)
            return tracer

        @pydron.schedule
        def p(n):
            out = []
            for i in range(n):
                out.append(f(i))
            breakpoint()
            if n > 5:
                raise KeyError(n)
            return out

        sys.breakpointhook = lambda: print("here")
        sys.addaudithook(lambda event, arguments: events.append(event))
        sys.settrace(tracer)
        print(p(3))
        sys.settrace(None)
        sys.setprofile(lambda *a: profiled.append(1))
        print(p(3))
        sys.setprofile(None)
        print("p" in seen, bool(profiled))
        sys.excepthook = lambda kind, value, traceback: print("hook", kind.__name__, value)
        p(6)
    """)


def test_debugger_and_coverage(stage):
    script = stage.script("""
        import pydron

        @pydron.functional
        def f(x):
            return x + 1

        @pydron.schedule
        def p(n):
            out = []
            for i in range(n):
                out.append(f(i))
            return out

        print(p(3))
    """)
    stepping = stage.python("-m", "pdb", script, text="b p\nc\nn\nn\nw\nc\nq\n")
    assert "[1, 2, 3]" in stage.python("-m", "pdb", "-c", "continue", script, text="q\n").stdout
    assert "Traceback" not in stepping.stdout + stepping.stderr
    traced = stage.python("-m", "trace", "--count", "-C", stage.folder / "covered", script)
    assert "[1, 2, 3]" in traced.stdout, traced.stderr


@pytest.mark.parametrize("options", [["-OO"], ["-W", "error", "-X", "dev"], ["-b", "-b", "-u", "-s", "-B"]], ids=str)
def test_options_of_the_interpreter(comparison, options):
    """Not one warning of ours, and none that the program did not cause."""
    comparison.same(
        """
        import gc, threading, warnings

        @pydron.functional
        def g(x):
            "documented"
            assert x >= 0
            return [x] * 3

        @pydron.functional
        def fails(x):
            raise ValueError(x)

        @pydron.functional
        def large(x):
            return b"x" * 200_000

        @pydron.schedule
        def p(n):
            "documented as well"
            assert n
            out = {}
            for i in range(n):
                try:
                    out[i] = g(i)
                    if i == 3:
                        fails(i)
                except ValueError as error:
                    print("caught", error)
            print(len(large(1)), len(out))
            return out, p.__doc__, g.__doc__

        print(p(5))
        for _ in range(2):
            thread = threading.Thread(target=lambda: print(p(2)))
            thread.start()
            thread.join()
            del thread
            gc.collect()
        """,
        *options,
    )


def test_lost_streams_and_environment(comparison):
    comparison.same("""
        import os

        @pydron.schedule
        def p(n):
            print("x")
            return f(n)

        sys.stdin.close()
        errors, sys.stderr = sys.stderr, None
        os.environ.clear()
        print(p(1))
        out, sys.stdout = sys.stdout, None
        result = p(2)
        sys.stdout = out
        print(result)
        os.close(0)
        print(p(3))
        sys.stderr = errors
    """)


def test_recursion_limits_set_by_the_program(comparison):
    comparison.same("""
        @pydron.schedule
        def p(n):
            sys.setrecursionlimit(5000)
            x = f(n)
            return x, sys.getrecursionlimit()

        print(p(1), sys.getrecursionlimit())
        sys.setrecursionlimit(200)
        print(p(1), sys.getrecursionlimit())
    """)
