"""One clear report instead of a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from lodeflow.print.screen import Screen, Stopped, ending_on_request, exit_code, screen
from lodeflow.print.terminal import say

BAD_INPUT = 2
"""Exit code for an input that cannot be used."""

BROKEN = (
    "Its numbers left the range in which the model holds: bring parameters and shocks back towards their ranges "
    "(`lodeflow describe NAME`); `--debug` shows where it happened."
)


@contextmanager
def reporting(debug: bool = False, quiet: bool = False) -> Iterator[Screen]:
    """Turn errors of the input into one report on stderr and exit code 2; with `debug`, let them through.

    quiet: whether only the path of the result is printed. Ctrl-C and SIGTERM end with one line and the exit code of a shell.
    Errors of the program itself are not hidden: they keep their traceback.
    """
    from pydantic import ValidationError

    from lodeflow.data.problems import DataError

    try:
        with ending_on_request(), screen(quiet) as shown:
            yield shown
        if not quiet:
            _say_if_not_cached()
    except Stopped as stop:
        say(str(stop), err=True)
        raise SystemExit(stop.code) from None
    except KeyboardInterrupt as stop:
        say("\nInterrupted.", err=True)
        raise SystemExit(exit_code(stop)) from None
    except BrokenPipeError:  # the reader of our output has gone, as in `lodeflow list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except ArithmeticError as error:
        if debug:
            raise
        say(f"The run was stopped and nothing was written: {error}. {BROKEN}{_with_plugins()}", err=True)
        raise SystemExit(BAD_INPUT) from None
    except (DataError, ValidationError, OSError) as error:
        if debug:
            raise
        say(_report(error), err=True)
        raise SystemExit(BAD_INPUT) from None


def _say_if_not_cached() -> None:
    """Say that compiled code could not be kept, if the command used any."""
    clearing = sys.modules.get("lodeflow.environment.market.clearing")
    if clearing is not None and clearing.NOT_CACHED:
        say(clearing.NOT_CACHED, err=True)


def _with_plugins() -> str:
    """Name the plug-ins that took part in a run that broke, "" without one."""
    plugins = sys.modules.get("lodeflow.experiments.plugins")
    files = [str(plugin.file) for plugin in plugins.loaded()] if plugins is not None else []
    return f" The run used the plug-in {', '.join(files)}." if files else ""


def _report(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename:
        from lodeflow.data.problems import DataError, Problem

        wrong = f"cannot be read or written ({error.strerror})"
        right = "Check the name, and what you may read and write there"
        return str(DataError([Problem(str(error.filename), None, "", wrong, right)]))
    return str(error)
