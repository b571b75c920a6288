"""The tab that runs the scenario to its end, with and without its shocks, and shows what differs."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import reacton.ipyvuetify as rv
import solara

from lodeflow.data import catalogue
from lodeflow.environment.calendar import parse_month
from lodeflow.experiments.kpis import KPIS
from lodeflow.experiments.run.hit import COLUMNS, COUNTRY, PRODUCT, Hit, hits_in
from lodeflow.experiments.scenario.model import Scenario
from lodeflow.viz import words
from lodeflow.viz.app import figures
from lodeflow.viz.app.batch.job_view import Work, WorkPanel
from lodeflow.viz.app.texts import Texts, bare
from lodeflow.viz.app.widgets import Plain
from lodeflow.viz.app.world import story
from lodeflow.viz.app.world.board import mark_of
from lodeflow.viz.app.world.chart import Chart, Line
from lodeflow.viz.app.world.stamp import stamp
from lodeflow.viz.app.world.story import about
from lodeflow.viz.app.world.world_view import Graphs, Saved


@solara.component
def CompareView(work: Work, scenario: Scenario, title: str, texts: Texts, metal: str) -> None:
    """Start, watch, and read the comparison of a scenario, which the page calls `title`."""
    with solara.Div(classes=["lf-body"]):
        with solara.Div(classes=["lf-panel"]):
            Plain(texts("compare.title"), tag="h2")
            Plain(what_is_run(scenario, title, texts))
            with solara.Div(classes=["lf-buttons"]):
                solara.Button(
                    texts("compare.run" if scenario.shocks else "compare.run_calm"),
                    icon_name="mdi-play-circle",
                    color="primary",
                    on_click=lambda: work.start(["compare", texts.language], scenario.to_toml()),
                    disabled=work.progress is not None and work.progress.state == "running",
                    classes=["lf-compare"],
                )
            WorkPanel(work, texts)
        if work.folder is not None:
            Results(work.folder, texts, metal)


def what_is_run(scenario: Scenario, name: str, texts: Texts) -> str:
    """The scenario, how many shocks it has, and how it is run."""
    if not scenario.shocks:
        return texts("compare.what_calm", name=name)
    return texts("compare.what", name=name, shocks=texts.count("shock", len(scenario.shocks)))


@solara.component
def Results(folder: Path, texts: Texts, metal: str) -> None:
    """Table, difference charts, flow pictures and the charts of the report."""
    found = solara.use_memo(lambda: read_figures(folder), [str(folder)])
    scenario, calm = found["scenario"], "" if found["scenario"].get("shocks") else "_calm"
    with solara.Div(classes=["lf-panel", "lf-scroll"]):
        Plain(texts(f"compare.table{calm}"), tag="h2")
        Table(*summary_table(found["summary"], texts, bool(calm)))
        Plain(texts(f"compare.table_note{calm}"), "lf-note")
    heads, rows = hits_table(found["hits"], metal, texts)
    if rows:
        with solara.Div(classes=["lf-panel", "lf-scroll"]):
            Plain(texts("compare.hits", metal=texts.metal(metal)), tag="h2")
            Table(heads, rows)
            Plain(texts("compare.hits_note"), "lf-note")
    with solara.Div(classes=["lf-panel", "lf-scroll"]):
        Plain(texts("compare.kpis", metal=texts.metal(metal)), tag="h2")
        Table(*kpi_table(found["kpis"], metal, texts, bool(calm)))
    first, months = parse_month(scenario["world"]["start"]), found["months"]
    events = [event for event in found["events"] if not event["metals"] or metal in event["metals"]]
    marks = [mark_of(event, first, months, texts) for event in events]
    axis = {"first": first, "months": months, "t": months, "marks": marks}
    title = story.scenario_title(scenario["name"], scenario.get("title", ""), found["events"], texts)
    told = about(texts.metal(metal), title, axis, texts)
    file = Saved(f"{scenario['name']}-{metal}-difference", told, stamp(scenario["name"], scenario["world"], texts))
    Graphs(differences(found, metal, texts), axis, texts, file)
    Pictures(folder, texts, metal)


def read_figures(folder: Path) -> dict[str, Any]:
    """The figures of a finished comparison, with its scenario and the number of months."""
    import tomllib

    figures: dict[str, Any] = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    scenario = tomllib.loads((folder / "scenario.toml").read_text(encoding="utf-8"))
    months = parse_month(scenario["world"]["end"]) - parse_month(scenario["world"]["start"]) + 1
    return figures | {"scenario": scenario, "months": months}


def differences(figures: dict[str, Any], metal: str, texts: Texts) -> list[Chart]:
    """With the shocks less without them, month by month; the price outside a restricting country where there is one."""
    charts = []
    series = figures["series"].get(metal, {})
    for one in catalogue.drawn(catalogue.DIFFERENCES):
        name = one.name
        lines = series.get(name)
        if lines is None or "shock" not in lines or (name == "price" and "price_outside" in series):
            continue
        with_it = np.array(lines["shock"])
        without = np.array(lines.get("baseline") or series["price"]["baseline"])
        title = texts("compare.difference", what=texts.variable(one))
        charts.append(
            Chart(
                f"difference-{name}".replace("_", "-"),
                title,
                one.unit,
                [Line(texts("compare.line"), "live", with_it - without)],
            )
        )
    return charts


RANKED = 5
"""Countries and products in the table of who is hit hardest."""
SUMMARY = ("metal", "peak", "when", "low", "short", "lost", "back", "hit", "product", "rate", "recycled", "ore")
"""Columns of the table of indicators."""
COMPARED = ("lost", "back", "hit", "product", "recycled", "ore")
"""Columns of the table that a run without shocks has no numbers for."""


def summary_table(summary: list[dict[str, Any]], texts: Texts, calm: bool = False) -> tuple[list[str], list[list[str]]]:
    """Heads and rows of the table of indicators, one row per metal; `calm`: of a run without shocks."""
    shown = [name for name in SUMMARY if not (calm and name in COMPARED)]
    cells = [_row(row, texts, calm) for row in summary]
    return [texts(f"kpi.{name}") for name in shown], [[row[name] for name in shown] for row in cells]


def _row(row: dict[str, Any], texts: Texts, calm: bool) -> dict[str, str]:
    """The cells of one metal by column."""

    def number(column: str) -> float:
        return _number(row.get(column))

    months = row["months_to_recover"]
    back = texts("kpi.not") if months is None else texts("kpi.months", months=figures.whole_months(months, texts))
    now, without = (figures.percent(number(f"recycling_rate{end}")) for end in ("", "_baseline"))
    return {
        "metal": texts.metal(str(row["metal"])),
        "peak": f"{figures.ratio(number('price_peak_ratio'))} × ({figures.usd(number('price_peak'), texts)})",
        "when": texts.month(parse_month(str(row["price_peak_date"])[:7])),
        "low": f"{figures.ratio(number('price_low_ratio'))} ×",
        "short": _with_share(number("shortage_t"), number("shortage_pct"), texts),
        "lost": _with_share(number("use_lost_t"), number("use_lost_pct"), texts),
        "back": back,
        "hit": _hit(row, "country", texts.region, texts),
        "product": _hit(row, "product", lambda code: texts.name("product", code), texts),
        "rate": texts("kpi.rate_calm" if calm else "kpi.rates", now=now, without=without),
        "recycled": _change(row, "recycled_more", 1.0, texts),
        "ore": _change(row, "primary_avoided", -1.0, texts),
    }


def _with_share(lost: float, points: float, texts: Texts) -> str:
    """Tonnes and the per cent that they are."""
    return f"{figures.tonnes(lost, texts)} ({figures.percent(points / 100)})"


def _hit(row: dict[str, Any], who: str, name: Callable[[str], str], texts: Texts) -> str:
    """Who loses the largest share of its own normal use."""
    code = str(row.get(f"hit_{who}") or "")
    share, lost = (_number(row.get(f"hit_{who}_{end}")) for end in ("pct", "t"))
    return figures.loss(name(code) if code else "", share / 100, lost, texts)


def _change(row: dict[str, Any], column: str, sign: float, texts: Texts) -> str:
    """A flow against the world without the shocks, in t and per cent."""
    amount, share = (sign * _number(row.get(f"{column}_{end}")) for end in ("t", "pct"))
    tonnes, per_cent = figures.tonnes(amount, texts, sign=True), figures.percent(share / 100, sign=True)
    return texts("kpi.change", tonnes=tonnes, share=per_cent)


def hits_table(hits: list[dict[str, Any]], metal: str, texts: Texts) -> tuple[list[str], list[list[str]]]:
    """Heads and rows of who is hit hardest: countries and products side by side."""
    heads = [
        texts(f"compare.{name}") for name in ("rank", "country", "share", "tonnes", "hits_product", "share", "tonnes")
    ]
    table = pd.DataFrame(hits, columns=list(COLUMNS))
    sides = [
        (hits_in(table, metal, COUNTRY), texts.region),
        (hits_in(table, metal, PRODUCT), lambda code: texts.name("product", code)),
    ]
    rows = []
    for rank in range(min(RANKED, max(len(found) for found, _ in sides))):
        cells = [f"{rank + 1}"]
        for found, name in sides:
            hit = found[rank] if rank < len(found) else None
            cells += _loser(name(hit.name), hit, texts) if hit else [figures.NONE] * 3
        rows.append(cells)
    return heads, rows


def kpi_table(
    kpis: list[dict[str, Any]], metal: str, texts: Texts, calm: bool = False
) -> tuple[list[str], list[list[str]]]:
    """Heads and rows of all indicators of a metal: with the shocks and, for a state, without them."""
    heads = [texts("batch.indicator"), texts("compare.kpi_value"), texts("compare.kpi_without")]
    rows = []
    for row in kpis:
        if row["metal"] != metal:
            continue
        known = KPIS.get(row["kpi"])
        shown_in = known.shown_in if known else row["unit"]
        cells = [figures.amount(_number(row[column]), shown_in, texts) for column in ("value", "without")]
        cells[0] = texts.region(row["text"]) if row["text"] else cells[0]
        name = known.label(texts.language) if known else row["what"]
        rows.append([words.capital(name), *cells])
    return (heads[:2], [row[:2] for row in rows]) if calm else (heads, rows)


def _loser(name: str, hit: Hit, texts: Texts) -> list[str]:
    """The cells of one who is hit: name, share and tonnes."""
    return [name, figures.percent(hit.share), figures.tonnes(hit.tonnes, texts)]


def _number(value: Any) -> float:
    """A number of a JSON table, nan where it holds none."""
    return float("nan") if value is None else float(value)


@solara.component
def Table(heads: list[str], rows: list[list[str]]) -> None:
    """A plain table; everything in it is text."""
    head = rv.Html(
        tag="tr", children=[rv.Html(tag="th", attributes={"scope": "col"}, children=[bare(text)]) for text in heads]
    )
    body = [rv.Html(tag="tr", children=[rv.Html(tag="td", children=[bare(text)]) for text in row]) for row in rows]
    rv.Html(tag="table", children=[rv.Html(tag="thead", children=[head]), rv.Html(tag="tbody", children=body)])


@solara.component
def Pictures(folder: Path, texts: Texts, metal: str) -> None:
    """Where a tonne goes with and without the shocks, and the charts of the report for the metal."""
    flows = folder / "flows" / f"{metal}.png"
    charts = sorted((folder / "run" / "charts").glob(f"[0-9][0-9]-{metal}-*.png"))
    shown = [path for path in charts if not path.stem.endswith(("-flows", "-profile"))]
    Album(texts("compare.flows"), [flows] if flows.is_file() else [])
    Album(texts("compare.charts"), shown)


@solara.component
def Album(title: str, paths: list[Path]) -> None:
    """Pictures under a heading; nothing without pictures."""
    if not paths:
        return
    with solara.Div(classes=["lf-panel"]):
        Plain(title, tag="h2")
        with solara.Div(classes=["lf-pictures"]):
            for path in paths:
                with solara.Div():
                    Picture(path)


@solara.component
def Picture(path: Path) -> None:
    """A PNG file of a job, with the title and caption that it carries."""
    source, title = solara.use_memo(lambda: _read(path), [str(path)])
    rv.Html(tag="img", attributes={"src": source, "alt": title, "loading": "lazy"})


def _read(path: Path) -> tuple[str, str]:
    from PIL import Image

    with Image.open(path) as image:
        title = str(image.info.get("Title", path.stem))
    return f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode('ascii')}", title
