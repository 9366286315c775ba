"""Classes that travel with functions: what a task changes in one is undone before somebody names it again."""

from __future__ import annotations

import pickle
import types

import pytest

from pydron import _carried, _values


@pytest.fixture(autouse=True)
def process():
    yield
    _carried.running = _carried._restored = None
    _carried._bundles.clear()


class _Session:
    epoch = 0
    verifier = None


def program(**attributes):
    """A class as a script has it."""
    return type("Thing", (), {"__module__": "__main__", "value": lambda self: 1, **attributes})


def met(*classes):
    collected = _carried.Classes(_Session())
    collected.met.extend(classes)
    collected.collect()
    return collected


def carried(collected, function=len):
    return pickle.loads(collected.with_function(_values.dumps(function)))


def test_a_named_class_is_the_class():
    thing = program()
    data = _values.dumps([thing(), thing], classes=met(thing))
    assert b"Thing" not in data and len(data) < 300
    assert _values.loads(data)[1] is thing


def test_what_a_task_has_changed_is_as_it_was():
    thing = program(scale=1)
    collected = met(thing)
    _, bundle = _carried.unpacked(carried(collected))
    thing.scale, thing.more = 2, 3
    assert bundle.find(next(iter(collected.names.values()))) is thing
    assert thing.scale == 1 and not hasattr(thing, "more")


def test_another_functions_classes_are_brought_back():
    thing = program(scale=1)
    collected = met(thing)
    before = carried(collected)
    thing.scale = 2
    collected._session.epoch += 1
    collected.look()
    after = carried(collected)
    assert before.number != after.number
    thing.scale = 1
    _, first = _carried.unpacked(before)
    thing.scale = 2
    _, second = _carried.unpacked(after)
    _carried.enter(first)
    assert thing.scale == 1
    _carried.enter(second)
    assert thing.scale == 2


def test_nothing_changes_as_long_as_nothing_has_changed():
    collected = met(program(scale=1))
    number = collected.number
    collected._session.epoch += 1
    collected.look()
    assert collected.number == number


@pytest.mark.parametrize("value", [[], {}, set(), object(), types.SimpleNamespace()])
def test_classes_that_can_be_changed_in_place_do_not_travel_so(value):
    assert not met(program(value=value)).names


def test_a_class_that_cannot_be_pickled_takes_none_along():
    hidden = (each for each in ())
    collected = met(program(), program(value=lambda self: hidden))
    assert not collected.names
    assert collected.with_function(b"function") == b"function"


def test_names_that_are_not_known_are_an_error():
    with pytest.raises(KeyError):
        _carried.known("nobody")
