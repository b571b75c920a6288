"""Every rule of the agents and every phase of the month says its equation, units and shapes, and its section of docs/odd.md."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

import numpy as np
import pytest

from docs.make_tables import ODD
from lodeflow import agents
from lodeflow.environment.month.order import MONTH

HELPERS = ("population", "arrays", "guards")
"""Files of `agents/` that hold no rule."""
SECTIONS = frozenset(re.findall(r"^#+ (\d+(?:\.\d+)?)[. ]", ODD.read_text(encoding="utf-8"), re.MULTILINE))
OPERATOR = re.compile(r"\w\S* [-+/=x] \S|\w[\])]? ?\^|\b(?:min|max|exp|ln|sum|mean|choke)\b|[\[(].*[/:].*[\])]")
UNIT = re.compile(
    r"\b(t|t/month|USD|months?|ln points?|shares?|relative|over|rows?|elasticity|exponent|index|boolean|km)\b|theta/eta"
)


def rules() -> Iterator[tuple[str, FunctionType]]:
    """Every public function that a file of `agents/` defines."""
    for name in sorted(vars(agents)):
        module = getattr(agents, name)
        if not inspect.ismodule(module) or name in HELPERS:
            continue
        for rule in vars(module).values():
            if isinstance(rule, FunctionType) and rule.__module__ == module.__name__ and rule.__name__[0] != "_":
                yield f"{name}.{rule.__name__}", rule


def missing(rule: Callable[..., Any]) -> list[str]:
    """What the docstring of a rule does not say."""
    text = inspect.getdoc(rule) or ""
    lacks = []
    if not any(OPERATOR.search(code) for code in re.findall(r"``(.+?)``", text, re.DOTALL)):
        lacks.append("an equation in ``double backticks``")
    named = re.search(r"ODD ((?:\d+(?:\.\d+)?(?:, )?)+)", text)
    sections = re.findall(r"\d+(?:\.\d+)?", named[1]) if named else []
    if not sections:
        lacks.append("a section of the description, as in ODD 7.2")
    lacks += [f"section {number}, which docs/odd.md does not have" for number in sections if number not in SECTIONS]
    told = arguments(text)
    for name, annotation in rule.__annotations__.items():
        if name == "return" or "ndarray" not in str(annotation):
            continue
        meaning = told.get(name, "")
        lacks += [f"the shape of {name}"] if "shape (" not in meaning else []
        lacks += [f"the unit of {name}"] if not UNIT.search(re.sub(r"shape \(.*?\)", "", meaning)) else []
    return lacks


def arguments(text: str) -> dict[str, str]:
    """Names and meanings in the part `Args:` of a docstring; a line may name several."""
    block = re.search(r"^Args:\n((?:    .*\n?|\n)*)", text, re.MULTILINE)
    entries = re.findall(r"^    (\w[\w, ]*): (.*(?:\n     .*)*)", block[1] if block else "", re.MULTILINE)
    return {name: meaning for names, meaning in entries for name in names.split(", ")}


def test_the_rules_are_found() -> None:
    assert len(list(rules())) > 35


@pytest.mark.parametrize(("name", "rule"), list(rules()), ids=[name for name, _ in rules()])
def test_a_rule_says_its_equation_units_shapes_and_section(name: str, rule: FunctionType) -> None:
    assert missing(rule) == []


@pytest.mark.parametrize("act", [act for _, act in MONTH], ids=[act.__name__ for _, act in MONTH])
def test_a_phase_says_its_equation_and_section(act: Callable[..., None]) -> None:
    assert missing(act) == []
    assert re.search(r"\bshape \(|per metal", inspect.getdoc(act) or ""), "the unit and shape of what it works out"


# ---- the test sees what is missing -------------------------------------------------------------------------------------------
def _mute(price: np.ndarray, months: float) -> np.ndarray:
    return price * months


def _half(price: np.ndarray, months: float) -> np.ndarray:
    """What ``price`` becomes. ODD 7.99.

    Args:
        price: what is paid.
        months: time.
    """
    return price * months


def test_a_rule_without_words_is_found() -> None:
    assert missing(_mute) == [
        "an equation in ``double backticks``",
        "a section of the description, as in ODD 7.2",
        "the shape of price",
        "the unit of price",
    ]


def test_a_name_is_no_equation_and_a_section_must_exist() -> None:
    assert missing(_half) == [
        "an equation in ``double backticks``",
        "section 7.99, which docs/odd.md does not have",
        "the shape of price",
        "the unit of price",
    ]
