"""One clear report instead of a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

BAD_INPUT = 2
"""Exit code for an input that cannot be used."""

BROKEN = (
    "Its numbers left the range in which the model holds: bring parameters and shocks back towards their ranges "
    "(`lodeflow describe NAME`); `--debug` shows where it happened."
)


@contextmanager
def reporting(debug: bool = False) -> Iterator[None]:
    """Turn errors of the input into one report on stderr and exit code 2; with `debug`, let them through.

    Errors of the program itself are not hidden: they keep their traceback.
    """
    from pydantic import ValidationError

    from lodeflow.data.problems import DataError

    try:
        yield
    except BrokenPipeError:  # the reader of our output has gone, as in `lodeflow list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except ArithmeticError as error:
        if debug:
            raise
        print(f"The run was stopped and nothing was written: {error}. {BROKEN}", file=sys.stderr)
        raise SystemExit(BAD_INPUT) from None
    except (DataError, ValidationError, OSError) as error:
        if debug:
            raise
        print(_report(error), file=sys.stderr)
        raise SystemExit(BAD_INPUT) from None


def _report(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error)
