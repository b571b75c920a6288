"""The guides for newcomers are true: map, questions and glossary are what the program gives."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from docs.blocks import rewritten
from docs.make_guides import HERE, PAGES, _answer, resolved

QUESTIONS: list[dict[str, Any]] = tomllib.loads((HERE / "questions.toml").read_text("utf-8"))["questions"]
TERMS: list[dict[str, str]] = tomllib.loads((HERE / "glossary.toml").read_text("utf-8"))["terms"]


@pytest.mark.parametrize("page", PAGES)
def test_a_guide_is_current(page: str) -> None:
    text = (HERE / page).read_text("utf-8")
    assert rewritten(text, PAGES[page]) == text, "run `python -m docs.make_guides`"


def test_ten_questions_are_answered() -> None:
    assert len(QUESTIONS) == 10
    assert len({question["asks"] for question in QUESTIONS}) == 10


@pytest.mark.parametrize("name", [name for question in QUESTIONS for name in question["functions"]])
def test_an_answer_leads_to_a_phase_or_to_the_shocks(name: str) -> None:
    """A function that nobody calls any more answers nothing."""
    answer = _answer(name)
    assert answer.count("Called by") >= 1
    assert "of the month" in answer or "environment/shocks/" in answer


def test_the_first_answer_names_function_phase_and_parameter() -> None:
    answer = _answer("agents.refiner.feed_bid")
    for words in (
        "**`refiner.feed_bid`** in [agents/refiner.py](../agents/refiner.py)",
        "the netback `(ask - tc) / (1 - tc0)`",
        "Called by `bid_feed` in [environment/month/feed_bids.py](../environment/month/feed_bids.py), phase 8 of the month",
        "`charge_response` (1), `charge_growth` (0.3)",
    ):
        assert words in answer


def test_a_term_stands_once_and_its_symbol_in_the_description() -> None:
    odd = (HERE / "odd.md").read_text("utf-8")
    names = [entry["term"] for entry in TERMS]
    assert sorted(set(names)) == sorted(names)
    assert [entry["symbol"] for entry in TERMS if entry["symbol"] and entry["symbol"] not in odd] == []


@pytest.mark.parametrize("name", ["miner.stok", "parameter etta", "series price scrap"])
def test_a_name_that_the_program_does_not_have_is_no_term(name: str) -> None:
    with pytest.raises(KeyError):
        resolved(name)
