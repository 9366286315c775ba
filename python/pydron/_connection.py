"""Which scheduler this thread talks to: the one `pydron run` named, else one that is started here.

A process has at most one service of its own, a thread one connection to it. Both end with the process.
"""

from __future__ import annotations

import os
import socket
from _thread import _local, allocate_lock
from typing import Any

from pydron._arguments import Packer
from pydron._console import Console
from pydron._errors import PydronError
from pydron._session import Session
from pydron._wire import FrameSocket

_thread_state: Any = _local()
_lock: Any = allocate_lock()
_service: Any = None
_hopeless = False  # it was said once that everything runs sequentially


class _Held:
    """The session of a thread, which ends with it: at once, and not when the garbage collector comes by."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def __del__(self) -> None:
        if not self.session.runs:
            self.session.close_connection()


def current() -> Session | None:
    """The session of this thread; None if there is no scheduler to be had.

    PydronError: instances were asked for by name, and their service is gone.
    """
    held: _Held | None = getattr(_thread_state, "held", None)
    if held is not None and held.session.usable():
        return held.session
    if _hopeless:
        return None
    try:
        session = _connect()
    except (OSError, ImportError, PydronError) as error:
        clouds = os.environ.get("PYDRON_ON")
        if clouds:  # whoever pays for instances would not expect that this machine does all the work
            raise PydronError(
                f"The service that has instances on {clouds} is gone: {error}. Nothing of this pipeline has run. "
                "Run the program again; 'pydron instances' shows what is left."
            ) from None
        _give_up(error)
        return None
    session.packer = Packer(session)
    if os.environ.get("PYDRON_VERIFY"):
        from pydron import _verify

        session.verifier = _verify.attach(session)
    _thread_state.held = _Held(session)
    return session


def disconnect() -> None:
    """Lets go of this thread's connection; the next pipeline makes a new one."""
    global _hopeless
    _thread_state.__dict__.pop("held", None)
    _hopeless = False


def _connect() -> Session:
    global _service
    path = os.environ.get("PYDRON_SOCKET")
    if not path:
        from pydron import _service as services

        with _lock:
            if _service is None or not _service.alive():
                _service = services.start()
        path = _service.socket
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.connect(path)
        return Session(FrameSocket(sock))
    except BaseException:
        sock.close()
        raise


def _give_up(error: Exception) -> None:
    global _hopeless
    _hopeless = True
    named = os.environ.get("PYDRON_SOCKET")
    where = f" at '{named}' (PYDRON_SOCKET)" if named else ""
    reason = str(error) or type(error).__name__
    Console(False).notice(
        f"no scheduler{where}: {reason}. Pipelines run sequentially. "
        "'pydron doctor' says what is missing and what to do.",
        1,
    )


def _after_fork() -> None:
    """A forked child shares the descriptors of its parent, but neither its connection nor its service."""
    global _thread_state, _lock, _service
    held = getattr(_thread_state, "held", None)
    if held is not None:
        held.session.abandon()
    _thread_state = _local()
    _lock = allocate_lock()
    if _service is not None:
        _service.forget()
        _service = None


os.register_at_fork(after_in_child=_after_fork)
