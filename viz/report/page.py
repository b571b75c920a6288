"""Charts and report of a run folder: PNG files that carry their captions, and one HTML page that needs nothing else."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable, Mapping
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from lodeflow.data.plain import plain_lines
from lodeflow.viz import charts, style
from lodeflow.viz.charts.decisions import taken_by
from lodeflow.viz.charts.registry import wanted
from lodeflow.viz.decided import decision_rows
from lodeflow.viz.frames import Labels, Run
from lodeflow.viz.language import language, say, told
from lodeflow.viz.observed import Observed
from lodeflow.viz.report import story
from lodeflow.viz.report.supply import movements_of, supply_table

if TYPE_CHECKING:
    from jinja2 import Template
    from matplotlib.figure import Figure

    from lodeflow.viz.report.second import Second

TEMPLATES = Path(__file__).parent / "templates"
TEMPLATE = "report.html"
CHART_FILE = re.compile(r"\d\d-[\w-]+\.png")
MOST = 4  # metals shown in a report


def write_charts(
    folder: Path | str,
    countries: pd.DataFrame | None = None,
    metals: pd.DataFrame | None = None,
    manifest: dict[str, Any] | None = None,
    observed: Observed | None = None,
) -> list[Path]:
    """Draw the charts of a run folder into `folder`/charts and return the files, in the order of the report.

    folder: a run folder; countries, metals: the data tables (names, places, colours; left out: the shipped ones);
    manifest: stands in for a manifest.json that is not written yet; observed: prices drawn beside the model (left out:
    those shipped if the tables are the shipped ones, else none). Drawn are an overview of all metals and, with a
    shock, at most four metals that moved or that a shock names; without one, a page per metal. Charts of an earlier
    call are replaced. Texts are in English; inside `with viz.writing("zh"):` in Chinese.
    Raises FileNotFoundError if the folder is not a run folder.
    """
    run = Run.read(folder, manifest)
    return _draw_all(run, Labels.shipped(countries, metals, observed=observed), Path(folder) / "charts")


def write_report(
    folder: Path | str,
    countries: pd.DataFrame | None = None,
    metals: pd.DataFrame | None = None,
    manifest: dict[str, Any] | None = None,
    products: pd.DataFrame | None = None,
    observed: Observed | None = None,
    second: Second | None = None,
    frames: Mapping[str, pd.DataFrame] | None = None,
) -> Path:
    """Write `folder`/report.html, one page with everything in it, and return its path; arguments as `write_charts`.

    The charts are drawn anew; second: a process that draws half of them; frames: tables of the folder that need not be read.
    """
    folder = Path(folder)
    run, labels = Run.read(folder, manifest, frames), Labels.shipped(countries, metals, products, observed)
    pictures = [picture(path) for path in _draw_all(run, labels, folder / "charts", second)]
    page = _render(run, labels, pictures, movements_of(folder, frames))
    target, temporary = folder / "report.html", folder / ".report.html.tmp"
    temporary.write_text(page, encoding="utf-8")
    os.replace(temporary, target)
    return target


def _draw_all(run: Run, labels: Labels, target: Path, second: Second | None = None) -> list[Path]:
    target.mkdir(exist_ok=True)
    for old in target.iterdir():
        if CHART_FILE.fullmatch(old.name):
            old.unlink()
    plan, others = _plan(run, labels), set[int]()
    if second is not None:
        second.draw(target.parent, run.manifest, [*range(len(plan))[1::2]])
        for number in range(len(plan))[::2]:
            _draw(plan, number, target)
        others = {*range(len(plan))[::2], *second.drawn()}
    for number in range(len(plan)):
        if number not in others or not _path(plan, number, target).is_file():
            _draw(plan, number, target)
    return [_path(plan, number, target) for number in range(len(plan))]


def draw_some(folder: Path, labels: Labels, manifest: dict[str, Any], numbers: list[int]) -> list[int]:
    """Draw charts of a run folder by their place in the report, beside another process; returns those that are drawn."""
    plan = _plan(Run.read(folder, manifest), labels)
    for number in numbers:
        _draw(plan, number, folder / "charts")
    return numbers


Plan = list[tuple[str, Callable[[], "Figure"]]]
"""Name of every chart of the report, in their order, and what draws it."""


def _path(plan: Plan, number: int, target: Path) -> Path:
    return target / f"{number:02d}-{re.sub(r'[^a-z0-9-]+', '-', plan[number][0].lower())}.png"


def _draw(plan: Plan, number: int, target: Path) -> None:
    figure = plan[number][1]()
    save(figure, _path(plan, number, target))
    figure.clear()  # its parts hold each other, and would stay in memory until somebody looks for them


def _plan(run: Run, labels: Labels) -> Plan:
    labels = labels.marked(run.manifest.get("illustrative", []))
    plan: Plan = [("overview", partial(charts.overview, run, labels))]
    if len(taken_by(run)):
        plan.append(("decisions", partial(charts.decisions, run, labels)))
    if not run.has_shock:
        for metal in run.metals:
            plan.append((f"{metal}-profile", partial(charts.profile, run, metal, labels)))
            plan.append((f"{metal}-flows", partial(charts.flow_picture, run, metal, labels)))
        return plan
    moved = run.moved()
    quiet = [metal for metal in run.metals if run.named(metal) and metal not in moved]
    shown = [*moved, *quiet][:MOST]
    for metal in shown:
        for chart in wanted(run, metal, metal in moved):
            plan.append((f"{metal}-{chart.name}", partial(chart.draw, run, metal, labels)))
    others = [metal for metal in run.metals if metal not in shown and len(run.account(metal))]
    plan += [(f"{metal}-money", partial(charts.money, run, metal, labels)) for metal in others[: MOST - len(shown)]]
    return plan


def save(figure: Figure, path: Path) -> None:
    """Write a figure as a PNG file, see `style.png`."""
    path.write_bytes(style.png(figure))


def picture(path: Path) -> dict[str, Any]:
    """A chart file as the template wants it: data address, title, caption, size in pixels."""
    from PIL import Image

    data = path.read_bytes()
    with Image.open(BytesIO(data)) as image:
        image.load()
        text, (width, height) = getattr(image, "text", {}), image.size
    address = f"data:image/png;base64,{base64.b64encode(data).decode('ascii')}"
    about = {"title": str(text.get("Title", path.stem)), "caption": str(text.get("Description", ""))}
    return {"address": address, "width": width, "height": height, **about}


def page_template(name: str) -> Template:
    """The template of a page: every value is escaped, and control characters in it are left out."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    def shown(value: Any) -> Any:
        return plain_lines(value) if type(value) is str else value

    def marked(english: str, **gaps: Any) -> str:
        text = Markup(say(english))
        return text.format(**{gap: shown(value) for gap, value in gaps.items()}) if gaps else text

    loader = FileSystemLoader(TEMPLATES)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, finalize=shown)
    environment.globals |= {"say": marked, "language": language()}
    environment.filters["said"] = say  # of a text that is no sentence of the template, and is escaped
    return environment.get_template(name)


def _render(run: Run, labels: Labels, pictures: list[dict[str, Any]], movements: pd.DataFrame | None) -> str:
    shown = run.moved() if run.has_shock else []
    versions = run.manifest.get("versions")
    return page_template(TEMPLATE).render(
        title=run.about["title"],
        description=run.about["description"],
        headline=story.headline(run, labels, shown),
        summary=story.summary_table(run, labels),
        why=story.why_table(run, labels, shown),
        hits=story.hits_table(run, labels, shown),
        kpis=story.kpi_table(run, labels, shown or run.metals),
        reliance=story.reliance_table(run, labels, shown or run.metals),
        supply=supply_table(movements, labels, (shown or run.metals)[:MOST]),
        events=story.event_rows(run, labels),
        decisions=decision_rows(run, labels),
        pictures=pictures,
        band_failures=run.manifest.get("band_failures", ""),
        has_shock=run.has_shock,
        scenario_text=run.scenario_text,
        versions=versions if isinstance(versions, dict) else {},
        facts={
            key: run.manifest.get(key, "–") for key in ("seed", "start", "end", "data_hash", "created", "wall_seconds")
        }
        | {"given": told(str(run.manifest.get("given", "–")))},
    )
