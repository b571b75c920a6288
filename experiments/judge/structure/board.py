"""The whole judgement of structure: the runs of the protocol, their scores beside simple forecasts, and variants of structure."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lodeflow.experiments.judge.structure import cases as history
from lodeflow.experiments.judge.structure import shares, trend
from lodeflow.experiments.judge.structure.marks import marks
from lodeflow.experiments.judge.structure.runs import FIT_UNTIL, PROTOCOL, QUICK, Past, run_past

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables

Progress = Callable[[int, int, str], None]
"""Called before every run with the runs done, all runs, and what the next one is; after the last one with ''."""
SHIPPED = "as shipped"


@dataclass
class StructureBoard:
    """What came out.

    Attributes:
        marks: field, model, simple, rule, ratio; see marks.marks.
        shares: see shares.share_rows. share_scores: see shares.share_scores. history: see shares.history_rows.
        trend: see trend.trend_years. trend_scores: see trend.trend_scores.
        cases: see cases.case_years. case_scores: see cases.case_scores.
        runs: run, base, part, given: what each run was told of the time after its base year.
        variants: variant, title, and the ratio of every field of the marks; the first row is the model as shipped.
        manifest: versions, quick, wall_seconds.
    """

    marks: pd.DataFrame
    shares: pd.DataFrame
    share_scores: pd.DataFrame
    history: pd.DataFrame
    trend: pd.DataFrame
    trend_scores: pd.DataFrame
    cases: pd.DataFrame
    case_scores: pd.DataFrame
    runs: pd.DataFrame
    variants: pd.DataFrame
    manifest: dict[str, Any] = field(default_factory=dict)


def run_board(
    tables: Tables, quick: bool = False, progress: Progress | None = None, with_variants: bool = True
) -> StructureBoard:
    """Make the runs of the protocol and judge them.

    quick: three metals, the shipped scores of events instead of new ones, and no variants; with_variants: whether variants of
    structure are judged, too. Raises DataError for cases or variants that make no sense.
    """
    import pandas as pd

    began = time.perf_counter()
    history.check_cases(tables)
    variants = variants_of(tables) if with_variants and not quick else {}
    tell = _Teller(progress, len(PROTOCOL) + (len(variants) + 1) * (not quick))
    pasts = _pasts(tables, {}, QUICK if quick else (), tell)
    points = _shipped_points() if quick else _points(tables, {}, tell, "events")
    board = assemble(tables, pasts, points)
    rows = [_variant_row(SHIPPED, "The model with its shipped parameters", board.marks)]
    for name, (title, values) in variants.items():
        changed = _points(tables, values, tell, f"variant {name}")
        rows.append(_variant_row(name, title, assemble(tables, _pasts(tables, values), changed).marks))
    board.variants = pd.DataFrame(rows)
    tell.done()
    board.manifest = manifest(tables, quick) | {"wall_seconds": round(time.perf_counter() - began, 1)}
    return board


def assemble(tables: Tables, pasts: Mapping[str, Past], points: pd.DataFrame) -> StructureBoard:
    """Score runs that have been made.

    pasts: runs of the protocol by name; points: episode, simulated, observed (ratios) of the events.
    """
    import pandas as pd

    maps = [n for n, past in pasts.items() if past.protocol.expected == "path" and not past.protocol.own_base]
    share_rows = pd.concat([shares.share_rows(tables, pasts[name], name) for name in maps], ignore_index=True)
    trends = [n for n, past in pasts.items() if past.protocol.expected == "trend"]
    years = pd.concat([trend.trend_years(tables, pasts[name], name) for name in trends], ignore_index=True)
    case_years = history.case_years(tables, pasts)
    case_scores = history.case_scores(case_years)
    return StructureBoard(
        marks=marks(points, years, share_rows, case_scores),
        shares=share_rows,
        share_scores=shares.share_scores(share_rows),
        history=shares.history_rows(tables),
        trend=years,
        trend_scores=trend.trend_scores(years),
        cases=case_years,
        case_scores=case_scores,
        runs=pd.DataFrame([_about(name, past) for name, past in pasts.items()]),
        variants=pd.DataFrame(),
    )


def _about(name: str, past: Past) -> dict[str, Any]:
    protocol = past.protocol
    part = "single case" if protocol.own_base else "prices" if protocol.expected == "trend" else protocol.part
    return {"run": name, "base": protocol.base, "part": part, "given": protocol.given, "metals": len(past.metals)}


def _pasts(
    tables: Tables, values: Mapping[str, float], metals: tuple[str, ...] = (), tell: _Teller | None = None
) -> dict[str, Past]:
    found = {}
    for name, protocol in PROTOCOL.items():
        if tell is not None:
            tell(name)
        found[name] = run_past(protocol, tables, values, metals)
    return found


def _points(tables: Tables, values: Mapping[str, float], tell: _Teller, what: str) -> pd.DataFrame:
    from lodeflow.experiments.judge.hindcast.scoreboard import run_scoreboard

    tell(what)
    return run_scoreboard(tables=tables, parameters=values).points


def _shipped_points() -> pd.DataFrame:
    from lodeflow.experiments.judge.hindcast import baseline

    return baseline.read().points


def variants_of(tables: Tables) -> dict[str, tuple[str, dict[str, float]]]:
    """Title and parameter values of every variant of structure, by name."""
    found = {}
    for name, own in tables.structure_variants.fillna({"scope": ""}).groupby("variant", sort=False):
        keys = [f"{p}.{s}" if s else str(p) for p, s in zip(own["parameter"], own["scope"], strict=True)]
        values = dict(zip(keys, own["value"].astype(float), strict=True))
        found[str(name)] = (str(own["title"].iloc[0]), values)
    return found


def _variant_row(name: str, title: str, table: pd.DataFrame) -> dict[str, Any]:
    return {"variant": name, "title": title, **dict(zip(table["field"], table["ratio"], strict=True))}


def manifest(tables: Tables, quick: bool) -> dict[str, Any]:
    """What made the judgement."""
    from lodeflow.data import fingerprint
    from lodeflow.experiments.run.results import PROGRAM
    from lodeflow.experiments.run.written import program_version

    return {
        "scenario": "structure",
        "seed": "none (no noise)",
        "versions": {PROGRAM: program_version()},
        "data_hash": fingerprint(tables),
        "quick": quick,
        "fit_until": FIT_UNTIL,
    }


@dataclass
class _Teller:
    """Counts runs for a progress bar."""

    progress: Progress | None
    total: int
    count: int = 0

    def __call__(self, what: str) -> None:
        if self.progress is not None:
            self.progress(self.count, self.total, what)
        self.count += 1

    def done(self) -> None:
        if self.progress is not None:
            self.progress(self.total, self.total, "")
