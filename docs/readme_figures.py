"""Writes the figures of the README from new runs: `python -m docs.readme_figures` (about half a minute).

Every block between `<!-- begin NAME -->` and `<!-- end NAME -->` is what the command beside it prints. Not written here: the
pictures (`python -m docs.make_images`, `python -m docs.make_dashboard_picture`) and the speed (`python -m benchmarks`).
"""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from docs.blocks import rewritten
from lodeflow import data

if TYPE_CHECKING:
    from lodeflow.experiments.run.results import Outcome

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
SCENARIO, METAL = "drc-cobalt-export-ban", "cobalt"
SHOWN = ("cobalt", "lithium")
"""Metals whose rows of the printed tables are shown."""
WIDTH = 125
ETA = "parameters.eta.cobalt"
MISTAKES = (("strength", "strenght"), ("IDN", "INDO"))


@cache
def outcome(*assignments: str) -> Outcome:
    """The run of the scenario, all metals, with some values changed."""
    import lodeflow

    return lodeflow.run(SCENARIO, list(assignments))


@cache
def printed() -> str:
    """What `lodeflow run drc-cobalt-export-ban` prints."""
    from lodeflow.print.run import print_outcome
    from lodeflow.viz.frames import Labels

    tables, text = data.shared(), io.StringIO()
    with contextlib.redirect_stdout(text):
        print_outcome(outcome(), Labels.of(tables.countries, tables.metals, tables.products))
    return text.getvalue()


def tables_of(text: str) -> list[list[list[list[str]]]]:
    """The tables in a printed text: table -> row (the head first) -> cell -> its lines."""
    tables: list[list[list[list[str]]]] = []
    for line in text.splitlines():
        if line.startswith("┏"):
            tables.append([])
        cells = [cell.strip() for cell in re.split("[│┃]", line)[1:-1]]
        if cells and cells[0]:
            tables[-1].append([[cell] for cell in cells])
        elif cells:
            for cell, more in zip(tables[-1][-1], cells, strict=True):
                cell.append(more)
    return tables


def plain(table: list[list[list[str]]]) -> list[str]:
    """A table as lines of text: the head, the rows of the metals shown, as many columns as fit."""
    head, *rows = table
    rows = [head, *(row for row in rows if row[0][0] in SHOWN)]
    widths = [max(len(line) for row in rows for line in row[column]) for column in range(len(head))]
    fit = sum(sum(widths[:count]) + 2 * (count - 1) <= WIDTH for count in range(1, len(widths) + 1))
    lines = []
    for row in rows:
        for number in range(max(map(len, row[:fit]))):
            cells = [cell[number] if number < len(cell) else "" for cell in row[:fit]]
            lines.append("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=False)).rstrip())
    return [line for line in lines if line]


def run_block() -> str:
    """The rows of the printed tables, and the lines on who exports less and more."""
    text = printed()
    blocks = ["\n".join(plain(table)) for table in tables_of(text)]
    lines = [line for line in text.splitlines() if line.startswith(f"{METAL}, exports")]
    return indented("\n\n".join([*blocks, *lines]))


def observed_block() -> str:
    """How far the simulated price of 2025 is from the observed one."""
    from lodeflow.viz.charts.price import month_before
    from lodeflow.viz.charts.seen import seen_prices
    from lodeflow.viz.frames import Run
    from lodeflow.viz.observed import Observed

    run = Run.of(outcome())
    price = run.side_price(METAL, "outside")
    price = price if len(price) else run.line(METAL, "price")
    one = month_before(run, METAL)
    seen = seen_prices(run, METAL, Observed.of(data.shared()), one, price.index[0], price.index[-1])
    return textwrap.fill(f"*{' '.join(seen.notes(price)[-1:])}*", WIDTH)


def eta_block() -> str:
    """The highest price with another elasticity."""
    from lodeflow.viz.words import times

    known = data.shared().parameters.query("parameter == 'eta' and scope == 'cobalt'")["value"].iloc[0]
    first, changed = (
        float(run.summary.set_index("metal")["price_peak_ratio"][METAL]) for run in (outcome(), outcome(f"{ETA}=0.8"))
    )
    return (
        f"`eta` says how strongly the price answers to scarcity; with 0.8 instead of {known:g} for cobalt the highest price is\n"
        f"{times(changed).removesuffix(' times')} instead of {times(first)} the price without the ban."
    )


def check_block() -> str:
    """What `lodeflow check` says to the scenario of the README with two mistakes in it."""
    (text,) = re.findall(r"^```toml\n(.*?)^```", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    for right, wrong in MISTAKES:
        text = text.replace(right, wrong)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "mine.toml").write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "lodeflow", "check", "mine.toml"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)
    return indented((done.stdout + done.stderr).strip())


def python_block() -> str:
    """What the Python example prints."""
    (code,) = re.findall(r"^```python\n(.*?)^```", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    code = code.replace(f'lf.run("{SCENARIO}")', "outcome_of_the_block")
    text = io.StringIO()
    with contextlib.redirect_stdout(text), pd.option_context("display.width", WIDTH):
        exec(compile(code, "README.md", "exec"), {"__name__": "readme", "outcome_of_the_block": outcome()})
    return indented(text.getvalue().rstrip())


def indented(text: str) -> str:
    """A block of code in Markdown, between empty lines."""
    return "\n" + "\n".join(f"    {line.rstrip()}" if line.strip() else "" for line in text.splitlines()) + "\n"


BLOCKS: dict[str, Callable[[], str]] = {
    "run": run_block,
    "observed": observed_block,
    "eta": eta_block,
    "check": check_block,
    "python": python_block,
}


def with_figures(text: str) -> str:
    """The text with every block written anew. Raises ValueError if one does not stand in it exactly once."""
    return rewritten(text, BLOCKS)


def main() -> None:
    """Rewrite the README."""
    README.write_text(with_figures(README.read_text(encoding="utf-8")), encoding="utf-8")
    print("README.md rewritten")


if __name__ == "__main__":
    main()
