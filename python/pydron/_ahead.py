"""Calls that are computed before their turn, while the pipeline has to wait.

Where a pipeline may have to wait, it is followed ahead (`_foresee`), and the functional calls that seem to come next
are sent to the scheduler. Nothing depends on the guess: when the pipeline makes a call of the same function, with the
same content, and with arguments that are pickled into the same bytes, the task becomes that call; otherwise it is
dropped. What a call that was sent ahead will come to can be an argument of the next one, as it can be of one that was
made: both name the same task. A functional call is free of side effects, so one in vain is a loss of time and nothing
else; that loss is bounded, and a place that is mostly guessed wrong is given up.
"""

from __future__ import annotations

from collections import deque
from types import MethodType
from typing import TYPE_CHECKING, Any, Optional

from pydron._errors import brief
from pydron._expected import Expected, Stale
from pydron._foresee import CallOp, Foreseen, TooFar
from pydron._functions import Functional
from pydron._guarded import Refused
from pydron._slices import Slice

if TYPE_CHECKING:
    from pydron._arguments import Packer
    from pydron._runtime import Region
    from pydron._session import Session
    from pydron._spec import Site

#: A call as it is sent: the function and its content, the pickled arguments, the values these refer to.
Call = tuple[int, bytes, Optional[list[int]]]
#: What makes two calls the same: all of that.
Key = tuple[int, bytes, Optional[tuple[int, ...]]]

_SAME_PLACE = 3


def key_of(function: int, data: bytes, deps: list[int] | None) -> Key:
    return function, data, tuple(deps) if deps else None


def _now_and_then(count: int) -> bool:
    """At the first, the second, the fourth, the eighth time, and so on."""
    return count & (count - 1) == 0


class Guess:
    """A call that was sent before its turn, and is not made yet."""

    __slots__ = ("call", "key", "number", "plan", "serial")

    def __init__(self, key: Key, call: CallOp, plan: Plan, serial: int, number: int) -> None:
        self.key = key
        self.call = call
        self.plan = plan
        self.serial = serial  # in the order in which the calls seem to come
        self.number = number  # of the task


class Plan:
    """What is foreseen of one activation of a pipeline."""

    __slots__ = ("astray", "expected", "follows", "guesses", "last", "most", "serial", "visits")

    def __init__(self, most: int) -> None:
        self.follows: Any = None  # goes on from call to call
        self.expected: Expected | None = None  # what the last call it came to will have for a result
        self.guesses: dict[int, Guess] = {}  # by serial number, those that are neither made nor dropped
        self.serial = 0
        self.most = most  # guesses at one time
        self.astray = True  # what was foreseen is not what happens
        self.visits: dict[int, int] = {}  # places where it looked since a guess came true
        self.last: dict[int, int] = {}  # serial number of the last guess that came true, by the call's identity


