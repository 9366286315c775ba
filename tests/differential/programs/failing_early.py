"""A part that was set aside fails, and the rest goes on before the failure has come back as one: nothing behind it happens."""

import pydron
from case import case

LOG = []


@pydron.functional
def none():
    return None


@pydron.functional
def double(x):
    return 2 * x


def repeated(pipeline):
    found = set()
    for _ in range(6):
        del LOG[:]
        try:
            result = pipeline()
        except TypeError as error:
            result = str(error)
        found.add((str(result), tuple(LOG)))
    return sorted(found)


@pydron.schedule
def before_unknown_code():
    none() < 1
    if double(1) == 2:
        LOG.append("behind")
    if double(2) == 4:
        LOG.append("further behind")


@pydron.schedule
def at_the_end():
    none() < 1
    if double(1) == 2:
        return "ended"
    return "ended otherwise"


@pydron.schedule
def at_the_end_of_a_try():
    try:
        none() < 1
        a = double(1) == 2
        b = "a" if a else "b"
    except TypeError:
        LOG.append("caught")
        b = "c"
    if double(3):
        LOG.append("behind")
    return b


@pydron.schedule
def in_a_try_before_unknown_code():
    try:
        none() < 1
        if double(1) == 2:
            LOG.append("behind")
    except TypeError:
        LOG.append("caught")
    finally:
        if double(2) == 4:
            LOG.append("finally")
    return double(5)


@pydron.schedule
def in_a_loop():
    out = []
    for i in range(3):
        try:
            if i != 1:
                none() < 1
            if double(i) == 2 * i:
                out.append(i)
        except TypeError:
            out.append("caught")
    return out


@case(paced=False)
def failures_are_never_overtaken():
    return [
        repeated(pipeline)
        for pipeline in (before_unknown_code, at_the_end, at_the_end_of_a_try, in_a_try_before_unknown_code, in_a_loop)
    ]
