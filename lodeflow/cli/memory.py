"""Memory of a command that makes large tables."""

from __future__ import annotations

import ctypes
from contextlib import suppress

LARGE = 2**19
"""Size from which an array has pages of its own, bytes; glibc would let this limit grow to 32 MB."""
_MMAP_THRESHOLD = -3
"""Number of that limit in glibc (`malloc.h`)."""


def return_large_arrays() -> bool:
    """Let the memory of large arrays go back to the system as soon as they are not needed; say whether that is possible here.

    Elsewhere than with glibc nothing happens.
    """
    with suppress(OSError, AttributeError, TypeError):  # no glibc, or no C library by that way
        return bool(ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, LARGE))
    return False
