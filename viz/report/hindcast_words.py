"""The sentences and table cells of a scoreboard: plain words made from its numbers, for the page and the documentation."""

from __future__ import annotations

from math import exp, isfinite, log
from typing import TYPE_CHECKING, Any

import pandas as pd

from lodeflow.viz import words
from lodeflow.viz.frames import Labels

if TYPE_CHECKING:
    from lodeflow.experiments.judge.hindcast.scoreboard import Scoreboard

GOOD, FAIR = 0.2, 0.5
"""Mean |ln error| up to which an episode is called close, and up to which rough."""
NEAR = 0.10
"""ln points within which two figures are called alike."""
TIE = 0.005
"""Mean errors (ln points) that differ by no more are alike."""
_ERRORS = ("points", "mean error", "median", "no change", "static rule", "bias")
SCORES = (*_ERRORS, "rises right", "falls right", "share of bias", "variance", "covariance")
"""Headings of the cells of scores."""
SMALL = 0.3
"""ln points below which an error is said in per cent."""


def about_of(board: Scoreboard, name: str) -> dict[str, Any]:
    """The row of an episode. Raises KeyError if there is none of that name."""
    return {str(row["episode"]): row for row in records(board.episodes)}[name]


def title_of(about: dict[str, Any]) -> str:
    """Title of an episode; of a series laid over a run, its name."""
    return str(about["title"]) if about["events"] else words.capital(str(about["episode"]))


def off(error: float) -> str:
    """A mean |ln error| in words: '4 %', 'a factor of 1.6'."""
    if error < SMALL:
        return words.percent(exp(error) - 1)
    return f"a factor of {words.significant(exp(error), 2)}"


def verdict(about: dict[str, Any]) -> str:
    """How near an episode comes, in a few words for a title."""
    error, none = about["mean_error"], about["no_change_error"]
    how = "close" if error <= GOOD else "rough" if error <= FAIR else "poor"
    better, worse = nearer(about, "mean_error", "no_change_error"), nearer(about, "no_change_error", "mean_error")
    beside = "better than" if better else "worse than" if worse else "no better than"
    return f"{how}, off by {off(error)}, {beside} “no change” ({off(none)})"


def nearer(row: dict[str, Any], one: str, other: str) -> bool:
    """Whether one error (column) is smaller than the other, by more than rounds away; False where there is none."""
    return bool(row[one] < row[other] - TIE)


def place(region: str, labels: Labels) -> str:
    """A region in words: 'world', 'outside China', 'China'."""
    if region == "WLD":
        return "world"
    before, outside, code = region.rpartition("outside ")
    return f"{before}{outside}{labels.region(code)}"


def misses(board: Scoreboard, name: str, labels: Labels) -> list[str]:
    """Where an episode misses, in plain words: largest error, height and time of the peak, signs, simple rules."""
    about = about_of(board, name)
    points = board.points[board.points["episode"] == name]
    worst = max(records(points), key=lambda point: abs(point["error"]))
    sentences = [_worst_sentence(worst, labels, several=len(set(points["region"])) > 1)]
    peaks = records(board.peaks[board.peaks["episode"] == name])
    sentences += [_peak_sentence(row, labels, several=len(peaks) > 1) for row in peaks]
    wrong = int(about["signs_counted"] - about["signs_right"])
    if wrong:
        sentences.append(f"The sign is wrong in {wrong} of {about['signs_counted']} moves above 3 %.")
    for rule, column in (("“no change”", "no_change_error"), ("the static rule", "static_error")):
        if nearer(about, column, "mean_error"):
            sentences.append(f"Here {rule} comes nearer ({about[column]:.2f} against {about['mean_error']:.2f}).")
    return sentences


def _worst_sentence(worst: dict[str, Any], labels: Labels, several: bool) -> str:
    error = abs(float(worst["error"]))
    where = f", {place(str(worst['region']), labels)}" if several else ""
    when = f"month {worst['month']} ({words.month(worst['date'])}{where})"
    pair = f"simulated {words.times(worst['simulated'])} the level before, observed {words.times(worst['observed'])}"
    if error < NEAR:
        return f"No point is off by more than {off(error)}; the largest error is in is {when}: {pair}."
    side = "high" if worst["error"] > 0 else "low"
    return f"Largest error in {when}: {pair}, too {side} by {off(error)}."


