"""Numbers as words."""

import math

import pandas as pd
import pytest

from lodeflow.viz import words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 t"),
        (0.4, "0.4 t"),
        (950, "950 t"),
        (3400, "3.4 kt"),
        (54433, "54 kt"),
        (2.31e7, "23 Mt"),
        (-4300, "−4.3 kt"),
    ],
)
def test_tonnes(value, text):
    assert words.tonnes(value) == text


def test_signs_and_missing_numbers():
    assert words.tonnes(22000, sign=True) == "+22 kt"
    assert words.percent(-0.0999999, sign=True) == "−10 %"
    assert words.percent(0.031) == "3.1 %"
    assert words.usd(84775.3) == "84,800 USD/t"
    assert {words.tonnes(math.nan), words.percent(math.nan), words.usd(math.inf)} == {"–"}


@pytest.mark.parametrize(
    ("value", "measure", "text"),
    [
        (0.0216, "points", "+2.2 points"),
        (-0.0096, "points", "−1.0 points"),
        (0.0216, "1", "2.2 %"),
        (28.0, "months", "28 months"),
        (5.98, "months", "5.98 months"),
        (math.nan, "points", "–"),
    ],
)
def test_amounts(value, measure, text):
    assert words.amount(value, measure) == text


def test_months_and_lists():
    assert words.month("2025-02") == "Feb 2025"
    assert words.month(pd.Timestamp("2025-02-01")) == "Feb 2025"
    assert words.month(None) == words.month("") == ""
    assert [words.listed(list(text)) for text in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]
