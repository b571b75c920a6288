"""Draws the pictures of the README from a real run: `python -m docs.make_images` (about half a minute)."""

from __future__ import annotations

import shutil
import tempfile
import tomllib
from pathlib import Path

import lodeflow
from lodeflow import viz

SCENARIO = "drc-cobalt-export-ban"
IMAGES = Path(__file__).parent / "images"
PICTURES = {"cobalt-price": "drc-cobalt-price.png", "cobalt-network": "drc-cobalt-trade.png"}
"""Name of the chart in a run folder, and of the picture in docs/images."""


def main() -> None:
    """Run the scenario in a temporary folder and keep two of its charts."""
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        outcome = lodeflow.run(SCENARIO)
        outcome.manifest["versions"][project["name"]] = project["version"]
        folder = outcome.write(Path(temporary) / SCENARIO)
        for chart in viz.write_charts(folder):
            picture = PICTURES.get(chart.stem.partition("-")[2])
            if picture:
                shutil.copy(chart, IMAGES / picture)
                print(f"docs/images/{picture}")


if __name__ == "__main__":
    main()
