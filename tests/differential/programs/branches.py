"""Conditions, also on results that are not there yet."""

import pydron
from case import case


@pydron.functional
def square(x):
    return x * x


@pydron.functional
def is_even(x):
    return x % 2 == 0


@pydron.functional
def kind(x):
    return ["small", "medium", "large"][min(x // 3, 2)]


@case([5, 2, 8, 1], parallel=4)
@pydron.schedule
def condition_on_result(items):
    out = []
    for x in items:
        if is_even(x):
            out.append(square(x))
        else:
            out.append(-x)
    return out


@case([5, 2, 8, 1, 4, 6], parallel=4)
@pydron.schedule
def if_without_else(items):
    out = []
    for x in items:
        y = x
        if is_even(square(x)):
            y = square(y)
        out.append(y)
    return out


@case([0, 3, 6, 9], parallel=4)
@pydron.schedule
def elif_chain(items):
    out = []
    for x in items:
        k = kind(x)
        if k == "small":
            out.append(("s", square(x)))
        elif k == "medium":
            out.append(("m", x))
        elif is_even(x):
            out.append(("even", x))
        else:
            out.append(("odd", square(x)))
    return out


@case([1, 2, 3, 4, 5, 6], parallel=4)
@pydron.schedule
def continue_on_result(items):
    out = []
    for x in items:
        if is_even(x):
            continue
        out.append(square(x))
    return out


@case(4, True, parallel=2)
@case(4, False)
@pydron.schedule
def both_branches_define(x, flag):
    if flag:
        a = square(x)
        b = square(x + 1)
    else:
        a = b = x
    return a, b


@case(3)
@case(4)
@pydron.schedule
def return_from_branch(x):
    if is_even(x):
        return square(x)
    y = square(x + 1)
    return y + 1


@case(3)
@case(4)
@pydron.schedule
def nested_conditions(x):
    y = square(x)
    if y > 5:
        if is_even(y):
            z = "big even"
        else:
            z = "big odd"
    else:
        z = "small"
    return z


@case(3)
@pydron.schedule
def condition_expression_of_results(x):
    a, b = square(x), square(x + 1)
    if a < b and not is_even(a) or b == 0:
        return "first", a
    return "second", b


@case([3, 4])
@pydron.schedule
def truth_of_results(items):
    squares = [square(x) for x in items]
    empty = []
    if squares:
        empty.append(1)
    if not [s for s in squares if s > 100]:
        empty.append(2)
    if square(0):
        empty.append(3)
    return empty


@case([3, 4, 6])
@pydron.schedule
def branches_change_the_same_list(items):
    log = []
    for x in items:
        if is_even(x):
            log.append("even")
            if square(x) > 20:
                log.append("large")
        else:
            log.insert(0, square(x))
    return log


@case([3, 4, 6, 9])
@pydron.schedule
def counters_in_branches(items):
    even = odd = 0
    last = None
    for x in items:
        if is_even(x):
            even += 1
            last = x
        else:
            odd += square(x)
    return even, odd, last


@case(3)
@pydron.schedule
def empty_branches(x):
    if is_even(x):
        pass
    else:
        ...
    if is_even(x + 1):
        x = square(x)
    return x
