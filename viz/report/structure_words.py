"""The table cells and sentences of a judgement of structure: plain words from its numbers, for terminal, page and documentation."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

import pandas as pd

from lodeflow.viz import words
from lodeflow.viz.frames import Labels

if TYPE_CHECKING:
    from lodeflow.experiments.judge.structure.board import StructureBoard

OVERALL = "overall"
STAGES = {"mine": "mined", "refine": "refined"}


@dataclass(frozen=True)
class Cells:
    """One table as text: its title, what must be known to read it, headings and rows."""

    title: str
    note: str
    head: tuple[str, ...]
    rows: list[list[str]]


def tables(board: StructureBoard, labels: Labels) -> list[Cells]:
    """All tables of a judgement, in the order in which they are shown; those without rows are left out."""
    makers = (_marks, _runs, _shares, _history, _trend, _cases, _variants)
    return [cells for cells in (make(board, labels) for make in makers) if cells.rows]


def headline(board: StructureBoard) -> str:
    """The judgement in one sentence."""
    table = board.marks.set_index("field")["ratio"]
    fields = table.drop(OVERALL)
    better = [str(name) for name, ratio in fields.items() if ratio < 1.0]
    return (
        f"The model errs {table[OVERALL]:.2f} times as much as the best simple rule, on average over {len(fields)} fields; "
        f"it is better in {words.listed(better) if better else 'none'}."
    )


def number(value: Any, digits: int = 2, sign: bool = False) -> str:
    """A number with so many digits; a dash where there is none."""
    if value is None or not isfinite(value):
        return "–"
    return f"{value:+.{digits}f}".replace("-", "−") if sign else f"{value:.{digits}f}"


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as dictionaries."""
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _marks(board: StructureBoard, labels: Labels) -> Cells:
    rows = [
        [str(row["field"]), number(row["model"]), number(row["simple"]), str(row["rule"]) or "–", number(row["ratio"])]
        for row in records(board.marks)
    ]
    note = (
        "Error of the model over that of the best simple rule: below 1 the model is better. Prices and output: mean "
        "|ln(simulated / observed)|; direction: share of moves above 3 % that go the wrong way, rises and falls weighing alike; "
        "map and cases: share of world output in the wrong country."
    )
    return Cells("Marks", note, ("field", "model", "simple rule", "which", "ratio"), rows)


def _runs(board: StructureBoard, labels: Labels) -> Cells:
    rows = [
        [row["run"], str(row["base"]), row["part"], row["given"], str(row["metals"])] for row in records(board.runs)
    ]
    note = "No run is given a price, or output by country, of the time after its base year."
    return Cells("What each run was given", note, ("run", "base year", "used for", "given", "metals"), rows)


def _shares(board: StructureBoard, labels: Labels) -> Cells:
    rows = [
        [row["part"], str(row["rows"]), *(words.percent(row[n]) for n in ("model", "persistence", "momentum"))]
        for row in records(board.share_scores)
    ]
    note = (
        "Mean share of world output in other countries than in the data, over metals, stages and years from three years after "
        "the base year on; years in which the data are estimates are left out. Persistence: shares stay as in the base year. "
        "Momentum: the mean change of the three years before it goes on, a fifth weaker every year."
    )
    return Cells("Map of producers", note, ("years", "rows", "model", "persistence", "momentum"), rows)


def _history(board: StructureBoard, labels: Labels) -> Cells:
    rows = []
    for (metal, stage), own in board.history.groupby(["metal", "stage"], sort=False):
        means = own[["persistence", "momentum"]].mean()
        name = f"{labels.metal(str(metal))}, {STAGES[str(stage)]}"
        rows.append([name, str(len(own)), *(words.percent(float(means[n])) for n in means.index)])
    note = (
        "Ten years after base years 1975 to 2010: how much a map moves, and so how much there is to explain. Windows in which "
        "states dissolved are left out."
    )
    return Cells("How far maps have moved since 1975", note, ("metal", "windows", "persistence", "momentum"), rows)


def _trend(board: StructureBoard, labels: Labels) -> Cells:
    rows = []
    for row in records(board.trend_scores):
        whole = row["metal"] == "all metals"
        rows.append(
            [
                str(row["run"]),
                str(row["metal"]) if whole else labels.metal(str(row["metal"])),
                number(row["price_error"]),
                number(row["price_no_change"]),
                number(row["price_bias"], sign=True),
                number(row["correlation"], sign=True),
                f"{row['rises_right']} of {row['rises_counted']}",
                f"{row['falls_right']} of {row['falls_counted']}",
                f"{row['large_falls_right']} of {row['large_falls_counted']}",
                number(row["output_error"]),
                number(row["output_no_change"]),
                words.percent(row["unmet"]),
            ]
        )
    note = (
        "Agents expect the growth of the years before, demand comes otherwise, and output is what they decide. Yearly means "
        "against the base year; no change: price or output stays as it was; bias: mean ln error, above 0 too high; correlation: "
        "of the yearly changes; rises and falls: years with a move above 3 % (large: a fall above 10 %) whose simulated move has "
        "the same sign."
    )
    head = (
        "run",
        "metal",
        "price error",
        "no change",
        "bias",
        "correlation",
        "rises",
        "falls",
        "large falls",
        "output error",
    )
    return Cells("Trend mode", note, (*head, "no change", "unmet use"), rows)


def _cases(board: StructureBoard, labels: Labels) -> Cells:
    rows = []
    for row in records(board.case_scores):
        assumed = not row["rows"]
        values = [words.tonnes(row[name]) for name in ("model", "observed", "persistence", "momentum")]
        errors = [
            words.percent(row[f"error_{n}"]) if not assumed else "–" for n in ("model", "persistence", "momentum")
        ]
        place = labels.region(str(row["iso3"])) + (" (no measure)" if row["role"] == "no measure" else "")
        rows.append([str(row["title"]), place, str(row["year"]), *values, *errors])
    note = (
        "Output of the last year, t/year, and mean error of the country's share of world output over the years from three after "
        "the base year on (data that are estimates do not count: –)."
    )
    head = ("case", "country", "year", "model", "data", "persistence", "momentum", "error", "persistence", "momentum")
    return Cells("Cases of history", note, head, rows)


def _variants(board: StructureBoard, labels: Labels) -> Cells:
    fields = [str(name) for name in board.marks["field"]]
    rows = [
        [str(row["variant"]), str(row["title"]), *(number(row.get(name, float("nan"))) for name in fields)]
        for row in records(board.variants)
    ]
    note = (
        "The same marks when a mechanism is left out or a gain shared otherwise, everything else as shipped. What is no worse "
        "without a mechanism is no evidence for it."
    )
    return Cells("Variants of structure", note, ("variant", "what it is", *fields), rows if len(rows) > 1 else [])