class Ahead:
    """The guesses of one run."""

    def __init__(self, session: Session, packer: Packer) -> None:
        self._session = session
        self._packer = packer
        self._speculation = session.speculation
        self.root = 0  # the region of the whole run
        self.plans: list[Plan] = []  # of activations that have looked ahead
        self.claims: dict[Key, deque[Guess]] = {}

    # --- looking ahead

    def look(self, region: Region, slice: Slice, position: int, values: tuple[Any, ...]) -> None:
        """The pipeline may have to wait at this place."""
        if not self._speculation.per_slot:
            return
        try:
            self._look(region, slice, position, values)
        except Exception as error:
            # The pipeline does not need it.
            self._speculation.per_slot = 0
            self._session.console.notice(f"looking ahead failed, please report this: {brief(error)}", 1)

    def _look(self, region: Region, slice: Slice, position: int, values: tuple[Any, ...]) -> None:
        plan = region.plan
        if plan is None:
            plan = region.plan = Plan(max(2, self._speculation.most()))
            self.plans.append(plan)
        visits = plan.visits[position] = plan.visits.get(position, 0) + 1
        if visits > _SAME_PLACE if plan.guesses else plan.follows is None:
            # It comes here again and again, and none of the calls is made; or nothing was to be seen from elsewhere.
            plan.astray |= _now_and_then(visits)
        if plan.astray:
            plan.astray = False
            plan.follows = slice.calls(slice.following(position, values, self._session.expectations), position)
            plan.expected = None
            self._fill(plan, plan.guesses)
        elif plan.follows is not None and 2 * len(plan.guesses) <= min(plan.most, self._speculation.most()):
            self._fill(plan, None)  # Several in one frame, while there is still something to do.

    def _fill(self, plan: Plan, before: dict[int, Guess] | None) -> None:
        """Sends calls until there are enough; those of `before` that are not among them are dropped."""
        old: dict[Key, deque[Guess]] = {}
        if before is not None:
            plan.guesses = {}
            for guess in before.values():
                old.setdefault(guess.key, deque()).append(guess)
        most = min(plan.most, self._speculation.most())
        try:
            while len(plan.guesses) < most:
                expected, plan.expected = plan.expected, None
                foreseen: Foreseen = plan.follows.send(expected)
                made = self._packed(foreseen)
                if made is None:
                    continue
                key = key_of(*made)
                row = old.get(key)
                if row:
                    guess = row.popleft()
                    del before[guess.serial]  # type: ignore[union-attr]
                    guess.serial = plan.serial
                else:
                    guess = self._sent(plan, foreseen.call, made, key)
                plan.guesses[guess.serial] = guess
                plan.expected = self._session.expectations.of(guess.number)
                plan.serial += 1
        except (StopIteration, TooFar):
            plan.follows = None
        except Exception:
            plan.follows = None  # Whatever it was, the pipeline will come to it, or not.
        if before:
            self._drop(plan, list(before.values()))

    def _packed(self, foreseen: Foreseen) -> Call | None:
        """What the call would send; None if that cannot be had without an effect."""
        function: Any = foreseen.function
        args = tuple(foreseen.args)
        if type(function) is MethodType:
            args = (function.__self__, *args)
            function = function.__func__
        if type(function) is not Functional or not function.speculate:
            foreseen.call.refused += 8
            return None
        try:
            number = self._session.registry.number_ahead(function)
            if not number:
                raise Refused
            data, deps = self._packer.arguments_ahead(args, foreseen.kwargs)
        except Stale:
            return None
        except Exception:
            foreseen.call.refused += 1
            return None
        return number, data, deps

    def _sent(self, plan: Plan, call: CallOp, made: Call, key: Key) -> Guess:
        number = self._speculation.submit(self.root, made, call.site)
        guess = Guess(key, call, plan, plan.serial, number)
        call.outstanding += 1
        self.claims.setdefault(key, deque()).append(guess)
        return guess

    # --- when a call is made

    def claim(self, site: Site, function: int, data: bytes, deps: list[int] | None) -> int:
        """The task that was sent for this very call, 0 if there is none."""
        key = key_of(function, data, deps)
        row = self.claims.get(key)
        if not row:
            self._missed(site.foreseen)
            return 0
        guess = row.popleft()
        if not row:
            del self.claims[key]
        call, plan = guess.call, guess.plan
        del plan.guesses[guess.serial]
        call.outstanding -= 1
        call.right += 1
        plan.visits.clear()
        plan.most = min(plan.most + 1, self._speculation.most())
        # One turn of a loop later, what has not come true will not. What was set aside may be later than what is not.
        turn, plan.last[id(call)] = plan.last.get(id(call), -1), guess.serial
        passed = [each for each in plan.guesses.values() if each.serial < turn or self._skipped(each, guess)]
        if passed:
            self._drop(plan, passed)
        return guess.number

    def _missed(self, call: CallOp | None) -> None:
        """A call is made that was not foreseen."""
        if call is None:
            return
        call.missed += 1
        for plan in self.plans:
            if call.outstanding and any(guess.call is call for guess in plan.guesses.values()):
                self._went_wrong(plan)
            elif not call.outstanding:
                plan.astray |= _now_and_then(call.missed)

    @staticmethod
    def _skipped(guess: Guess, made: Guess) -> bool:
        return guess.call is made.call and guess.serial < made.serial

    @staticmethod
    def _went_wrong(plan: Plan) -> None:
        plan.astray = True
        plan.most = max(1, plan.most // 2)

    # --- what was guessed wrong

    def _drop(self, plan: Plan, guesses: list[Guess]) -> None:
        for guess in guesses:
            plan.guesses.pop(guess.serial, None)
            guess.call.outstanding -= 1
            guess.call.wrong += 1
            row = self.claims.get(guess.key)
            if row is not None:
                row.remove(guess)
                if not row:
                    del self.claims[guess.key]
            self._session.expectations.over(guess.number)
        self._speculation.drop([guess.number for guess in guesses])

    def astray(self, region: Region, for_good: bool) -> None:
        """It goes on elsewhere. What was foreseen may come later, but not `for_good`: then the slots are for others."""
        if for_good:
            self.over(region)
        elif region.plan is not None:
            region.plan.astray = True

    def over(self, region: Region) -> None:
        """An activation has come to its end."""
        plan, region.plan = region.plan, None
        if plan is not None:
            self.plans.remove(plan)
            self._drop(plan, list(plan.guesses.values()))

    def end(self) -> None:
        for plan in self.plans:
            self._drop(plan, list(plan.guesses.values()))
        self.plans.clear()
        self.claims.clear()
