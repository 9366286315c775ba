"""Where the source comes from, how it is written, and what happens to it while the program runs."""

from __future__ import annotations

import sys

from comparing import HEAD

PIPELINE = """
import pydron

@pydron.functional
def f(x):
    return x + 1

@pydron.schedule
def p(n):
    return [f(i) for i in range(n)]
"""


def test_names_in_other_scripts(comparison):
    comparison.same(
        '''
        @pydron.functional
        def тест(название):
            """文档 \\udc80"""
            return название * 2

        @pydron.schedule
        def труба(имена, ñ="é"):
            """Описание"""
            данные = {}
            for имя in имена:
                данные[имя] = тест(имя)
            ﬁ = [len(v) for v in данные.values()]
            text = f"\\udc80{f(1)}" + "\\ud800" + "\\0" * f(2)
            return данные, ﬁ, ñ, text, b"\\0\\xff"

        print(ascii(труба(["ключ", "名前", "a\\udc80b", "nul\\0x", "🎉"])), ascii(труба.__doc__), ascii(тест.__doc__))

        class Named:
            pass

        @pydron.functional
        def attributes(o):
            return sorted(vars(o))

        @pydron.functional
        def fails(x):
            raise KeyError("\\udc80\\0" + x)

        @pydron.schedule
        def q(o):
            before = attributes(o)
            setattr(o, "x\\0y", before)
            try:
                fails("ж")
            except KeyError as error:
                before = error.args
            return before, attributes(o)

        named = Named()
        setattr(named, "\\udc80", 5)
        print(ascii(q(named)))
        sys.path.insert(0, "")
        import модуль
        import importlib.util
        spec = importlib.util.spec_from_file_location("odd name.x", "модуль.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        print(модуль.p(2), module.p(3))
        sys.modules["odd name.x"] = module
        print(module.p(3))
        ''',
        err="'odd name.x.f' runs in the driver",
        **files(comparison, {"модуль.py": PIPELINE}),
    )


def files(comparison, given: dict) -> dict:
    comparison.files = given
    return {}


def test_encodings_line_ends_and_white_space(comparison):
    """Each of these modules is compared by its result; together they take one start of the service."""
    line_ends = f"{HEAD}@pydron.schedule\ndef p(x):\n    y = f(x)\n    s = '''a\n    b'''\n    return y, s\n"
    specimens = {
        "bom": b"\xef\xbb\xbf" + f"{HEAD}@pydron.schedule\ndef p(x):\n    return f(x), 'é'\n".encode(),
        "latin": f"# coding: latin-1\n{HEAD}@pydron.schedule\ndef p(x):\n    été = f(x)\n    return été, 'é'\n".encode(
            "latin-1"
        ),
        "crlf": line_ends.replace("\n", "\r\n").encode(),
        "cr": line_ends.replace("\n", "\r").encode(),
        "tabs": (
            f"{HEAD}\x0c\n@pydron.schedule\ndef p(x):\n\ty = f(x)\n\x0c\n\tif y:\n\t        y = f(y)\n\treturn y\n"
        ).encode(),
        "breaks": (
            f"{HEAD}s = 'a\x0bb\x85\u2028c'\n# \u2028 x\n@pydron.schedule\ndef p(x):\n    # \x0b \x1c \x85 \u2028\n"
            "    y = f(x)\n    z = 'a\u2028b\x0b\x1c'\n    return y, z\n"
        ).encode(),
        "packed": (
            f"{HEAD}@pydron.schedule\ndef p(x, *, z=[f(1)]): a = f(x); b = (lambda: f(3))(); return a, b, z"
        ).encode(),
        "future": (
            f"from __future__ import annotations, division\n{HEAD}@pydron.schedule\n"
            "def p(x: Unknown) -> Unknown:\n    y: Other = f(x)\n    return y, p.__annotations__\n"
        ).encode(),
    }
    comparison.same(f"""
        import importlib, os
        sys.path.insert(0, "")
        for name, data in {specimens!r}.items():
            with open(name + "_module.py", "wb") as file:
                file.write(data)
            importlib.invalidate_caches()
            print(name, ascii(importlib.import_module(name + "_module").p(1)))
    """)


