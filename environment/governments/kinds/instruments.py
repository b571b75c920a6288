"""Restrictions as measures of the world: instrument, strength and notice from the class of measures that were taken before."""

from __future__ import annotations

from typing import Any

import numpy as np

from lodeflow.environment.calendar import format_month
from lodeflow.environment.governments.known import FORMS, Known
from lodeflow.environment.shocks.kinds import REGISTRY
from lodeflow.environment.shocks.shock import Shock

TARIFF = "import_tariff"
"""Measure of an importer; the others are an exporter's."""


def choose(known: Known, row: int, form: str, what: tuple[object, ...]) -> tuple[dict[str, Any], float, int]:
    """Class of measure, strength and months of notice that a government takes, drawn by how often each was taken before.

    Args:
        form: ``feed``, ``refined``, ``answer`` or ``import``, as in the table ``measure_classes``.
        what: names what the draws belong to.
    """
    classes = [one for one in known.classes if one["form"] == form]
    weight = np.cumsum([one["weight"] for one in classes])
    pick = int(np.searchsorted(weight / weight[-1], known.chance(row, "instrument", *what), side="right"))
    taken = classes[min(pick, len(classes) - 1)]
    size = taken["size_low"] + (taken["size_high"] - taken["size_low"]) * known.chance(row, "size", *what)
    room = taken["notice_high"] - taken["notice_low"] + 1
    notice = int(taken["notice_low"] + min(int(room * known.chance(row, "notice", *what)), room - 1))
    return taken, float(size), notice


def restriction(
    known: Known, row: int, instrument: str, metal: int, form: int, size: float, notice: int, partner: str
) -> Shock:
    """A restriction of exports by a government.

    Args:
        size: share of normal exports that is held back; of a tax the share of the price.
        notice: months from now to its start.
        partner: government concerned; "" for all.
    """
    figures, who = known.figures, known.seats.names[row]
    own: dict[str, Any] = {"export_ban": {"strength": size}, "export_tax": {"rate": size}}.get(instrument, {})
    if instrument == "export_licence":
        own = {"approved_share": 1.0 - size}
    if instrument == "export_quota":
        exports = figures.output[form, row, metal] * (1.0 - figures.home[form, row, metal])
        own = {"tonnes_per_year": float(exports * (1.0 - size))}
    kind: Any = REGISTRY[instrument]
    return kind(
        label=f"{who} {instrument.replace('_', ' ')}: {known.metals[metal]}, {FORMS[form]}"
        + (f", to {partner}" if partner else ""),
        actor=who,
        metals=[known.metals[metal]],
        form=FORMS[form],
        partners=[partner] if partner else [],
        announce=known.date,
        start=format_month(known.month + notice),
        credibility=float(known.books.credibility[row]),
        **own,
    )
