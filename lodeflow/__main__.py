"""`python -m lodeflow` and the command `lodeflow`: until the program is loaded, Ctrl-C ends it with one line."""

from __future__ import annotations

import gc
import os
import signal
from typing import Any

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells give it."""
OBJECTS = 50_000
"""New objects after which unused ones are looked for: Python's 700 would look some hundred times while packages are loaded."""


def end_at_once(*_: Any) -> None:
    """End while nothing is written or started yet: an import that is stopped halfway could end in any error."""
    os.write(2, b"\nInterrupted.\n")
    os._exit(INTERRUPTED)


def main() -> None:
    """Load the command line and run it; from then on :func:`lodeflow.cli.errors.reporting` answers to Ctrl-C."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, end_at_once)
    gc.set_threshold(OBJECTS, *gc.get_threshold()[1:])
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # Arrow's own pool keeps 20 MB for itself
    from lodeflow.cli.main import main as command

    command()


if __name__ == "__main__":
    main()
