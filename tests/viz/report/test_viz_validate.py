"""Charts and page of a validation, drawn from hand-made verdicts."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pandas as pd
import pytest

from lodeflow.experiments.judge.validate.validation import Validation
from lodeflow.experiments.judge.validate.verdicts import (
    FIGURES,
    LATER,
    NOT_IN_MODEL,
    OUTSIDE,
    WITHIN,
    Plan,
    Verdict,
    scores,
)
from lodeflow.viz import style
from lodeflow.viz.frames import Labels
from lodeflow.viz.report import validate

LABELS = Labels(countries={"COD": "DR Congo", "CHN": "China", "FIN": "Finland"}, metals={"cobalt": "Cobalt"})


def verdict(name: str, result: str, kind: str = "emergent", **more: object) -> Verdict:
    fields: dict = {"group": name, "section": FIGURES, "metal": "cobalt", "what": f"stock {name}", "simulated": 5e3}
    fields |= {
        "published": 4e3,
        "no_change": math.nan,
        "momentum": math.nan,
        "low": 3e3,
        "high": 6e3,
        "unit": "t",
        "kind_reason": "because",
    }
    return Verdict(**{**fields, "note": "", "source": "a paper", "id": name, "verdict": result, "kind": kind, **more})


@pytest.fixture(scope="module")
def result() -> Validation:
    verdicts = [
        verdict("A1", WITHIN),
        verdict("A2", OUTSIDE, simulated=9e3),
        verdict("A3", OUTSIDE, simulated=0.5, published=-0.1, low=-0.2, high=-0.05, unit="1"),
        verdict("A4", OUTSIDE, simulated=2100.0, published=math.nan, low=2041.0, high=2099.0, unit="year"),
        verdict("A5", WITHIN, "input", published=math.nan),
        verdict("A6", NOT_IN_MODEL, simulated=math.nan),
        verdict("A7", WITHIN, "input", high=math.nan, note="<b>bold</b> $x$"),
        verdict("A8", OUTSIDE, published=0.0, low=-0.05, high=0.05, unit="1"),
        verdict("B1", OUTSIDE, section=LATER),
        verdict("cobalt-mine-2024-misplaced", OUTSIDE, section=LATER, group="cobalt-mine", simulated=0.3, unit="1"),
        verdict("cobalt-refine-2024-misplaced", WITHIN, section=LATER, group="cobalt-refine", simulated=0.1, unit="1"),
    ]
    rows = [
        ("cobalt", stage, year, region, simulated, there)
        for stage in ("mine", "refine")
        for year, there_cod in ((2010, 0.6), (2024, 0.9 if stage == "refine" else 0.8))
        for region, simulated, there in (("COD", 0.6, there_cod), ("CHN", 0.3, 0.0), ("ROW", 0.1, 1.0 - there_cod))
    ]
    countries = pd.DataFrame(rows, columns=["metal", "stage", "year", "region", "simulated", "observed"])
    manifest = {"scenario": "validation", "seed": "none", "versions": {"lodeflow": "0"}, "runs": {"past": "a run"}}
    manifest |= {"data_hash": "abc", "wall_seconds": 1.0}
    everything = Plan((), (("cobalt", "mine"),), frozenset(["cobalt"]), whole=True)
    return Validation(everything, verdicts, countries, scores(verdicts), manifest)


def test_there_is_a_chart_per_kind_and_per_metal(result: Validation) -> None:
    drawn = dict(validate.figures(result, LABELS))
    assert list(drawn) == ["figures-emergent", "figures-input", "misplaced", "shares-cobalt"]
    titles = {name: style.title_of(figure) for name, figure in drawn.items()}
    assert "1 of the 2 published figures shown" in titles["figures-emergent"]
    assert "In 2024, up to 30 % of a metal's world output" in titles["misplaced"]
    assert "1 of 2 are within 10 %" in titles["misplaced"]
    assert titles["shares-cobalt"] == "Cobalt: DR Congo refines 90 % in 2024 in the data, 60 % in the run"
    assert all(style.caption_of(figure) for figure in drawn.values())


def test_rows_without_a_ratio_are_not_drawn(result: Validation) -> None:
    shown = [row.id for row in validate.comparable(result.verdicts, "emergent")]
    assert shown == ["A1", "A2"]  # A3 has another sign, A4 is a year, A6 has no number, A8 is measured against zero


def test_the_page_holds_every_row_and_needs_no_network(result: Validation, tmp_path: Path) -> None:
    page = validate.write_page(result, LABELS, tmp_path).read_text(encoding="utf-8")
    for row in result.verdicts:
        assert f"<td>{row.id}</td>" in page
    assert "&lt;b&gt;bold" in page
    assert "1 of 5 numbers that the model makes itself" in page
    assert len(re.findall(r'src="data:image/png;base64,', page)) == len(list((tmp_path / "charts").iterdir())) == 4
    assert not re.search(r'(?:src|href)="(?!data:)', page)


@pytest.mark.parametrize(
    ("value", "unit", "factor", "text"),
    [
        (195e3, "t", False, "195 kt"),
        (62e3, "t/year", False, "62.0 kt a year"),
        (0.344, "1", False, "34 %"),
        (-0.095, "1", False, "−9.5 %"),
        (6.52, "1", True, "6.5 times"),
        (0.08, "1/year", False, "8.0 % a year"),
        (2096.0, "year", False, "2096"),
        (35.0, "years", False, "35 years"),
        (math.nan, "t", False, "–"),
    ],
)
def test_values_read_with_their_units(value: float, unit: str, factor: bool, text: str) -> None:
    assert validate.value_text(value, unit, factor) == text


def test_ranges_name_their_unit_once() -> None:
    assert validate.range_text(verdict("a", WITHIN)) == "3.00 to 6.00 kt"
    assert validate.range_text(verdict("a", WITHIN, low=900.0)) == "900 t to 6.00 kt"
    assert validate.range_text(verdict("a", WITHIN, high=math.nan)) == "at least 3.00 kt"
    assert validate.range_text(verdict("a", WITHIN, low=2100.0, high=2100.0, unit="year")) == "2100"
