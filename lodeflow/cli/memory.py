"""Memory of a command that makes large tables."""

from __future__ import annotations

import ctypes
from contextlib import suppress


def give_back() -> bool:
    """Return the free parts of the heap to the system; say whether there were any, and whether that is possible here.

    glibc keeps them for what comes next: after the months some 30 MB, beside which the tables are written. Asking it once is
    cheaper than having it return every large array at once, after which each new one is made of new pages.
    Elsewhere than with glibc nothing happens.
    """
    with suppress(OSError, AttributeError, TypeError):  # no glibc, or no C library by that way
        return bool(ctypes.CDLL(None).malloc_trim(0))
    return False
