"""What the second process of a report runs: it loads what drawing needs, waits for a job, draws, and says what is drawn."""

from __future__ import annotations

import gc
import json
import os
import sys
from pathlib import Path

from lodeflow import data
from lodeflow.experiments.plugins import kinds
from lodeflow.viz import style
from lodeflow.viz.charts.registry import in_order
from lodeflow.viz.frames import Labels, Run
from lodeflow.viz.language import reading
from lodeflow.viz.observed import Observed
from lodeflow.viz.report.handed import HANDED, handed_over
from lodeflow.viz.report.pictures import draw_in_two


def warm_up() -> None:
    """Load what is loaded at the first picture: charts, fonts, the writer of files."""
    in_order()
    figure = style.new_figure(1.0)
    figure.subplots().set_title("0")
    style.png(figure)


def main(data_folder: str | None) -> None:
    """Wait for a job on standard input, draw, and say on standard output what is drawn."""
    gc.disable()  # it ends when it has drawn
    kinds()
    tables = data.load(data_folder)
    warm_up()
    text = sys.stdin.read()
    if not text:
        return
    job = json.loads(text)
    folder = Path(job["folder"])
    with reading(job["language"]):
        labels = Labels.of(tables.countries, tables.metals, tables.products, Observed.of(tables))
        run = Run.read(folder, job["manifest"], handed_over(folder / HANDED))
        print(json.dumps([file.name for file in draw_in_two(run, labels, folder / "charts")]), flush=True)
    os._exit(0)  # whoever waits need not wait until everything is put away


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