def test_line_numbers_with_carriage_returns(comparison):
    text = f"{HEAD}@pydron.schedule\ndef r(x):\n    y = f(x)\n    return y / 0\ntry:\n    r(1)\n"
    end = "except ZeroDivisionError as e:\n    print(e.__traceback__.tb_next.tb_lineno)\n"
    comparison.same("", raw=(text + end).replace("\n", "\r\n").encode())


def test_made_by_exec_eval_and_lambda(comparison):
    comparison.same("""
        names = {"pydron": pydron, "f": f}
        exec("@pydron.schedule\\ndef p(x):\\n    return f(x) + f(x + 1)\\n", names)
        print(names["p"](1))
        # The name of a file that has something else in these lines.
        exec(compile("@pydron.schedule\\ndef q(x):\\n    return f(x)\\n", __file__, "exec"), names)
        print(names["q"](3))
        print(eval("pydron.schedule(lambda x: f(x) + 1)")(3))
        a = pydron.schedule(lambda x: f(x) + f(x)); b = pydron.schedule(lambda x: [f(i) for i in x])
        triple = pydron.functional(lambda x: x * 3)

        @pydron.schedule
        def c(xs): return [triple(x) for x in xs], list(map(triple, xs)), (lambda y: f(y))(3)

        print(a(1), b([1, 2]), c([1, 2]))
        for k in range(100):
            exec(compile(f"def p{k}(x):\\n    return f(x) + {k}\\n", "<made>", "exec"), names)
        print([pydron.schedule(names[f"p{k}"])(1) for k in range(100)])
    """)


def test_two_of_one_name_and_redefinition(comparison):
    comparison.files = {
        "a.py": PIPELINE.replace("x + 1", "('a', x)"),
        "b.py": PIPELINE.replace("x + 1", "('b', x)"),
    }
    comparison.same("""
        @pydron.schedule
        def p(x):
            return f(x)

        first = p

        @pydron.schedule
        def p(x):
            return f(x) * 100

        print(first(1), p(1), first(1))
        for i in range(3):
            @pydron.functional
            def f(x, i=i):
                return x * 1000 + i

            print(first(1), p(1))
        import a, b
        print(a.p(2), b.p(2))

        @pydron.schedule
        def both(n):
            return a.p(n), b.p(n), a.f(n), b.f(n), first(n)

        print(both(2))
        b.f = a.f
        print(both(2))

        def make(k):
            @pydron.functional
            def g(x):
                return x * k

            @pydron.schedule
            def p(n):
                return [g(i) for i in range(n)], k

            return p

        made = [make(k) for k in range(5)]
        print([p(3) for p in made], [p(3) for p in reversed(made)])
    """)


def test_new_code_in_an_old_function(comparison):
    """What a notebook's autoreload does."""
    comparison.same("""
        from types import FunctionType

        def plain(n):
            return f(n)

        def other(n, k=2):
            return f(n) * 1000 * k

        def times(x):
            return x * 50

        p = pydron.schedule(plain)
        g = pydron.functional(times)

        @pydron.schedule
        def q(n):
            return g(n)

        print(p(1), q(1))
        p.__code__ = other.__code__
        p.__defaults__ = (3,)
        times.__code__ = (lambda x: x + 7).__code__
        print(p(1), q(1))
        p.__defaults__ = (4,)
        print(p(1))
    """)


def test_source_that_is_changed_or_removed(comparison):
    comparison.same("""
        import linecache, os

        @pydron.schedule
        def p(x):
            return f(x) * 10

        @pydron.schedule
        def q(x):
            return f(x) * 10

        @pydron.schedule
        def ordinary(x):
            return f(x)

        with open(__file__) as file:
            before = file.read()
        with open(__file__, "w") as file:
            file.write(before.replace("* 10", "* 99").replace("import sys", "import sys" + chr(10) + chr(10)))
        linecache.checkcache()
        print(p(1))
        os.remove(__file__)
        linecache.checkcache()
        print(q(1))
        print(ordinary(1))
    """)


