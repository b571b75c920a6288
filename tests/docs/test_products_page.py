"""docs/products.md says what the program counts today."""

from __future__ import annotations

import re

import pytest

from docs.make_products import PAGE, page

NUMBER = re.compile(r"\d[\d,]*\.?\d*(?:e[+-]\d+)?")
"""Digits that are rounded on the page may differ by one in the last place on another machine."""


def test_the_page_is_up_to_date() -> None:
    text, wanted = PAGE.read_text(encoding="utf-8"), page()
    assert NUMBER.sub("#", text) == NUMBER.sub("#", wanted), "run `python -m docs.make_products`"
    here, there = ([float(found.replace(",", "")) for found in NUMBER.findall(each)] for each in (text, wanted))
    assert here == pytest.approx(there, rel=0.01, abs=0.01), "run `python -m docs.make_products`"
