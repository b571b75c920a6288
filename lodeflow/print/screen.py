"""What reaches the terminal: output in any encoding, quiet commands, and an end on request that leaves nothing behind."""

from __future__ import annotations

import codecs
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from lodeflow.print.terminal import say

INTERRUPTED, TERMINATED = 130, 143
"""Exit codes after Ctrl-C and after SIGTERM, as shells give them."""
PLAIN = {"–": "-", "−": "-", "—": "-", "×": "x", "±": "+-", "…": "...", "→": "->", "≥": ">=", "≤": "<=", "’": "'"}
"""What stands for a character that the terminal or file cannot hold; "?" for all others."""


class Terminated(KeyboardInterrupt):
    """The process was asked to end (SIGTERM), as schedulers of clusters and containers do."""


class Stopped(Exception):
    """A command that ends early: what is said on stderr, and the exit code."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class Screen:
    """Where a command says what it made.

    out: the standard output; quiet: whether the path is all that is said.
    """

    out: TextIO
    quiet: bool

    def result(self, folder: Path, name: str = "Results", more: str = "") -> None:
        """Say where the results are."""
        say(str(folder) if self.quiet else f"\n{name}: {folder}{more}", out=self.out)

    def report(self, folder: Path, no_charts: bool) -> None:
        """Say where the results are, and which page to open if there is one."""
        self.result(folder, more="" if no_charts else f"; open {folder / 'report.html'} in a browser.")


@contextmanager
def screen(quiet: bool) -> Iterator[Screen]:
    """Yield the screen of a command; what a quiet one prints otherwise is dropped."""
    with ExitStack() as stack:
        out = sys.stdout
        if quiet:
            nowhere = stack.enter_context(open(os.devnull, "w", encoding="utf-8"))
            stack.enter_context(redirect_stdout(nowhere))
            stack.enter_context(redirect_stderr(nowhere))
        yield Screen(out, quiet)


@contextmanager
def ending_on_request() -> Iterator[None]:
    """Turn SIGTERM into an exception, so that temporary folders are removed before the process ends."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(*_: Any) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, end)
    if (
        getattr(signal.getsignal(signal.SIGINT), "__name__", "") == "end_at_once"
    ):  # of lodeflow/__main__.py: loading is over
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    except SystemError as error:
        stop = _request_behind(error)
        if stop is None:
            raise
        raise stop from None
    finally:
        signal.signal(signal.SIGTERM, before)


def _request_behind(error: BaseException | None) -> KeyboardInterrupt | None:
    """Return the Ctrl-C or SIGTERM behind an error: compiled code that is stopped while it is loaded raises one over it."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__
    return error


def exit_code(stop: KeyboardInterrupt) -> int:
    """Return the exit code of a command that was stopped."""
    return TERMINATED if isinstance(stop, Terminated) else INTERRUPTED


def any_encoding() -> None:
    """Let standard output and error take every text: what their encoding cannot hold is written in plain characters."""
    codecs.register_error("lodeflow", _plain)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="lodeflow")


def _plain(error: UnicodeError) -> tuple[str, int]:
    """Stand in for the characters that could not be encoded."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(PLAIN.get(letter, "?") for letter in error.object[error.start : error.end]), error.end
