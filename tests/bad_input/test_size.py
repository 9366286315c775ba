"""Very long, very deep, very many: works or falls back, in reasonable time and memory."""

from __future__ import annotations

from comparing import HEAD


def lines(count: int, end: str) -> str:
    body = "".join(f"    v{i} = x + {i}\n" for i in range(count))
    return f"{HEAD}@pydron.schedule\ndef p(x):\n{body}    {end}\n"


def test_a_function_of_100_000_lines(comparison):
    text = lines(100_000, "return f(v99999)")
    ours = comparison.same("", raw=f"{text}print(p(1))\n".encode(), seconds=30)
    assert ours.megabytes < 700, "CPython itself needs most of that to compile it"


def test_an_exception_in_a_function_of_100_000_lines_has_its_line(comparison):
    text = lines(100_000, "return f(v99999) / 0")
    end = "try:\n    p(1)\nexcept ZeroDivisionError as e:\n    print(e.__traceback__.tb_next.tb_lineno)\n"
    comparison.same("", raw=(text + end).encode(), seconds=30)


def test_many_statements_in_many_loops(comparison):
    loops = "".join(" " * (4 + depth) + f"for i{depth} in range(1):\n" for depth in range(6))
    body = "".join(" " * 10 + f"v{i} = f(x + {i}); s += v{i}\n" for i in range(500))
    text = f"{HEAD}@pydron.schedule\ndef p(x):\n    s = 0\n{loops}{body}    return s\nprint(p(1))\n"
    comparison.same("", raw=text.encode(), seconds=25)


def test_10_000_calls_in_a_straight_line(comparison):
    calls = "".join(f"    a{i} = f({i})\n" for i in range(10_000))
    text = f"{HEAD}@pydron.schedule\ndef p():\n{calls}    return a0 + a9999\nprint(p())\n"
    comparison.same("", raw=text.encode(), seconds=20)


def test_long_constants(comparison):
    comparison.same(
        "",
        raw=(
            f"{HEAD}@pydron.schedule\ndef p(x):\n    b = b'{'x' * 10_000_000}'\n    s = '{'é' * 5_000_000}'\n"
            f"    n = 0x{'f' * 6000}\n    k = {'9' * 4000}\n"
            "    return f(x), len(b), len(s), len(b + b'%d' % f(2)), f(n) % 1000, k % 7, f(x) and n\n"
            "a, *b, n = p(1)\nprint(a, b, n.bit_length())\n"
            "@pydron.schedule\ndef many(x):\n"
            f"    l = [{', '.join(map(str, range(100_000)))}]\n    return f(x), len(l)\nprint(many(1))\n"
        ).encode(),
    )


def test_much_text_as_a_result(comparison):
    comparison.same("""
        @pydron.functional
        def text(n):
            return "é" * n

        @pydron.schedule
        def p(n):
            parts = []
            for i in range(4):
                parts.append(text(n))
            return len("".join(parts))

        print(p(10_000_000))
    """)


def test_deeply_nested_expressions(comparison):
    """As deep as CPython compiles by default, and deeper where the program has raised its limits."""
    comparison.same(
        """
        import linecache, threading

        def expression(kind, n):
            return {
                "plus": " + ".join(["x"] * n), "attribute": "x" + ".real" * n, "minus": "-" * n + "x",
                "not": "not " * n + "x", "calls": "f(" * 90 + "x" + ")" * 90, "index": "[x, x]" + "[0:2]" * n + "[0]",
            }[kind]

        def run(kind, n):
            text = f"@pydron.schedule\\ndef p(x):\\n    return f(x) + ({expression(kind, n)})\\n"
            name = f"<{kind} {n}>"
            linecache.cache[name] = (len(text), None, text.splitlines(True), name)
            names = {"pydron": pydron, "f": f}
            try:
                exec(compile(text, name, "exec"), names)
            except RecursionError:
                return print(kind, n, "CPython cannot compile it")
            print(kind, n, names["p"](1))

        KINDS = "plus", "attribute", "minus", "not", "calls", "index"
        for kind in KINDS:
            run(kind, 1000)

        def deeper():
            for kind in KINDS:
                run(kind, 3000)

        threading.stack_size(512 << 20)
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(100_000)
        thread = threading.Thread(target=deeper)
        thread.start()
        thread.join()
        sys.setrecursionlimit(limit)

        @pydron.schedule
        def ordinary(n):
            return [f(i) for i in range(n)]

        print(ordinary(3))
        """,
        seconds=40,
    )


def test_ten_million_cheap_iterations(comparison):
    """Also with something pending in the loop: what is set aside is bounded, and so is memory."""
    ours = comparison.same(
        """
        import resource

        @pydron.schedule
        def known(n):
            total = f(0)
            s = 0
            for i in range(n):
                s += i & 3
            return total + s

        @pydron.schedule
        def pending(n):
            s = f(0)
            for i in range(n):
                s += i & 3
            return s

        @pydron.schedule
        def collected(n):
            a = f(0)
            out = []
            for i in range(n):
                out.append(a + i)
            return len(out), out[-1]

        @pydron.schedule
        def parked(n):
            out = 0
            for i in range(n):
                if f(i) % 2:
                    out += 1
            return out

        print(known(10_000_000), pending(10_000_000), collected(300_000), parked(30_000))
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(megabytes < 300 or megabytes)
        """,
        seconds=60,
    )
    assert "True" in ours.out
