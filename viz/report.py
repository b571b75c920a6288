"""Charts and report of a run folder: PNG files that carry their captions, and one HTML page that needs nothing else."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from experiments.moved import USE_MOVED
from viz import charts, story, style
from viz.frames import Labels, Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TEMPLATES = Path(__file__).parent / "templates"
TEMPLATE = "report.html"
NEARLY_WHITE = 250  # of 255: the reduction to few colours must not tint the paper
CHART_FILE = re.compile(r"\d\d-[\w-]+\.png")
SHOCK_CHARTS: dict[str, Callable[[Run, str, Labels], Figure]] = {
    "price": charts.price,
    "shortage": charts.shortage,
    "suppliers": charts.suppliers,
    "network": charts.network,
    "why": charts.why,
    "stocks": charts.stocks,
    "flows": charts.flow_picture,
}
MOST = 4  # metals shown in a report
SIDE_CHARTS = {"price", "why", "stocks"}  # enough for a metal that moves though no shock names it
QUIET_CHARTS = {"stocks", "flows"}  # for one that a shock or policy names and whose price stays: say, more recycling


def write_charts(
    folder: Path | str,
    countries: pd.DataFrame | None = None,
    metals: pd.DataFrame | None = None,
    manifest: dict[str, Any] | None = None,
) -> list[Path]:
    """Draw the charts of a run folder into `folder`/charts and return the files, in the order of the report.

    folder: a run folder; countries, metals: the data tables (names, places, colours; left out: the shipped ones);
    manifest: stands in for a manifest.json that is not written yet. Drawn are an overview of all metals and, with a
    shock, at most four metals that moved or that a shock names; without one, a page per metal. Charts of an earlier
    call are replaced.
    Raises FileNotFoundError if the folder is not a run folder.
    """
    run = Run.read(folder, manifest)
    return _draw_all(run, Labels.shipped(countries, metals), Path(folder) / "charts")


def write_report(
    folder: Path | str,
    countries: pd.DataFrame | None = None,
    metals: pd.DataFrame | None = None,
    manifest: dict[str, Any] | None = None,
    products: pd.DataFrame | None = None,
) -> Path:
    """Write `folder`/report.html, one page with everything in it, and return its path; arguments as `write_charts`.

    The charts are drawn anew.
    """
    folder = Path(folder)
    run, labels = Run.read(folder, manifest), Labels.shipped(countries, metals, products)
    pictures = [picture(path) for path in _draw_all(run, labels, folder / "charts")]
    page = _render(run, labels, pictures)
    target, temporary = folder / "report.html", folder / ".report.html.tmp"
    temporary.write_text(page, encoding="utf-8")
    os.replace(temporary, target)
    return target


def _draw_all(run: Run, labels: Labels, target: Path) -> list[Path]:
    target.mkdir(exist_ok=True)
    for old in target.iterdir():
        if CHART_FILE.fullmatch(old.name):
            old.unlink()
    files = []
    for number, (name, figure) in enumerate(_figures(run, labels)):
        path = target / f"{number:02d}-{re.sub(r'[^a-z0-9-]+', '-', name.lower())}.png"
        save(figure, path)
        files.append(path)
    return files


def _figures(run: Run, labels: Labels) -> Iterator[tuple[str, Figure]]:
    """Name and figure of every chart of the report, drawn one after the other."""
    yield "overview", charts.overview(run, labels)
    if not run.has_shock:
        for metal in run.metals:
            yield f"{metal}-profile", charts.profile(run, metal, labels)
        return
    moved = run.moved()
    quiet = [metal for metal in run.metals if run.named(metal) and metal not in moved]
    for metal in [*moved, *quiet][:MOST]:
        for name, draw in SHOCK_CHARTS.items():
            if name in _wanted(run, metal, metal in moved):
                yield f"{metal}-{name}", draw(run, metal, labels)


def _wanted(run: Run, metal: str, moved: bool) -> set[str]:
    """Charts worth drawing: all for a metal that a shock names and moves, less where it does only one of the two."""
    if not moved:
        return QUIET_CHARTS
    if run.touched(metal):
        return set(SHOCK_CHARTS)
    return SIDE_CHARTS | ({"shortage"} if run.lack(metal)[1] > USE_MOVED else set())


@style.styled
def save(figure: Figure, path: Path) -> None:
    """Write a figure as a PNG of at most 256 colours (small files) with its title and caption inside."""
    from PIL import Image, PngImagePlugin

    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())  # type: ignore[attr-defined]
    about = PngImagePlugin.PngInfo()
    for key, text in (("Title", style.title_of(figure)), ("Description", style.caption_of(figure))):
        about.add_itxt(key, text)
    image = Image.fromarray(pixels).convert("RGB")
    small = image.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    colors = np.reshape(small.getpalette() or [], (-1, 3))
    colors[colors.min(axis=1) > NEARLY_WHITE] = 255
    small.putpalette(colors.ravel().tolist())
    small.save(path, pnginfo=about)


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


def _render(run: Run, labels: Labels, pictures: list[dict[str, Any]]) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    shown = run.moved() if run.has_shock else []
    versions = run.manifest.get("versions")
    house = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    return house.get_template(TEMPLATE).render(
        title=run.about["title"],
        description=run.about["description"],
        headline=story.headline(run, labels, shown),
        summary=story.summary_table(run, labels),
        why=story.why_table(run, labels, shown),
        hits=story.hits_table(run, labels, shown),
        reliance=story.reliance_table(run, labels, shown or run.metals),
        events=story.event_rows(run, labels),
        pictures=pictures,
        band_failures=run.manifest.get("band_failures", ""),
        has_shock=run.has_shock,
        scenario_text=run.scenario_text,
        versions=versions if isinstance(versions, dict) else {},
        facts={
            key: run.manifest.get(key, "–") for key in ("seed", "start", "end", "data_hash", "created", "wall_seconds")
        },
    )
