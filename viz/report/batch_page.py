"""One page and its charts for whatever was made of several runs: a summary of a batch, an analysis, a comparison."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.viz.language import say
from lodeflow.viz.report.page import page_template, picture, save

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lodeflow.experiments.batch.store import Batch
    from lodeflow.viz.frames import Labels

TEMPLATE = "batch.html"


@dataclass(frozen=True)
class PageTable:
    """A table of a page: title, names of the columns, rows of text, and a note above it."""

    title: str
    head: list[str]
    rows: list[list[str]]
    note: str = ""


@dataclass(frozen=True)
class Page:
    """What a page says: title, line below it, main sentences, notes, tables, and how to read the numbers."""

    title: str
    subtitle: str
    headline: list[str]
    notes: list[str] = field(default_factory=list)
    tables: list[PageTable] = field(default_factory=list)
    reading: list[str] = field(default_factory=list)


def batch_labels(batch: Batch) -> Labels:
    """Names of metals and places, from the tables that the batch was made with."""
    from lodeflow import data
    from lodeflow.data.quality import illustrative
    from lodeflow.experiments.batch.layout import DATA
    from lodeflow.viz.frames import Labels

    own = batch.folder / DATA
    tables = data.shared(own if own.is_dir() else None)
    return Labels.of(tables["countries"], tables["metals"]).marked(illustrative(tables))


def write_page(folder: Path, page: Page, charts: Iterable[tuple[str, Figure]], batch: Batch) -> Path:
    """Write the page of something made from a batch; arguments as `write_pictures`."""
    return write_pictures(folder, page, charts, _facts(batch))


def write_pictures(
    folder: Path, page: Page, charts: Iterable[tuple[str, Figure]], facts: dict[str, Any], source: str = "The batch"
) -> Path:
    """Write `folder`/charts and `folder`/report.html, one page that needs nothing else, and return its path.

    folder: exists; page: the words; charts: name and figure, in the order of the page; facts: what it was made from, for the
    end of the page, below the heading `source`.
    """
    (folder / "charts").mkdir(exist_ok=True)
    pictures = []
    for number, (name, figure) in enumerate(charts):
        path = folder / "charts" / f"{number:02d}-{re.sub(r'[^a-z0-9-]+', '-', name.lower())}.png"
        save(figure, path)
        pictures.append(picture(path))
    text = page_template(TEMPLATE).render(**vars(page), pictures=pictures, facts=facts, source=source)
    target, temporary = folder / "report.html", folder / ".report.html.tmp"
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, target)
    return target


def _facts(batch: Batch) -> dict[str, Any]:
    """What the batch was made with, for the end of the page."""
    about = batch.manifest
    return {
        "Folder": str(batch.folder),
        "Scenario": about["scenario"],
        "Period": say("{start} to {end}", start=about["start"], end=about["end"]),
        "Drawn inputs": len(about["factors"]),
        "Sampling": say(about["sampling"]),
        "Seed": about["seed"],
        "Versions": ", ".join(f"{name} {version}" for name, version in about["versions"].items()),
        "Data": about["data_hash"],
        "Made": about["created"],
    }
