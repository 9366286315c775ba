"""What the scheduler says to a driver, taken in: one function for each frame (docs/protocols.md)."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, Any

from pydron import _values
from pydron._errors import PydronError, brief
from pydron._failures import revive
from pydron._frames import NOTICE, OUTPUT, PROGRESS, RAISED, RELEASED, RERUN, TEMPLATE, VALUES
from pydron._rerun import Rerun
from pydron._wire import Reader

if TYPE_CHECKING:
    from pydron._session import Session

_U32 = struct.Struct("<I")


def _on_template(session: Session, data: memoryview) -> None:
    reader = Reader(data)
    request, ok = reader.u32(), reader.u8()
    session.templates[request] = bool(ok), reader.rest() if ok else reader.str()


def _on_values(session: Session, data: memoryview) -> None:
    (n,) = _U32.unpack_from(data)
    columns = struct.unpack_from(f"<{n}I{n}B{n}I", data, 4)
    at = 4 + 9 * n
    wanted, loads, came = session.wanted, _values.loads, session.window.came
    for number, kind, size in zip(columns[:n], columns[n : 2 * n], columns[2 * n :]):
        payload = data[at : at + size]
        at += size
        if number not in wanted:
            continue
        try:
            if kind == 0:
                came(number, size)
                value = loads(payload)
                session.results_here += 1
            elif kind == 1:
                path = str(payload, "utf-8", "surrogateescape")
                came(number, os.stat(path).st_size)
                value = _values.load_file(path)
            elif session.verifier is not None and session.verifier.failed(number):
                del wanted[number]
                continue
            else:
                raise revive(payload).error
        except Exception as error:
            name = session.task_name(number)
            raise PydronError(f"The result of '{name}' cannot be loaded here: {brief(error)}") from error
        session.settle(number, value)


def _on_released(session: Session, data: memoryview) -> None:
    for token in Reader(data).list_u32():
        wait = session.tokens.pop(token, None)
        if wait is not None:
            wait.release()


def _on_raised(session: Session, data: memoryview) -> None:
    reader = Reader(data)
    marker, kind, number = reader.u32(), reader.u8(), reader.u32()
    found = session.markers.pop(marker, None)
    if found is not None:
        region, mark = found
        region.run.raised(region, mark, kind, number, reader.bytes())


def _on_output(session: Session, data: memoryview) -> None:
    reader = Reader(data)
    task, stream = reader.u32(), reader.u8()
    session.console.task_output(task, session.task_name(task), stream, str(reader.bytes(), "utf-8", "replace"))


def _on_notice(session: Session, data: memoryview) -> None:
    session.notice(data, session.console)


def _on_progress(session: Session, data: memoryview) -> None:
    if session.runs:
        reader = Reader(data)
        done, running, waiting, session.slots, workers = reader.columns("I", 5)
        session.console.progress(done, running, waiting, session.slots, workers, fleet=reader.str())


def _on_rerun(session: Session, data: memoryview) -> None:
    reader = Reader(data)
    task, function, deps = reader.u32(), reader.u32(), reader.list_u32()
    session.reruns.append(Rerun(session, task, function, deps, bytes(reader.bytes()), reader.str()))


HANDLERS: dict[int, Any] = {
    TEMPLATE: _on_template,
    VALUES: _on_values,
    RELEASED: _on_released,
    RAISED: _on_raised,
    OUTPUT: _on_output,
    NOTICE: _on_notice,
    PROGRESS: _on_progress,
    RERUN: _on_rerun,
}
