"""`+=` in code that is set aside changes an object that is known under another name too."""

import pydron
from case import case

ONE = [1, 1]
SHARED = [1, 1]
BOXED = [[1], 1]


@pydron.functional
def two():
    return 2


@pydron.functional
def ident(x):
    return x


@pydron.functional
def slow(x):
    import time

    time.sleep(0.15)
    return x


def pair():
    both = [1, 1]
    return both, both


def boxed():
    both = [[1], 1]
    return both, both


@case(*pair())
@pydron.schedule
def in_a_loop(p, q):
    b = two()
    for _ in "b":
        q += p
    return p[b]


@case(*pair())
@pydron.schedule
def used_behind_it_too(p, q):
    b = two()
    for _ in "b":
        q += p
    x = p[b]
    return x, q


@case(*pair())
@pydron.schedule
def in_a_branch(p, q):
    b = two()
    if b:
        q += p
    x = p[-1]
    return x, len(p)


@case(*pair())
@pydron.schedule
def in_a_branch_of_a_loop(p, q):
    for i in range(3):
        if ident(i):
            q += [i]
    return len(p), p[ident(1)]


@case(*pair())
@pydron.schedule
def in_a_while(p, q):
    b = two()
    i = 0
    while i < 2:
        q += p
        i += 1
    return p[b]


@case(*pair())
@pydron.schedule
def in_a_try(p, q):
    b = two()
    try:
        for k in range(b):
            q += [k]
    except ValueError:
        pass
    return p[b]


@case(*boxed())
@pydron.schedule
def found_in_it(p, q):
    b = two()
    for k in range(1):
        y = q[0]
        y += [k]
    return p[0][b - 1]


@case(*boxed())
@pydron.schedule
def an_element_of_it(p, q):
    b = two()
    for k in range(1):
        q[0] += [k]
    x = p[0][b - 2]
    return x, p[0][-1]


@case(*pair())
@pydron.schedule
def under_a_third_name(p, q):
    r = q
    b = two()
    for _ in range(1):
        r += [b]
    return len(p), p[-1]


@case(SHARED)
@pydron.schedule
def a_global(q):
    b = two()
    for _ in range(1):
        q += [5]
    return SHARED[b]


@case(*pair())
@pydron.schedule
def as_an_argument(p, q):
    b = two()
    for _ in range(1):
        q += [5]
    return sum(ident(p)), sum(ident([*p, b])), b


@case(*pair())
@pydron.schedule
def in_expressions(p, q):
    b = two()
    for _ in range(1):
        q += [5]
    d = {}
    d[b] = len(p)
    e = [p[0] for i in range(b)]
    return d, e, sum(p)


@case(ONE)
@pydron.schedule
def an_element_that_is_not_there_yet(p):
    rows = [p, p]
    q = rows[two() - 1]
    for i in range(2):
        q += [ident(i)]
    return len(p), p[-1]


@pydron.schedule
def adds(q, n):
    for i in range(n):
        q += [slow(i)]
    return q


@case(*pair())
@pydron.schedule
def in_a_pipeline_that_is_called(p, q):
    r = adds(q, 3)
    return len(p), r is p


@case(0, 4, parallel=3)
@pydron.schedule
def numbers_hold_nothing_up(total, n):
    for i in range(n):
        total += slow(i)
    rest = [slow(10 * i) for i in range(n)]
    return total, rest


@case("", 8, parallel=2)
@pydron.schedule
def nor_do_texts(text, n):
    for i in range(n):
        if i % 2:
            text += str(slow(i))
    return text, slow(9)
