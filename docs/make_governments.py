"""Writes the tables of governments.md from the program and the data: `python -m docs.make_governments`."""

from __future__ import annotations

import json
from pathlib import Path

from docs.blocks import rewritten
from docs.make_tables import markdown
from lodeflow import data
from lodeflow.environment.governments.kinds import KINDS
from lodeflow.experiments.judge.governments.judge import STORED
from lodeflow.experiments.judge.governments.observed import restrictions

PAGE = Path(__file__).parent / "governments.md"


def kinds() -> str:
    """Return the kinds of decisions, in the order in which they are taken."""
    return markdown(("kind", "a government ..."), [(f"`{name}`", kind.about) for name, kind in KINDS.items()])


def observed() -> str:
    """Return the restrictions of the table of events, and how many each country took in which years."""
    rows = restrictions(data.shared())
    heading = ("event", "year", "country", "metal", "instrument")
    return markdown(heading, rows[["id", "year", "actor", "metal", "instrument"]].astype(str).to_numpy().tolist())


def classes() -> str:
    """Return what restrictions looked like."""
    names = ["form", "instrument", "weight", "size_low", "size_high", "notice_low", "notice_high"]
    names += ["months", "seen_months", "ended", "events"]
    table = data.shared()["measure_classes"]
    return markdown([name.replace("_", " ") for name in names], table[names].astype(str).to_numpy().tolist())


def tempers() -> str:
    """Return the tempers with their ranges and sources."""
    rows = [
        (
            f"`{row.temper}`",
            f"{row.value:g}",
            f"{row.low:g} to {row.high:g}",
            row.unit,
            row.status,
            row.reason,
            row.source,
        )
        for row in data.shared()["tempers"].itertuples()
    ]
    return markdown(("temper", "value", "range", "unit", "status", "what it does, and why", "source"), rows)


def judged() -> str:
    """Return the marks of the last `lodeflow validate --governments --refresh`."""
    kept = json.loads(STORED.read_text(encoding="utf-8"))
    rows = [(mark["what"], mark["asked"], mark["found"], "yes" if mark["reached"] else "no") for mark in kept["marks"]]
    return f"{kept['runs']} runs each.\n\n" + markdown(("mark", "asked", "found", "reached"), rows)


def main() -> None:
    """Write the page anew."""
    made = {"kinds": kinds, "restrictions": observed, "classes": classes, "tempers": tempers, "judged": judged}
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8"), made), encoding="utf-8")


if __name__ == "__main__":
    main()
