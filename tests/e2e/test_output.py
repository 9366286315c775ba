"""Output by every usual way: what the sequential program writes, in its order, and no call waits for it."""

from __future__ import annotations

import pytest
from comparing import Comparison

HEAD = """
import contextlib, glob, io, logging, os, tempfile, warnings

@pydron.functional
def slow(x):
    start = time.time()
    time.sleep(0.1)
    with tempfile.NamedTemporaryFile("w", prefix="call-", dir=os.environ["STAGE"], delete=False) as file:
        file.write(f"{start} {time.time()}")
    return x

@pydron.schedule
def warm():
    return [slow(i) for i in range(2)]

def timed(pipeline, *arguments):
    warm()
    calls()
    print("answer", pipeline(*arguments))
    times = calls()
    overlaps = sum(later[0] < earlier[1] for earlier, later in zip(times, times[1:]))
    print("PARALLEL" if overlaps >= LEAST else f"{overlaps} overlaps", file=sys.__stderr__)

def calls():
    times = []
    for name in glob.glob(os.path.join(os.environ["STAGE"], "call-*")):
        with open(name) as file:
            times.append(tuple(map(float, file.read().split())))
        os.remove(name)
    return sorted(times)
"""

PLAIN = """
@pydron.schedule
def printing(n):
    print("start", end="")
    done = 0
    for i in range(n):
        r = slow(i)
        done += 1
        print(i, end=" ", flush=True)
        print(f"\\r{done}/{n}", end="", flush=True)
        print("", r, "x" * r, "%5.2f" % r, "{:>5}".format(r), sep="|")
        print("to stderr", r, file=sys.stderr)
    print()
    return done

timed(printing, 8)

@pydron.schedule
def writing(n):
    for i in range(n):
        r = slow(i)
        sys.stdout.write(f"{r}\\n")
        sys.stdout.flush()
        sys.stderr.write(f"w {i}\\n")
    return n

timed(writing, 8)
"""

LOGGING = """
class Own(logging.Handler):
    def emit(self, record):
        print("own", record.getMessage())

FORMAT = "%(levelname)s %(name)s %(message)s %(funcName)s:%(lineno)d"
logging.basicConfig(level=logging.INFO, stream=sys.stdout, format=FORMAT)
log = logging.getLogger("mine")
log.addHandler(Own())
log.addFilter(lambda record: "4" not in record.getMessage())

@pydron.schedule
def logs(n):
    for i in range(n):
        r = slow(i)
        log.info("result %d", r)
        log.debug("never %s", r)
        logging.warning("root %s", r)
        log.log(logging.ERROR, "x %s", i)
    return n

timed(logs, 8)
"""

WARNINGS = """
warnings.showwarning = lambda message, category, file, line, *rest: print("warned", message, category.__name__, line)

@pydron.schedule
def warns(n):
    for i in range(n):
        r = slow(i)
        warnings.warn("same")
        warnings.warn(f"value {r % 3}", UserWarning)
    return n

timed(warns, 8)
timed(warns, 8)
"""


@pytest.fixture
def comparison(stage):
    return Comparison(stage)


@pytest.mark.parametrize("program", [PLAIN, LOGGING, WARNINGS], ids=["printing", "logging", "warnings"])
def test_same_output_and_no_call_waits(comparison, program):
    """Of eight calls on two slots some overlap, which none does if each output waits for its turn."""
    # Sequentially there need be none, so that standard error is the same both ways.
    comparison.same(HEAD.replace("LEAST", "(3 if 'pydron._session' in sys.modules else 0)") + program)


def test_output_in_handlers_and_contexts(comparison):
    comparison.same(
        HEAD.replace("LEAST", "0")
        + """
logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(levelname)s %(message)s")
log = logging.getLogger("mine")

@pydron.schedule
def handled(n):
    for i in range(n):
        r = slow(i)
        try:
            print("before", r)
            1 / (r - 1)
            print("behind", r)
        except ZeroDivisionError:
            log.exception("bad %d", slow(i))
            logging.error("again", exc_info=True)
    log.exception("nothing is being handled")
    return n

timed(handled, 3)
try:
    raise KeyError("outer")
except KeyError:
    timed(handled, 2)

@pydron.schedule
def redirected(n):
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        for i in range(n):
            print("in", slow(i))
    print("out")
    return text.getvalue()

timed(redirected, 3)

@pydron.schedule
def to_files(n, given):
    own = open("own.txt", "w")
    for i in range(n):
        r = slow(i)
        print("line", r, file=given)
        given.write(f"w {i}\\n")
        print("line", r, file=own)
    own.close()
    with open("own.txt") as file:
        return file.read()

text = io.StringIO()
timed(to_files, 3, text)
print(text.getvalue())

outer = io.StringIO()
with contextlib.redirect_stdout(outer):
    redirected(2)
print(repr(outer.getvalue()))

@pydron.schedule
def warned(n):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for i in range(n):
            warnings.warn("caught")
            slow(i)
    warnings.simplefilter("error")
    try:
        if slow(1):
            warnings.warn("an error")
    except UserWarning as error:
        print("raised", error)
    warnings.simplefilter("always")
    warnings.showwarning = lambda message, category, file, line, *rest: print(message, line)
    warnings.warn("here", stacklevel=1)
    return len(caught)

def calling():
    return warned(3)

timed(calling)

class Counted:
    n = 0

    def __str__(self):
        Counted.n += 1
        return f"printed {Counted.n}"

@pydron.functional
def make(i):
    return Counted()

@pydron.schedule
def in_order(n):
    made = []
    for i in range(n):
        made.append(make(i))
        print(made[-1], len(made))
    return len(made)

timed(in_order, 3)
"""
    )


def test_output_of_tasks_is_attributed(stage):
    script = stage.script("""
        import logging, sys
        import pydron

        @pydron.functional
        def talk(i):
            print("task says", i)
            sys.stderr.write(f"error {i}\\n")
            logging.warning("log %d", i)
            return i

        @pydron.schedule
        def p(n):
            out = []
            for i in range(n):
                out.append(talk(i))
                print("main", i)
            return out

        print(p(3))
    """)
    done = stage.run(script)
    lines = done.stdout.splitlines()
    assert sorted(line for line in lines if "task" in line) == [f"[talk] task says {i}" for i in range(3)]
    assert [line for line in lines if "task" not in line] == ["main 0", "main 1", "main 2", "[0, 1, 2]"]
    assert sorted(done.stderr.splitlines()) == sorted(
        line for i in range(3) for line in (f"[talk] WARNING:root:log {i}", f"[talk] error {i}")
    )


def test_what_is_printed_is_not_overtaken_by_what_a_handler_prints(stage):
    """The failure and the turn of the first output come at about the same time, in either order."""
    script = stage.script("""
        import contextlib, io
        import pydron

        @pydron.functional
        def number():
            pass

        @pydron.functional
        def other():
            pass

        @pydron.schedule
        def main(nothing):
            a = number()
            other()
            print("first")
            try:
                nothing[a] += 1
            except TypeError:
                print("second")

        wrong = 0
        for _ in range(400):
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                main(1)
            wrong += out.getvalue().split() != ["first", "second"]
        print(wrong)
    """)
    done = stage.run(script, slots=4)
    assert done.stdout == "0\n", done.stderr
    stage.assert_nothing_left()
