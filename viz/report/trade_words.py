"""A judgement of trade in tables and sentences, for the terminal and for the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lodeflow.experiments.judge.trade.board import BEFORE, JUDGED
from lodeflow.experiments.judge.trade.marks import right

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.experiments.judge.trade.board import TradeBoard
    from lodeflow.viz.frames import Labels


@dataclass
class Cells:
    """One table of texts."""

    title: str
    head: list[str]
    rows: list[list[str]]
    note: str = ""


def tables(board: TradeBoard, labels: Labels) -> list[Cells]:
    """All tables of a judgement, the short ones first."""
    return [
        _scores(board.scores),
        _published(board.published, labels),
        _pairs(board.pairs, labels),
        _suppliers(board.suppliers, labels),
        _residuals(board.residuals, labels),
    ]


def headline(board: TradeBoard) -> str:
    """The judgement in a sentence."""
    own, hits = board.scores[board.scores["counted"]], right(board.published)
    better = int((own["forecast"] <= own["old"]).sum())
    return (
        f"With the customs of {JUDGED} as input at most {own['input'].max():.2f} of a row's tonnes lie on the wrong pair; built "
        f"on customs to {JUDGED - BEFORE}, the network is at or below customs of that year in {better} of {len(own)} rows. The "
        f"largest supplier is right in {int(hits.sum())} of {len(hits)} published importer rows that no world was given."
    )


def _kt(tonnes: float) -> str:
    kilo = tonnes / 1e3
    return f"{kilo:,.0f}" if kilo >= 100 else f"{kilo:.1f}" if kilo >= 0.1 else f"{kilo:.2f}"


def _scores(scores: pd.DataFrame) -> Cells:
    names = ["input", "forecast", "none", "totals", "old", "declared"]
    rows = [
        [row["row"] + ("" if row["counted"] else " *"), _kt(row["traded_t"]), *(f"{row[name]:.2f}" for name in names)]
        for row in scores.to_dict("records")
    ]
    before = JUDGED - BEFORE
    head = [
        "",
        "traded, kt",
        f"customs {JUDGED} (input)",
        f"customs to {before}",
        "no customs",
        "totals without partners",
    ]
    note = "*: records cover part of the world, not counted"
    return Cells(
        f"Share of traded tonnes on the wrong pair, {JUDGED}",
        [*head, f"customs of {before}", "input beside flows as declared"],
        rows,
        note,
    )


def _published(published: pd.DataFrame, labels: Labels) -> Cells:
    rows = [
        [
            f"{labels.metal(row['metal'])}, {row['form']}",
            labels.region(row["importer"]),
            f"{row['year_from']}-{row['year_to']}",
            labels.region(row["published"]),
            labels.region(row["simulated"]) + ("" if row["published"] == row["simulated"] else " *"),
        ]
        for row in published.to_dict("records")
    ]
    head = ["what", "importer", "years", "published", "simulated"]
    return Cells("Largest supplier in published shares that no world was given", head, rows, "*: another")


def _pairs(pairs: pd.DataFrame, labels: Labels) -> Cells:
    rows = [
        [row["row"], labels.region(row["exporter"]), labels.region(row["importer"])]
        + [_kt(row[name]) for name in ("customs_t", "input_t", "forecast_t")]
        for row in pairs.to_dict("records")
    ]
    head = ["", "exporter", "importer", "customs, kt", "model (input), kt", f"model, customs to {JUDGED - BEFORE}, kt"]
    return Cells("Every pair above 1 % of the traded tonnes", head, rows)


def _suppliers(suppliers: pd.DataFrame, labels: Labels) -> Cells:
    rows = [
        [
            row["row"],
            labels.region(row["importer"]),
            _kt(row["imports_t"]),
            labels.region(row["customs"]),
            labels.region(row["forecast"]) + ("" if row["customs"] == row["forecast"] else " *"),
        ]
        for row in suppliers.to_dict("records")
    ]
    head = ["", "importer", "imports, kt", f"customs {JUDGED}", f"model, customs to {JUDGED - BEFORE}"]
    return Cells("Largest supplier of every importer above 1 % of the traded tonnes", head, rows, "*: another")


def _residuals(residuals: pd.DataFrame, labels: Labels) -> Cells:
    rows = [
        [row["row"], labels.region(row["country"]), row["side"], _kt(row["customs_t"]), _kt(row["input_t"])]
        for row in residuals.to_dict("records")
    ]
    head = ["", "country", "", "customs, kt", "model (input), kt"]
    return Cells(
        "Residuals: totals that output and use do not let customs have, above 1 % of the traded tonnes", head, rows
    )
