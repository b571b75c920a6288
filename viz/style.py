"""One look for all charts: colours with fixed meanings (`colors`), fonts, axes with units, titles that wrap, the source below."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable
from functools import partial, wraps
from io import BytesIO
from typing import Any, ParamSpec, TypeVar

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import date2num
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from lodeflow.data.plain import plain_lines
from lodeflow.viz import fonts, words, wrapping
from lodeflow.viz.colors import BASELINE as BASELINE
from lodeflow.viz.colors import COMPONENTS as COMPONENTS
from lodeflow.viz.colors import FAINT as FAINT
from lodeflow.viz.colors import INK as INK
from lodeflow.viz.colors import INSIDE as INSIDE
from lodeflow.viz.colors import OTHERS as OTHERS
from lodeflow.viz.colors import PLACE as PLACE
from lodeflow.viz.colors import PLACES as PLACES
from lodeflow.viz.colors import SERIES as SERIES
from lodeflow.viz.colors import SHOCK as SHOCK
from lodeflow.viz.language import named, say

P = ParamSpec("P")
R = TypeVar("R")

NEARLY_WHITE = 250  # of 255: the reduction to few colours must not tint the paper
WIDTH, DPI = 8.0, 160  # inches x dots per inch = 1280 pixels
TITLE_WRAP, NOTE_WRAP = 76, 132
NUMBER_GAP = re.compile(r"(?<=\d) (?=%|[kM]?t\b|USD|[一-鿿])")  # between a number and its unit: no line ends there
MONTH = pd.DateOffset(months=1)
TICK_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240)  # months between the names on a time axis
SETTINGS: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "axes.edgecolor": "#888888",
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.labelcolor": INK,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.linewidth": 2.2,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    "text.usetex": False,
    "savefig.facecolor": "white",
}


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Run `draw` with the settings above, whatever the reader's own matplotlib settings are."""

    @wraps(draw)
    def inside(*args: P.args, **kwargs: P.kwargs) -> R:
        with mpl.rc_context(fonts.with_signs(SETTINGS)):
            return draw(*args, **kwargs)

    return inside


class Picture(Figure):
    """A figure that a notebook shows by itself, as it looks in a report."""

    def _repr_png_(self) -> bytes:
        """The picture as a PNG file."""
        return png(self)


