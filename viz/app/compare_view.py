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

from environment.calendar import parse_month
from experiments.hit import COLUMNS, COUNTRY, PRODUCT, hits_in
from experiments.scenario import Scenario
from viz import words
from viz.app.board import Chart, Line, mark_of
from viz.app.job_view import Work, WorkPanel
from viz.app.texts import Texts
from viz.app.widgets import Plain
from viz.app.work import SERIES
from viz.app.world_view import Graphs

TITLES = {
    "price": "chart.price",
    "price_outside": "compare.price_outside",
    "use": "chart.use",
    "shortage": "chart.shortage",
    "stock_cover": "chart.cover",
    "mined": "compare.mined",
    "refined": "compare.refined",
    "secondary_supply": "compare.recycled",
    "in_use_stock": "chart.in_use",
    "eol_recycling_rate": "compare.rate",
    "recycled_content": "compare.content",
}


@solara.component
def CompareView(work: Work, scenario: Scenario, texts: Texts, metal: str) -> None:
    """Start, watch, and read the comparison."""
    with solara.Div(classes=["lf-body"]):
        with solara.Div(classes=["lf-panel"]):
            Plain(texts("compare.title"), tag="h2")
            Plain(texts("compare.what", name=scenario.title or scenario.name, shocks=len(scenario.shocks)))
            with solara.Div(classes=["lf-buttons"]):
                solara.Button(
                    texts("compare.run"),
                    icon_name="mdi-play-circle",
                    color="primary",
                    on_click=lambda: work.start(["compare"], scenario.to_toml()),
                    disabled=work.progress is not None and work.progress.state == "running",
                    classes=["lf-compare"],
                )
            WorkPanel(work, texts)
        if work.folder is not None:
            Results(work.folder, texts, metal)


@solara.component
def Results(folder: Path, texts: Texts, metal: str) -> None:
    """Table, difference charts, flow pictures and the charts of the report."""
    figures = solara.use_memo(lambda: read_figures(folder), [str(folder)])
    scenario = figures["scenario"]
    with solara.Div(classes=["lf-panel", "lf-scroll"]):
        Plain(texts("compare.table"), tag="h2")
        Table(*summary_table(figures["summary"], texts))
        Plain(texts("compare.table_note"), "lf-note")
    heads, rows = hits_table(figures["hits"], metal, texts)
    if rows:
        with solara.Div(classes=["lf-panel", "lf-scroll"]):
            Plain(texts("compare.hits", metal=texts.metal(metal)), tag="h2")
            Table(heads, rows)
            Plain(texts("compare.hits_note"), "lf-note")
    first, months = parse_month(scenario["world"]["start"]), figures["months"]
    events = [event for event in figures["events"] if not event["metals"] or metal in event["metals"]]
    marks = [mark_of(event, first, months, texts) for event in events]
    axis = {"first": first, "months": months, "t": months, "marks": marks}
    Graphs(differences(figures, metal, texts), axis, texts, f"{scenario['name']}-{metal}-difference")
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
    for name, (_, _, _, unit) in SERIES.items():
        lines = series.get(name)
        if lines is None or "shock" not in lines or (name == "price" and "price_outside" in series):
            continue
        with_it = np.array(lines["shock"])
        without = np.array(lines.get("baseline") or series["price"]["baseline"])
        title = texts("compare.difference", what=texts(TITLES[name]))
        charts.append(
            Chart(
                f"difference-{name}".replace("_", "-"),
                title,
                unit,
                [Line(texts("compare.line"), "live", with_it - without)],
            )
        )
    return charts


RANKED = 5
"""Countries and products in the table of who is hit hardest."""
KPIS = ("metal", "peak", "when", "low", "short", "lost", "back", "hit", "product", "rate", "recycled", "ore")
"""Columns of the table of indicators."""


def summary_table(summary: list[dict[str, Any]], texts: Texts) -> tuple[list[str], list[list[str]]]:
    """Heads and rows of the table of indicators, one row per metal."""
    heads = [texts(f"kpi.{name}") for name in KPIS]
    return heads, [_row(row, texts) for row in summary]


