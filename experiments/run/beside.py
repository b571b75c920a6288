"""Work done beside this process, in one that is forked from it, where the system and a second processor allow it.

It is only a help: what it does not bring, the caller does itself, and sees its errors there.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, NoReturn

from lodeflow.experiments.run.parquet import processors

Work = Callable[[], dict[str, Any]]
"""What is to be done; its result is sent entry by entry, so that it is never twice in memory as a whole."""
Fetch = Callable[[float], dict[str, Any] | None]
"""Waits so many seconds for the result; None where there is none."""


@contextmanager
def beside(work: Work, wanted: bool = True) -> Iterator[Fetch | None]:
    """Let another process work from now on; yield what fetches its result, None where there is no such process.

    It is ended afterwards, whatever it does.
    """
    if not wanted or processors() < 2 or not hasattr(os, "fork") or sys.platform == "darwin":
        yield None
        return
    receiving, sending = Pipe(duplex=False)
    other = os.fork()
    if other == 0:
        receiving.close()  # or it would wait for ever to be read by itself, where the caller was killed
        _do(work, sending)
    sending.close()
    try:
        yield lambda patience: _fetch(receiving, patience)
    finally:
        receiving.close()
        with suppress(ProcessLookupError):
            os.kill(other, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(other, 0)


def _do(work: Work, sending: Connection) -> NoReturn:
    """Work and send, in the other process, which ends here: nothing that this one has begun is finished by it."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both: this one is ended by the first
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        gc.disable()
        for entry in work().items():
            _send(sending, entry)
        _send(sending, None)
    finally:
        os._exit(0)


def _fetch(receiving: Connection, patience: float) -> dict[str, Any] | None:
    result: dict[str, Any] = {}
    with suppress(EOFError, OSError, pickle.UnpicklingError):
        while receiving.poll(patience):
            entry = _received(receiving)
            if entry is None:
                return result
            result |= [entry]
    return None


def _send(sending: Connection, entry: Any) -> None:
    """Send one entry, arrays from where they lie: a pickle that holds them too would copy all that a world has recorded."""
    arrays: list[pickle.PickleBuffer] = []
    sending.send_bytes(pickle.dumps(entry, pickle.HIGHEST_PROTOCOL, buffer_callback=arrays.append))
    sending.send([array.raw().nbytes for array in arrays])
    for array in arrays:
        if array.raw().nbytes:
            sending.send_bytes(array.raw())


def _received(receiving: Connection) -> Any:
    """What :func:`_send` sent. Raises EOFError where nothing more comes."""
    content, arrays = receiving.recv_bytes(), [bytearray(size) for size in receiving.recv()]
    for array in arrays:
        if array:
            receiving.recv_bytes_into(array)
    return pickle.loads(content, buffers=arrays)