def new_figure(height: float = 4.5) -> Figure:
    """An empty white figure, 1280 pixels wide, `height` in inches, drawn without a screen."""
    figure = Picture(figsize=(WIDTH, height), dpi=DPI, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def plain(text: str) -> str:
    """Text from outside, safe from matplotlib's mathematics signs, without control characters."""
    return plain_lines(text).replace("$", r"\$")


def finish(figure: Figure, title: str, caption: str, manifest: dict[str, Any], note: str = "") -> Figure:
    """Add the title (the finding), the source line and the caption, which `caption_of` gives back.

    note: sentences that a reader needs to read the picture, one a line; they stand below it and go where it goes.
    """
    text = NUMBER_GAP.sub("\u00a0", " ".join(title.split()))
    lines = len(wrapping.lines(text, TITLE_WRAP))
    wrapped = "\n".join(wrapping.lines(text, min(TITLE_WRAP, wrapping.width(text) // max(lines, 1) + 10)))
    figure.suptitle(plain(wrapped), x=0.012, ha="left", fontsize=12, fontweight="bold")
    below = [*(part for line in note.splitlines() for part in wrapping.lines(line, NOTE_WRAP)), source(manifest)]
    x, side = (0.012, "left") if note else (0.99, "right")
    figure.supxlabel(plain("\n".join(below)), x=x, ha=side, fontsize=7.5 if note else 7, color="#555555")
    figure.set_label(caption)
    return figure


def caption_of(figure: Figure) -> str:
    """The one-line caption of a chart."""
    return str(figure.get_label())


def source_of(figure: Figure) -> str:
    """The source line of a chart, the last one below it; "" where it has none."""
    return str(figure.get_supxlabel()).rpartition("\n")[2]


def title_of(figure: Figure) -> str:
    """The title of a chart on one line."""
    return " ".join(figure.get_suptitle().replace(r"\$", "$").split())


@styled
def png(figure: Figure) -> bytes:
    """Return a figure as a PNG file of at most 256 colours (small files) with its title, caption and source inside."""
    from PIL import Image, PngImagePlugin

    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())  # type: ignore[attr-defined]
    about = PngImagePlugin.PngInfo()
    told = {"Title": title_of(figure), "Description": caption_of(figure), "Source": source_of(figure)}
    for key, text in told.items():
        about.add_itxt(key, text)
    image = Image.fromarray(pixels).convert("RGB")
    del pixels
    FigureCanvasAgg(figure)  # the canvas that it replaces held the pixels, 10 MB of a large picture
    small = image.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    colors = np.reshape(small.getpalette() or [], (-1, 3))
    colors[colors.min(axis=1) > NEARLY_WHITE] = 255
    small.putpalette(colors.ravel().tolist())
    file = BytesIO()
    small.save(file, "PNG", pnginfo=about)
    return file.getvalue()


def scenario_name(manifest: dict[str, Any]) -> str:
    """Title or name of the scenario in a manifest (a text, or a mapping with `title` or `name`)."""
    scenario = manifest.get("scenario", "")
    if isinstance(scenario, dict):
        scenario = named(
            "scenario_title", str(scenario.get("name")), scenario.get("title") or scenario.get("name") or ""
        )
    return str(scenario) or say("unnamed")


def source(manifest: dict[str, Any]) -> str:
    """'source: Lodeflow run <scenario>, seed, version, data, months': what it takes to draw the picture again."""
    versions = manifest.get("versions")
    version = versions.get("lodeflow", "?") if isinstance(versions, dict) else "?"
    parts = [
        say(
            "source: Lodeflow run {name}, seed {seed}, version {version}",
            name=wrapping.shorten(scenario_name(manifest), 80),
            seed=manifest.get("seed", "?"),
            version=version,
        )
    ]
    if manifest.get("data_hash"):
        parts.append(say("data {data}", data=str(manifest["data_hash"])[: words.SHORT]))
    if manifest.get("start") and manifest.get("end"):
        parts.append(say("{start} to {end}", start=manifest["start"], end=manifest["end"]))
    return say(", ").join(parts)


def place_colors(codes: Iterable[str]) -> dict[str, str]:
    """A colour per place: fixed for the large ones, by name for the others, never twice while colours last."""
    chosen: dict[str, str] = {}
    codes = list(dict.fromkeys(codes))
    for code in sorted(codes, key=lambda c: (c not in PLACE, codes.index(c))):
        if code in ("ROW", ""):
            chosen[code] = OTHERS
            continue
        first = PLACES.index(PLACE[code]) if code in PLACE else zlib.crc32(code.encode()) % len(PLACES)
        order = PLACES[first:] + PLACES[:first]
        chosen[code] = next((color for color in order if color not in chosen.values()), order[0])
    return chosen


def date_axis(ax: Axes, start: pd.Timestamp, end: pd.Timestamp, ticks: int = 9) -> None:
    """Months on the x axis, from `start` to the end of the month `end`, at most `ticks` of them named."""
    last = end + MONTH
    ax.set_xlim(number(start), number(last))
    months = pd.date_range(start.to_period("M").to_timestamp(), last, freq="MS")
    counted = [(months.year * 12 + months.month - 1) % step == 0 for step in TICK_STEPS]
    step = next((i for i, hits in enumerate(counted) if hits.sum() <= ticks), len(TICK_STEPS) - 1)
    shown = [month for month in months[counted[step]] if start <= month <= last]
    names = [f"{month:%Y}" if TICK_STEPS[step] >= 12 else words.month(month) for month in shown]
    ax.set_xticks([number(month) for month in shown], names)


def middle(line: pd.Series | pd.DataFrame) -> pd.DatetimeIndex:
    """Where the values of months are drawn: in the middle of each month."""
    return pd.DatetimeIndex(line.index) + pd.Timedelta(days=14)


def number(when: pd.Timestamp) -> float:
    """A date as matplotlib counts it (days)."""
    return float(date2num(when.to_pydatetime()))


def from_zero(ax: Axes, largest: float, room: float = 1.15) -> None:
    """Let the y axis start at zero and end a little above `largest`."""
    ax.set_ylim(0, room * largest if largest > 0 else 1.0)


def tick_text(value: float) -> str:
    """A number on an axis: thousands separators, as many decimals as it has, zero without a sign."""
    text = f"{value:,.6f}".rstrip("0").rstrip(".")
    return "0" if text in ("0", "-0") else text.replace("-", "−")


def mass_axis(ax: Axes, largest: float, what: str, per: str = "", axis: str = "y") -> None:
    """Label an axis whose data are in t with the unit that reads well: 'what (kt per month)'."""
    size, unit = words.mass_unit(largest)
    one = ax.yaxis if axis == "y" else ax.xaxis
    one.set_major_formatter(FuncFormatter(lambda value, _: tick_text(value / size)))
    one.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10], min_n_ticks=3))
    one.set_label_text(say("{what} ({unit})", what=what, unit=words.unit(unit, per)))


def percent_axis(ax: Axes, largest: float, what: str) -> None:
    """Label a y axis whose data are shares (1 = 100 %)."""
    ax.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10], min_n_ticks=3))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick_text(100 * value)))
    ax.set_ylabel(say("{what} ({unit})", what=what, unit="%"))


def usd_axis(ax: Axes) -> None:
    """Label a y axis in USD/t with thousands separators."""
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick_text(value)))
    ax.set_ylabel(say("price (USD per t of metal)"))


def index_axis(ax: Axes, one: str, usd_per_one: float) -> None:
    """Label a y axis on which 1 is the price of the month `one`, and on the right the same in USD/t of the model."""
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10], min_n_ticks=3))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick_text(value)))
    ax.set_ylabel(say("price (1 = {one})", one=one))
    if usd_per_one > 0:
        right = ax.secondary_yaxis(
            "right", functions=(partial(np.multiply, usd_per_one), partial(np.multiply, 1 / usd_per_one))
        )
        right.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
        right.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick_text(value)))
        right.set_ylabel(say("USD per t of metal, model"), fontsize=8.5)
        right.spines["right"].set_visible(True)


def key(ax: Axes, columns: int = 4, height: float = 1.0) -> None:
    """Legend in one line above the axes, away from the data; height: where it stands, heights of the axes (1: on top of them)."""
    if ax.get_legend_handles_labels()[0]:
        ax.legend(
            loc="lower left",
            bbox_to_anchor=(0.0, height),
            ncols=columns,
            borderaxespad=0.2,
            handlelength=1.6,
            columnspacing=1.2,
        )