CALLER = """
import pydron
import helping
from helping import helper

@pydron.functional
def f(x):
    return helper(x), helping.NUMBER

@pydron.functional
def make(x):
    return helping.Made(x)

@pydron.schedule
def p(n):
    return [f(i) for i in range(n)]

@pydron.schedule
def q():
    made = make(3)
    return isinstance(made, helping.Made), made.x
"""
HELPING = """
NUMBER = 5

class Made:
    def __init__(self, x):
        self.x = x

def helper(x):
    return x + 100
"""


def test_modules_edited_while_the_program_runs(comparison):
    """Task processes import later than the program did: they must not see what it has not seen."""
    comparison.files = {"caller.py": CALLER, "helping.py": HELPING}
    comparison.same(
        """
        sys.path.insert(0, "")
        import caller, helping, importlib, os

        def edit(old, new):
            with open("helping.py") as file:
                text = file.read()
            with open("helping.py", "w") as file:
                file.write(text.replace(old, new))
            later = time.time() + 30
            os.utime("helping.py", (later, later))

        edit("+ 100", "+ 200")
        print(caller.p(2), caller.q())
        edit("NUMBER = 5", "NUMBER = 7")
        print(caller.p(2))
        importlib.reload(helping)
        print(caller.p(2), caller.q())
        importlib.reload(caller)
        print(caller.p(2), caller.q())
        """,
        PYTHONDONTWRITEBYTECODE="1",
    )


def test_a_module_that_is_reloaded(comparison):
    comparison.files = {"reloaded.py": PIPELINE}
    comparison.same(
        """
        sys.path.insert(0, "")
        import reloaded, importlib, os
        old = reloaded.p
        print(old(4))
        with open("reloaded.py") as file:
            text = file.read()
        with open("reloaded.py", "w") as file:
            file.write(text.replace("x + 1", "x + 100").replace("range(n)", "range(n + 1)"))
        os.utime("reloaded.py", (time.time() + 10, time.time() + 10))
        print(reloaded.p(4))
        importlib.reload(reloaded)
        print(reloaded.p(4), old(4))
        """,
        PYTHONDONTWRITEBYTECODE="1",
    )


def test_zip_files_and_modules_without_source(comparison):
    comparison.files = {"bare.py": PIPELINE}
    comparison.same(f"""
        import os, py_compile, zipfile
        with zipfile.ZipFile("m.zip", "w") as archive:
            archive.writestr("zipped/__init__.py", "")
            archive.writestr("zipped/inner.py", {PIPELINE!r})
        py_compile.compile("bare.py", "bare.pyc")
        os.remove("bare.py")
        sys.path[:0] = ["m.zip", ""]
        from zipped.inner import p
        import bare
        print(p(3), bare.p(3), bare.__file__.endswith("bare.pyc"))
    """)


def test_every_way_to_start_a_program(stage):
    """`python -c`, from standard input, with `-m`, as a zip file, and names that need quoting."""
    program = PIPELINE + "print(p(3))\n"
    assert stage.python("-c", program).stdout == "[1, 2, 3]\n"
    assert stage.python("-", text=program).stdout == "[1, 2, 3]\n"
    stage.script(program, "__main__.py")
    assert stage.python(stage.folder).stdout == "[1, 2, 3]\n"
    for name in ("скрипт 名.py", "q'uo\"te\n.py", "💥%s", b"lat\xe9.py"):
        path = stage.folder / (name if isinstance(name, str) else name.decode("utf-8", "surrogateescape"))
        path.write_text(program)
        # Not by way of `stage`: its commands are text.
        done = stage.finish(stage.start(sys.executable, "-c", STARTER, ascii(str(path))))
        assert done.stdout == "[1, 2, 3]\n", done.stderr


STARTER = "import ast, os, sys; os.execv(sys.executable, [sys.executable, ast.literal_eval(sys.argv[1])])"
