"""try, except, else, finally: around calls, nested, with every way out."""

import pydron
from case import case

LOG = []


class Odd(Exception):
    """The user's own exception."""

    def __init__(self, x):
        super().__init__(f"odd: {x}")
        self.x = x


@pydron.functional
def even(x):
    if x % 2:
        raise Odd(x)
    return x


@pydron.functional
def divide(a, b):
    return a / b


@pydron.functional
def lookup(table, key):
    return table[key]


@case([1, 2, 3, 4], parallel=4)
@pydron.schedule
def try_in_loop(items):
    out = []
    for x in items:
        try:
            out.append(even(x))
        except Odd:
            out.append(None)
    return out


@case([1, 2, 0, 4])
@pydron.schedule
def try_in_loop_with_value(items):
    out = {}
    for x in items:
        try:
            y = divide(12, x)
            z = divide(y, 2)
        except ZeroDivisionError as e:
            out[x] = str(e)
        else:
            out[x] = z
        finally:
            LOG.append(x)
    return out


@case([1, 2, 0, 4], parallel=4)
@pydron.schedule
def try_in_loop_without_effects(items):
    out = {}
    for x in items:
        try:
            y = divide(12, x)
            z = divide(y, 2)
        except ZeroDivisionError as e:
            out[x] = str(e)
        else:
            out[x] = z
    return list(out.values())


@case(2)
@case(3)
@pydron.schedule
def all_clauses(x):
    trace = []
    try:
        trace.append("body")
        y = even(x)
        trace.append(y)
    except Odd as e:
        trace.append(("except", e.x, e.args))
    else:
        trace.append("else")
    finally:
        trace.append("finally")
    return trace


@case(2)
@case(3)
@pydron.schedule
def exception_variable_is_deleted(x):
    try:
        even(x)
    except Odd as e:
        LOG.append(str(e))
    return e


@case(1, 0)
@case(1, 1)
@case(1, "x")
@pydron.schedule
def tuple_and_several_handlers(a, b):
    try:
        return divide(a, b), even(b)
    except (TypeError, KeyError) as e:
        return "type", str(e)
    except ZeroDivisionError:
        return "zero"
    except Exception as e:
        return "other", type(e).__name__


@case(1)
@pydron.schedule
def bare_except(x):
    try:
        even(x)
    except:
        return "caught"
    return "not caught"


@case(1)
@pydron.schedule
def reraise(x):
    try:
        even(x)
    except Odd:
        LOG.append("seen")
        raise


@case(1)
@pydron.schedule
def reraise_by_name(x):
    try:
        even(x)
    except Odd as e:
        raise e


@case(1)
@pydron.schedule
def raise_from(x):
    try:
        even(x)
    except Odd as e:
        raise RuntimeError("wrapped") from e


@case(1)
@pydron.schedule
def raise_from_none(x):
    try:
        even(x)
    except Odd:
        raise RuntimeError("alone") from None


@case(1)
@pydron.schedule
def raise_in_handler(x):
    try:
        even(x)
    except Odd:
        divide(1, 0)


@case(1)
@pydron.schedule
def raise_in_finally(x):
    try:
        even(x)
    finally:
        lookup({}, "missing")


@case(1)
@pydron.schedule
def not_matching_handler(x):
    try:
        even(x)
    except KeyError:
        LOG.append("wrong handler")
    finally:
        LOG.append("finally")


@case(1)
@case(2)
@pydron.schedule
def return_in_try_and_finally(x):
    try:
        return even(x)
    except Odd:
        return "odd"
    finally:
        LOG.append("leaving")


@case(1)
@case(2)
@pydron.schedule
def finally_overrides(x):
    try:
        return even(x)
    finally:
        return "overridden"


@case([1, 2, 3])
@pydron.schedule
def break_and_continue_in_try(items):
    out = []
    for x in items:
        try:
            if x == 1:
                continue
            out.append(even(x))
            if x == 2:
                break
        finally:
            out.append(("finally", x))
    return out


@case([1, 2, 3])
@pydron.schedule
def nested_try(items):
    trace = []
    for x in items:
        try:
            try:
                trace.append(divide(even(x), x - 2))
            except Odd:
                trace.append("inner")
                divide(1, 0 if x == 3 else 1)
            finally:
                trace.append("inner finally")
        except ZeroDivisionError:
            trace.append("outer")
    return trace


@case(1)
@pydron.schedule
def first_failure_in_try(x):
    try:
        a = lookup({}, "first")
        b = divide(1, 0)
        c = even(x)
    except Exception as e:
        return type(e).__name__, e.args
    return a, b, c


@case(1)
@pydron.schedule
def failure_before_the_try(x):
    a = divide(1, 0)
    try:
        even(x)
    except Exception:
        LOG.append("never")
    return a


@case(1)
@pydron.schedule
def result_used_only_outside(x):
    try:
        y = divide(1, 0)
    except ZeroDivisionError:
        y = "handled"
    return y


@case(1)
@pydron.schedule
def variables_of_a_failed_body(x):
    a = b = "unset"
    try:
        a = divide(4, 2)
        b = even(x)
        a = "never"
    except Odd:
        pass
    return a, b


@case(1)
@pydron.schedule
def effects_in_a_failed_body(x):
    done = []
    try:
        done.append(divide(4, 2))
        LOG.append("one")
        done.append(even(x))
        LOG.append("never")
        done.append(divide(6, 2))
    except Odd:
        LOG.append("two")
    return done


@case(1)
@pydron.schedule
def error_in_else(x):
    try:
        y = divide(4, 2)
    except ZeroDivisionError:
        LOG.append("never")
    else:
        y = even(x)
    return y


@case([4, 0, "x", 2])
@pydron.schedule
def retries(items):
    attempts = []
    for x in items:
        for attempt in range(3):
            try:
                attempts.append(divide(attempt, x))
                break
            except ZeroDivisionError:
                x = 1
            except TypeError:
                x = 0
        else:
            attempts.append("gave up")
    return attempts


@case(1)
@pydron.schedule
def traceback_text(x):
    import traceback

    try:
        even(x)
    except Odd as e:
        return [(f.name, f.lineno, f.line) for f in traceback.extract_tb(e.__traceback__) if f.name in ("traceback_text", "even")]


@case(1)
@pydron.schedule
def raise_own(x):
    y = even(2)
    if y == 2:
        raise Odd(y)
    return y


@case(1)
@pydron.schedule
def handler_type_is_an_expression(x):
    kinds = {"k": Odd}
    try:
        even(x)
    except kinds["k"] as error:
        return error.x


@case(1)
@pydron.schedule
def system_exit(x):
    try:
        divide(1, 2)
        raise SystemExit(3)
    except Exception:
        LOG.append("never")
    finally:
        LOG.append("finally")
