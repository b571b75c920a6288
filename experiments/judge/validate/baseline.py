"""The verdicts that are kept in the repository: a small JSON file, rewritten only on request."""

from __future__ import annotations

import json
import math
import os
from typing import Any

from lodeflow.data import FOLDER
from lodeflow.data.problems import DataError, Problem
from lodeflow.experiments.judge.validate.verdicts import RANKS, Verdict, compared

BASELINE = FOLDER / "validation.json"
DIGITS = 4


def rounded(value: float, digits: int = DIGITS) -> float | None:
    """A number to some significant digits; None where there is none."""
    return float(f"{value:.{digits}g}") if math.isfinite(value) else None


def number_text(value: float) -> str:
    """A number to three significant digits without exponent: '49,600', '0.257', '2,099'."""
    if value == round(value) and abs(value) < 1e4:
        return f"{value:,.0f}" if abs(value) > 2200 or abs(value) < 1900 else f"{value:.0f}"
    short = float(f"{value:.3g}")
    return f"{short:,.0f}" if abs(short) >= 100 else f"{short:g}"


def tolerance_text(verdict: Verdict) -> str:
    """What counts as within, in the unit of the row: '49,600 to 74,400', 'at least 0.15'; empty: no bounds."""
    low, high = (number_text(value) if math.isfinite(value) else "" for value in (verdict.low, verdict.high))
    if low and high:
        return low if low == high else f"{low} to {high}"
    return f"at least {low}" if low else f"at most {high}" if high else ""


def as_row(verdict: Verdict) -> dict[str, Any]:
    """A verdict as it stands in the file; numbers to four digits."""
    return {
        "id": verdict.id,
        "group": verdict.group,
        "section": verdict.section,
        "metal": verdict.metal,
        "what": verdict.what,
        "simulated": rounded(verdict.simulated),
        "published": rounded(verdict.published),
        "unit": verdict.unit,
        "tolerance": tolerance_text(verdict),
        "verdict": verdict.verdict,
        **{rule: _of_rule(verdict, rule) for rule in ("no_change", "momentum")},
        "kind": verdict.kind,
        "note": verdict.note,
        "source": verdict.source,
    }


def _of_rule(verdict: Verdict, rule: str) -> str:
    """Whether a simple rule (persistence, momentum) meets the row; empty where it was not asked."""
    value = getattr(verdict, rule)
    return compared(value, verdict.low, verdict.high) if math.isfinite(value) else ""


def write_baseline(verdicts: list[Verdict]) -> None:
    """Write the file: one row per line, all of it or nothing."""
    path = BASELINE
    lines = [json.dumps(as_row(verdict), ensure_ascii=False) for verdict in verdicts]
    temporary = path.with_name(f".{path.name}.tmp-{os.getpid()}")
    try:
        temporary.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def read_baseline() -> dict[str, str]:
    """The verdict of every row by id.

    Raises DataError where the file is missing, cannot be read, or holds a verdict that there is not.
    """
    path = BASELINE
    again = "Write it with `lodeflow validate --refresh`"
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        found = {str(row["id"]): str(row["verdict"]) for row in rows}
    except FileNotFoundError:
        raise DataError([Problem(str(path), None, "", "the file is missing", again)]) from None
    except (ValueError, KeyError, TypeError) as error:
        raise DataError([Problem(str(path), None, "", f"cannot be read ({error})", again)]) from error
    unknown = {name: verdict for name, verdict in found.items() if verdict not in RANKS}
    if unknown:
        raise DataError(
            Problem(str(path), name, "verdict", f"{verdict!r} is no verdict", f"Use one of: {', '.join(RANKS)}")
            for name, verdict in unknown.items()
        )
    return found
