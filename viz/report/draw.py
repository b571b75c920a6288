"""What the second process of a report runs: it imports what drawing needs, waits for a job, draws, and says what is drawn."""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path

from lodeflow import data
from lodeflow.experiments.plugins import kinds
from lodeflow.viz.frames import Labels
from lodeflow.viz.language import reading
from lodeflow.viz.observed import Observed
from lodeflow.viz.report.page import draw_some


def main(data_folder: str | None) -> None:
    """Wait for a job on standard input, draw, and say on standard output what is drawn."""
    gc.disable()  # it ends when it has drawn
    text = sys.stdin.read()
    if not text:
        return
    kinds()
    job, tables = json.loads(text), data.load(data_folder)
    with reading(job["language"]):
        labels = Labels.of(tables.countries, tables.metals, tables.products, Observed.of(tables))
        print(json.dumps(draw_some(Path(job["folder"]), labels, job["manifest"], job["numbers"])))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
