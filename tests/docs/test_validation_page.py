"""docs/validation.md says what the shipped scores say, and shows charts that exist."""

from __future__ import annotations

import re

from docs.make_validation import DOCS, PAGE, page
from lodeflow.data import Tables
from lodeflow.experiments.judge.hindcast import baseline
from lodeflow.viz.frames import Labels


def test_the_page_is_up_to_date(tables: Tables) -> None:
    text = PAGE.read_text(encoding="utf-8")
    wanted = page(baseline.read(), Labels.of(tables.countries, tables.metals))
    assert text == wanted, "run `python -m docs.make_validation`"


def test_the_page_says_what_fails_and_names_the_simple_rules() -> None:
    text = PAGE.read_text(encoding="utf-8")
    failures = text[text.index("## What fails today") : text.index("## Structure")]
    assert "Indonesia refined 1,493 kt of nickel in 2024" in failures
    assert "momentum" in failures
    assert len(re.findall(r"\d+ of \d+", failures)) == 2, "rises and falls apart"


def test_every_chart_of_structure_is_there_and_none_is_left_over() -> None:
    shown = set(re.findall(r"\(images/(structure-[\w-]+\.png)\)", PAGE.read_text(encoding="utf-8")))
    assert {"structure-marks.png", "structure-trend.png", "structure-indonesia-nickel.png"} <= shown
    assert shown == {path.name for path in (DOCS / "images").glob("structure-*.png")}


def test_every_episode_has_its_chart_and_no_chart_is_left_over() -> None:
    text = PAGE.read_text(encoding="utf-8")
    shown = set(re.findall(r"\(images/(hindcast-[\w-]+\.png)\)", text))
    assert len(shown) == len(baseline.read().episodes) + 1
    assert shown == {path.name for path in (DOCS / "images").glob("hindcast-*.png")}
