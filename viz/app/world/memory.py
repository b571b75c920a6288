"""Gives memory back to the machine when visitors have left."""

from __future__ import annotations

import ctypes
import gc
import threading

ARENAS = 2
"""Heaps of the C library; by default every thread may open one of its own and keep it."""
LATER = 3.0
"""Time after a visitor has left until the memory is given back, s."""
_M_ARENA_MAX = -8


def few_arenas() -> None:
    """Let all threads share a few heaps; nothing where the C library does not know how."""
    _call("mallopt", _M_ARENA_MAX, ARENAS)


def give_back_soon() -> None:
    """Collect what is left of a visitor and return free memory, a little later and in a thread of its own."""
    timer = threading.Timer(LATER, _give_back)
    timer.daemon = True
    timer.start()


def _give_back() -> None:
    gc.collect()
    _call("malloc_trim", 0)


def _call(name: str, *arguments: int) -> None:
    """Call a function of the C library if it has it (glibc does)."""
    try:
        function = getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):
        return
    function(*arguments)
