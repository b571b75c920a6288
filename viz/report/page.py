"""Charts and report of a run folder: PNG files that carry their captions, and one HTML page that needs nothing else."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from lodeflow.data.plain import plain_lines
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
    from lodeflow.viz.report.pictures import draw_all

    run = Run.read(folder, manifest)
    return draw_all(run, Labels.shipped(countries, metals, observed=observed), Path(folder) / "charts")


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

    The charts are drawn anew; second: a process that draws them meanwhile; frames: tables of the folder that need not be read.
    """
    folder = Path(folder)
    if second is not None:
        second.draw(folder, manifest, frames)
    run, labels = Run.read(folder, manifest, frames), Labels.shipped(countries, metals, products, observed)
    text = _text(run, labels, movements_of(folder, frames))
    files = second.drawn() if second is not None else []
    if not files:
        from lodeflow.viz.report.pictures import draw_all

        files = draw_all(run, labels, folder / "charts")
    page = page_template(TEMPLATE).render(pictures=[picture(path) for path in files], **text)
    target, temporary = folder / "report.html", folder / ".report.html.tmp"
    temporary.write_text(page, encoding="utf-8")
    os.replace(temporary, target)
    return target


def save(figure: Figure, path: Path) -> None:
    """Write a figure as a PNG file, see `style.png`."""
    from lodeflow.viz import style

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


def _text(run: Run, labels: Labels, movements: pd.DataFrame | None) -> dict[str, Any]:
    """What the page says, as its template wants it."""
    shown = run.moved() if run.has_shock else []
    versions = run.manifest.get("versions")
    return {
        "title": run.about["title"],
        "description": run.about["description"],
        "headline": story.headline(run, labels, shown),
        "summary": story.summary_table(run, labels),
        "why": story.why_table(run, labels, shown),
        "hits": story.hits_table(run, labels, shown),
        "kpis": story.kpi_table(run, labels, shown or run.metals),
        "reliance": story.reliance_table(run, labels, shown or run.metals),
        "supply": supply_table(movements, labels, (shown or run.metals)[: story.MOST]),
        "events": story.event_rows(run, labels),
        "decisions": decision_rows(run, labels),
        "band_failures": run.manifest.get("band_failures", ""),
        "has_shock": run.has_shock,
        "scenario_text": run.scenario_text,
        "versions": versions if isinstance(versions, dict) else {},
        "facts": {
            key: run.manifest.get(key, "–") for key in ("seed", "start", "end", "data_hash", "created", "wall_seconds")
        }
        | {"given": told(str(run.manifest.get("given", "–")))},
    }
