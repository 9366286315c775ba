"""How much may be computed before its turn, how that is said to the scheduler, and what came of it."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, Any

from pydron._frames import ADOPT, FREE, SUBMIT
from pydron._wire import frame, pack_list_u32

if TYPE_CHECKING:
    from pydron._session import Chain, Session
    from pydron._spec import Site

VARIABLE = "PYDRON_SPECULATE"
_CALLS_PER_SLOT = 2
_AHEAD = 2  # the flag of tasks that have no place in the program order yet


class Speculation:
    """The setting and the counts of one session: `made` calls were sent before their turn, `used` of them were made."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.per_slot = calls_per_slot(os.environ.get(VARIABLE, ""))
        self.made = 0
        self.used = 0

    def most(self) -> int:
        """How many calls may be computed ahead at one time."""
        return self.per_slot * max(1, self._session.slots)

    def submit(self, root: int, call: tuple[int, bytes, Any], site: Site) -> int:
        """Sends a call that seems to come: (function, arguments, deps). The answer is the number of the task."""
        session = self._session
        number = session.new_value()
        function, arguments, deps = call[0], call[1], call[2] or ()
        head = struct.pack(
            f"<IIIB{3 + len(deps)}I", root, number, 1, _AHEAD, function, len(deps), len(arguments), *deps
        )
        session.emit(frame(SUBMIT, head + arguments))
        session.history.append(([site], [function], None))
        session.history_first.append(number)
        self.made += 1
        return number

    def adopt(self, region: int, task: int, site: Site, chain: Chain) -> None:
        """A call is made that was sent ahead: here is its place in the program order."""
        self.used += 1
        self._session.adopted[task] = site, chain
        self._session.emit(struct.pack("<IBII", 9, ADOPT, region, task))

    def drop(self, tasks: list[int]) -> None:
        if tasks:
            self._session.emit(frame(FREE, pack_list_u32(tasks)))


def calls_per_slot(wanted: str) -> int:
    """How many calls for each slot may be computed before their turn; 0: none."""
    wanted = wanted.strip().lower()
    if wanted == "off":
        return 0
    return int(wanted) if wanted.isdecimal() else _CALLS_PER_SLOT
