"""Charts, words and page of a scoreboard: plain ticks, marked start, honest sentences, nothing loaded from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from lodeflow.experiments.judge.hindcast.scoreboard import Played, Scoreboard, assemble
from lodeflow.experiments.judge.hindcast.volumes import COLUMNS
from lodeflow.viz import style
from lodeflow.viz.frames import Labels
from lodeflow.viz.report import hindcast
from lodeflow.viz.report import hindcast_words as told

LABELS = Labels(countries={"CHN": "China"})
LINE = {"metal": "gallium", "variable": "price", "form": "refined"}


def played(name: str, region: str, simulated: list[float], observed: dict[int, float], static: float) -> Played:
    """A made-up episode of July 2023: simulated ratios from month 0 on, observed ones by month."""
    months = np.arange(-6, len(simulated))
    dates = pd.date_range("2023-01-01", periods=len(months), freq="MS").strftime("%Y-%m")
    values = np.r_[np.ones(6), simulated]
    line = pd.DataFrame({"month": months, "date": dates, "simulated": values})
    line = line.assign(episode=name, region=region, static=np.where(months >= 0, static, 1.0), **LINE)
    points = line.merge(pd.DataFrame({"month": list(observed), "observed": list(observed.values())}), on="month")
    about = {
        "episode": name,
        "events": "E1",
        "title": f"Case <{name}>",
        "kind": "supply",
        "conditional": True,
        "given": "exports",
    }
    volumes = pd.DataFrame(columns=COLUMNS)
    return Played(about | {"month0": "2023-07"}, points.assign(source="a source"), line, volumes)


@pytest.fixture(scope="module")
def board() -> Scoreboard:
    high = played("too-high", "outside CHN", [1.5, 4.0, 4.0, 4.0, 4.0, 4.0], {0: 1.2, 3: 2.0, 5: 2.0}, 1.1)
    near = played("near", "WLD", [1.0, 1.02, 1.0, 0.99], {1: 1.0, 3: 1.0}, float("nan"))
    return assemble(
        [high, near], {"versions": {"lodeflow": "1"}, "parameters": "p", "changed_parameters": {}, "created": "t"}
    )


def visible_ticks(figure: Figure) -> list[str]:
    figure.canvas.draw()
    ax = figure.axes[0]
    low, high = ax.get_ylim()
    return [
        label.get_text() for label, at in zip(ax.get_yticklabels(), ax.get_yticks(), strict=True) if low <= at <= high
    ]


def test_an_episode_shows_simulated_observed_and_both_rules(board: Scoreboard) -> None:
    figure = hindcast.episode(board, "too-high", LABELS)
    (ax,) = figure.axes
    labels = {line.get_label(): line for line in ax.get_lines()}
    assert {"no change", "static rule", "simulated", "observed"} <= set(labels)
    assert np.asarray(labels["observed"].get_ydata()).tolist() == [1.2, 2.0, 2.0]
    assert np.asarray(labels["simulated"].get_ydata())[-1] == 4.0
    assert ax.get_yscale() == "log"
    assert "outside China" in ax.get_ylabel()
    assert visible_ticks(figure)
    assert "start, Jul 2023" in "".join(text.get_text() for text in ax.texts)
    assert "worse than “no change”" in style.title_of(figure)


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [(0.9, 1.12, ["0.9", "0.95", "1", "1.05", "1.1"]), (0.9, 14.0, ["1", "2", "4", "8", "16"])],
)
def test_ticks_are_plain_numbers(low: float, high: float, wanted: list[str]) -> None:
    figure = style.new_figure()
    hindcast.ratio_axis(figure.subplots(), low, high)
    assert visible_ticks(figure) == wanted


@pytest.mark.parametrize(("low", "high"), [(0.999, 1.001), (0.01, 1.1), (0.9, 3.2), (0.5, 200.0), (1e-3, 1e3)])
def test_any_span_has_a_few_ticks(low: float, high: float) -> None:
    figure = style.new_figure()
    hindcast.ratio_axis(figure.subplots(), min(low, 0.9), max(high, 1.12))
    assert 2 <= len(visible_ticks(figure)) <= 9


def test_the_summary_names_both_averages(board: Scoreboard) -> None:
    figure = hindcast.summary(board)
    widths = [bar.get_width() for bar in figure.axes[0].patches]
    whole = board.totals.set_index("group").loc["all"]
    assert any(width == pytest.approx(whole["mean_error"]) for width in widths)
    assert any(width == pytest.approx(whole["no_change_error"]) for width in widths)
    assert "in 0 of 2 episodes" in style.title_of(figure)


def test_misses_are_said(board: Scoreboard) -> None:
    text = " ".join(told.misses(board, "too-high", LABELS))
    assert "Largest error in month 3 (Oct 2023): simulated 4.0 times the level before, observed 2.0 times" in text
    assert "too high by a factor of 2.0" in text
    assert "Here “no change” comes nearer" in text
    near = " ".join(told.misses(board, "near", LABELS))
    assert "No point is off by more than 2.0 %" in near


def test_the_page_needs_nothing_else_and_escapes_titles(board: Scoreboard, tmp_path: Path) -> None:
    page = hindcast.write_page(board, tmp_path, LABELS).read_text(encoding="utf-8")
    assert "Case &lt;too-high&gt;" in page
    assert "<too-high>" not in page
    assert not re.search(r"""(src|href)=["'](?!data:)""", page)
    assert page.count("data:image/png;base64,") == 3
    assert {path.name for path in tmp_path.iterdir()} == {"charts", "page.html"}
    for sentence in told.misses(board, "near", LABELS):
        assert sentence in page
