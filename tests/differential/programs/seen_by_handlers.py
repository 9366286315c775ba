"""What a handler sees is what was there when the call before it failed, however far the pipeline has got."""

import pydron
from case import case


@pydron.functional
def double(x):
    return 2 * x


@pydron.functional
def fail_at(x, n):
    if x == n:
        raise ValueError(x)
    return x


class Place:
    def __init__(self):
        self.x = None


@case([3, 0, 2])
@pydron.schedule
def the_variable_of_a_loop(xs):
    out = []
    try:
        for x in xs:
            out.append(fail_at(x, 0))
    except ValueError:
        out.append(("failed at", x))
    return out


@case([3, 0, 2])
@pydron.schedule
def the_variable_of_a_loop_in_finally(xs):
    x = 5
    try:
        double(2) + fail_at(1, 1)
        for x in xs:
            double(x)
    finally:
        return x


@case([(3, 1), (0, 2), (2, 3)])
@pydron.schedule
def several_variables(pairs):
    a = b = None
    try:
        for i, (a, *b) in enumerate(pairs):
            [].append(fail_at(a, 0))
    except ValueError:
        pass
    return i, a, b


@case([3, 0, 2])
@pydron.schedule
def an_item_or_attribute(xs):
    place, table = Place(), {}
    try:
        for table["x"] in xs:
            [].append(fail_at(table["x"], 0))
    except ValueError:
        pass
    try:
        for place.x in xs:
            [].append(fail_at(place.x, 0))
    except ValueError:
        pass
    return table, place.x


@case([3, 0, 2])
@pydron.schedule
def assigned_in_a_condition(xs):
    found = y = z = None
    try:
        if (found := double(1)) and fail_at(0, 1) is not None:
            found = 7
        [].append(fail_at(1, 1))
        if (found := 5) > 3:
            found = 6
    except ValueError:
        pass
    turn = 0
    try:
        while (y := turn) < 3:
            turn += 1
            [].append(fail_at(y, 1))
    except ValueError:
        pass
    try:
        [].append(fail_at(1, 1))
        [z := x for x in xs]
    except ValueError:
        pass
    return found, y, turn, z


@case([3, 0, 2], min_python=(3, 9))
@pydron.schedule
def deleted_or_defined(xs):
    x, y = 1, 2
    try:
        [].append(fail_at(1, 1))
        del x

        def y():
            return 3

        import math as z
    except ValueError:
        z = None
    return x, y, z


@case([3, 0, 2])
@pydron.schedule
def loops_within(xs):
    out = []
    for n in xs:
        x = None
        try:
            for y in range(3):
                for x in xs:
                    out.append(fail_at(x, n))
        except ValueError:
            out.append((n, x, y))
        else:
            out.append("none")
    return out


@case([3, 0, 2])
@pydron.schedule
def an_error_of_the_outer_try(xs):
    out, x = [], None
    try:
        try:
            for x in xs:
                out.append(fail_at(x, 0))
        except KeyError:
            out.append("wrong one")
        finally:
            out.append(x)
    except ValueError:
        out.append(x)
    return out


@case([3, 0, 2], [1, 2, 3])
@pydron.schedule
def changed_in_a_condition(xs, ys):
    ys = [*ys]
    it = iter(ys)
    try:
        [].append(fail_at(1, 1))
        if ys.pop():
            xs = 5
    except ValueError:
        pass
    try:
        while ys.pop():
            [].append(fail_at(1, 1))
    except ValueError:
        pass
    try:
        for _ in it:
            [].append(fail_at(1, 1))
    except ValueError:
        pass
    return xs, ys, list(it)


@case([3, 0, 2], parallel=3)
@pydron.schedule
def with_an_iterator_that_nobody_sees(xs):
    out = []
    try:
        for i, x in enumerate(xs):
            out.append((i, double(x)))
    except ValueError:
        out.append("never")
    return out


@case([3, 0, 2], parallel=3)
@pydron.schedule
def nobody_looks(xs):
    out = []
    try:
        for x in xs:
            out.append(double(x))
    except ValueError:
        out.append("never")
    return out
