"""What comes from a plug-in, and how a fault in one is told: its file and line, nothing else.

Files are noted by :mod:`lodeflow.experiments.plugins`, which loads them.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.data.problems import DataError, Problem

if TYPE_CHECKING:
    from lodeflow.environment.shocks.written import Written

FILES: set[str] = set()
"""Files of the plug-ins that were loaded."""
MEND = "Mend the plug-in; `--debug` shows how it came to that"
SHARES = (
    *("cap_now", "cap_ahead", "exposed", "output_kept", "output_kept_ahead", "host_kept", "host_kept_ahead"),
    *("tax_now", "tax_ahead", "scrap_open", "stage_kept", "refining_kept_ahead", "build_kept", "reach_ahead"),
)
"""Effects that are shares: they lie between 0 and 1."""
SIGNED = ("added", "found")
"""Effects that may be negative: what is closed, or written off."""


class PluginError(DataError):
    """A plug-in that cannot be loaded, or that failed in a run."""


@contextmanager
def blaming() -> Iterator[None]:
    """Turn an error that comes out of a plug-in's code into a PluginError with its file and line; others pass."""
    try:
        yield
    except DataError:
        raise
    except Exception as error:
        problem = blamed(error, FILES)
        if problem is None:
            raise
        raise PluginError([problem]) from error


def blamed(error: BaseException, files: set[str]) -> Problem | None:
    """Return what went wrong at the deepest line of one of the files; None where none of them takes part."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [(frame.filename, frame.lineno) for frame in frames if frame.filename in files]
    if not own:
        return None
    file, line = own[-1]
    text = " ".join(str(error).split())
    return Problem(file, f"line {line}", "", f"{type(error).__name__}: {text}".rstrip(": "), MEND)


def check_written(written: Written, neutral: Written, file: str) -> None:
    """Refuse effects that no month can hold: unknown, of another shape, not finite, negative, or shares above 1.

    written: after a plug-in's shock wrote; neutral: the effects of a month in which nothing happens; file: of the plug-in.
    Raises PluginError with all of them.
    """
    found = []
    for name, value in vars(written).items():
        right = getattr(neutral, name, None)
        if right is None:
            found.append((name, "there is no such effect"))
        for own, due in zip(_arrays(value), _arrays(right), strict=False):
            wrong = _fault(own, due, name in SHARES, name in SIGNED)
            if wrong:
                found.append((name, wrong))
    if found:
        raise PluginError(Problem(file, None, "", f"its shock writes {name}: {wrong}", MEND) for name, wrong in found)


def _arrays(value: Any) -> list[Any]:
    """The arrays of an effect: one, or one for each market; of other effects none."""
    if isinstance(value, dict):
        return [value[key] for key in sorted(value)] if all(isinstance(key, str) for key in value) else []
    return [value] if isinstance(value, np.ndarray) else []


def _fault(own: Any, due: Any, share: bool, signed: bool) -> str:
    """What is wrong with an array that was written, "" if nothing."""
    if np.shape(own) != np.shape(due):
        return f"shape {np.shape(own)} where {np.shape(due)} is due"
    if not np.isfinite(own).all():
        return "numbers that are not finite"
    if not signed and (np.asarray(own) < 0).any():
        return "negative numbers"
    if share and (np.asarray(own) > 1).any():
        return "shares above 1"
    return ""