def _row(row: dict[str, Any], texts: Texts) -> list[str]:
    peak = str(row["price_peak_date"])[:7]
    months = row["months_to_recover"]
    back = texts("kpi.not") if months is None else texts("kpi.months", months=f"{months:.0f}")
    rates = [words.percent(_number(row[name])) for name in ("recycling_rate", "recycling_rate_baseline")]
    return [
        texts.metal(str(row["metal"])),
        f"{words.significant(_number(row['price_peak_ratio']))} × ({words.usd(_number(row['price_peak']))})",
        texts.month(parse_month(peak)),
        f"{words.significant(_number(row['price_low_ratio']))} ×",
        f"{words.tonnes(_number(row['shortage_t']))} ({words.percent(_number(row['shortage_pct']) / 100)})",
        f"{words.tonnes(_number(row['use_lost_t']))} ({words.percent(_number(row['use_lost_pct']) / 100)})",
        back,
        _hit(row, "country", texts.region, texts),
        _hit(row, "product", lambda code: texts.name("product", code), texts),
        texts("kpi.rates", now=rates[0], without=rates[1]),
        _change(row, "recycled_more", 1.0, texts),
        _change(row, "primary_avoided", -1.0, texts),
    ]


def _hit(row: dict[str, Any], who: str, name: Callable[[str], str], texts: Texts) -> str:
    """Who loses the largest share of its own normal use."""
    code = str(row[f"hit_{who}"] or "")
    share, lost = words.percent(_number(row[f"hit_{who}_pct"]) / 100), words.tonnes(_number(row[f"hit_{who}_t"]))
    return texts("kpi.hit_cell", name=name(code), share=share, tonnes=lost) if code else "–"


def _change(row: dict[str, Any], column: str, sign: float, texts: Texts) -> str:
    """A flow against the world without the shocks, in t and per cent."""
    amount, share = sign * _number(row[f"{column}_t"]), sign * _number(row[f"{column}_pct"])
    return texts("kpi.change", tonnes=words.tonnes(amount, sign=True), share=words.percent(share / 100, sign=True))


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
            cells += [name(hit.name), words.percent(hit.share), words.tonnes(hit.tonnes)] if hit else ["–"] * 3
        rows.append(cells)
    return heads, rows


def _number(value: Any) -> float:
    """A number of a JSON table, nan where it holds none."""
    return float("nan") if value is None else float(value)


@solara.component
def Table(heads: list[str], rows: list[list[str]]) -> None:
    """A plain table; everything in it is text."""
    head = rv.Html(
        tag="tr", children=[rv.Html(tag="th", attributes={"scope": "col"}, children=[text]) for text in heads]
    )
    body = [rv.Html(tag="tr", children=[rv.Html(tag="td", children=[text]) for text in row]) for row in rows]
    rv.Html(tag="table", children=[rv.Html(tag="thead", children=[head]), rv.Html(tag="tbody", children=body)])


@solara.component
def Pictures(folder: Path, texts: Texts, metal: str) -> None:
    """Where a tonne goes with and without the shocks, and the charts of the report for the metal."""
    flows = [folder / "flows" / f"{metal}-{name}.png" for name in ("baseline", "shock")]
    charts = sorted((folder / "run" / "charts").glob(f"[0-9][0-9]-{metal}-*.png"))
    shown = [path for path in charts if not path.stem.endswith(("-flows", "-profile"))]
    Album(texts("compare.flows"), [path for path in flows if path.is_file()], [texts("line.base"), texts("line.live")])
    Album(texts("compare.charts"), shown, [])


@solara.component
def Album(title: str, paths: list[Path], names: list[str]) -> None:
    """Pictures under a heading, the first ones with names; nothing without pictures."""
    if not paths:
        return
    with solara.Div(classes=["lf-panel"]):
        Plain(title, tag="h2")
        with solara.Div(classes=["lf-pictures"]):
            for i, path in enumerate(paths):
                with solara.Div():
                    if i < len(names):
                        Plain(names[i], tag="b")
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