def _peak_sentence(row: dict[str, Any], labels: Labels, several: bool) -> str:
    """Compare height and month of the largest moves."""
    height = log(row["ratio_simulated"] / row["ratio_observed"])
    size = "about the right size" if abs(height) < NEAR else "too high" if height > 0 else "too low"
    pair = f"{words.times(row['ratio_simulated'])} in month {row['month_simulated']:.0f}"
    seen = f"{words.times(row['ratio_observed'])} in month {row['month_observed']:.0f}"
    where = f" ({place(str(row['region']), labels)})" if several else ""
    back = row["back_observed"], row["back_simulated"]
    text = f"Largest move{where}: simulated {pair}, observed {seen} ({size})"
    if all(value is not None and isfinite(value) for value in back) and back[0] > 0:
        text += f"; within 10 % of the level before again in month {back[1]:.0f}, observed {back[0]:.0f}"
    return f"{text}."


def episode_rows(board: Scoreboard) -> list[list[str]]:
    """Cells of the table of episodes: title, what was given, and see SCORES."""
    return [[title_of(row), str(row["given"]), *_score_cells(row)] for row in records(board.episodes)]


def total_rows(board: Scoreboard) -> list[list[str]]:
    """Cells of the table of totals: group, and see SCORES."""
    return [[f"{row['group']} ({row['episodes']})", *_score_cells(row)] for row in records(board.totals)]


def point_rows(board: Scoreboard, labels: Labels) -> list[list[str]]:
    """Cells of the table of points: episode, where, month, simulated and observed ratio, error in ln points."""
    return [
        [
            str(row["episode"]),
            place(str(row["region"]), labels),
            f"{row['month']} ({words.month(row['date'])})",
            f"{row['simulated']:.2f}",
            f"{row['observed']:.2f}",
            f"{row['error']:+.2f}".replace("-", "−"),
        ]
        for row in records(board.points)
    ]


def volume_rows(board: Scoreboard) -> list[list[str]]:
    """Cells of the table of quantities: episode, metal, what, input or not, rows, mean error, median ratio."""
    return [
        [
            str(row["episode"]),
            str(row["metal"]),
            str(row["what"]),
            "input" if row["given"] else "simulated",
            f"{row['rows']:.0f}",
            score_cell(row["mean_error"]),
            score_cell(row["median_ratio"]),
        ]
        for row in records(board.volume_scores)
    ]


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as dictionaries."""
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _score_cells(row: dict[str, Any]) -> list[str]:
    names = ("mean_error", "median_error", "no_change_error", "static_error")
    ways = [f"{row[f'{way}_right']} of {row[f'{way}_counted']}" for way in ("rises", "falls")]
    parts = [score_cell(row[name]) for name in ("bias", "variance", "covariance")]
    bias = f"{row['mean_bias']:+.2f}".replace("-", "−")
    return [str(row["points"]), *(score_cell(row[name]) for name in names), bias, *ways, *parts]


def score_cell(value: float) -> str:
    """A score with two digits; a dash where there is none."""
    return "–" if value is None or pd.isna(value) else f"{value:.2f}"


def facts(manifest: dict[str, Any]) -> list[tuple[str, str]]:
    """What made the scores, as pairs of a heading and a text."""
    versions = ", ".join(f"{name} {version}" for name, version in manifest.get("versions", {}).items())
    changed = ", ".join(f"{name} = {value:g}" for name, value in manifest.get("changed_parameters", {}).items())
    pairs = {
        "Scenario": manifest.get("scenario"),
        "Seed": manifest.get("seed"),
        "Versions": versions,
        "Parameter values": manifest.get("parameters"),
        "Changed parameters": changed,
        "Data": manifest.get("data_hash"),
        "Made": manifest.get("created"),
    }
    return [(name, str(value)) for name, value in pairs.items() if value not in (None, "")]
