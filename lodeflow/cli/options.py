"""Options that several commands share."""

from __future__ import annotations

import json


def short_options(
    seed: int | None, start: str | None, end: str | None, metals: str | None, assignments: list[str]
) -> list[str]:
    """Return --seed, --start, --end and --metals as assignments; they come first, so that --set has the last word."""
    short: dict[str, object] = {"seed": seed, "start": start, "end": end}
    if metals is not None:
        short["metals"] = [metal.strip() for metal in metals.split(",") if metal.strip()]
    return [f"world.{key}={json.dumps(value)}" for key, value in short.items() if value is not None] + assignments
