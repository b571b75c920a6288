"""The front page says everything once, and its figures are those of its commands."""

from __future__ import annotations

import re

from docs.readme_figures import README, with_figures


def test_the_figures_of_the_readme_are_those_of_its_commands() -> None:
    text = README.read_text(encoding="utf-8")
    assert with_figures(text) == text, "run `python -m docs.readme_figures`"


def test_the_readme_says_everything_once() -> None:
    text = README.read_text(encoding="utf-8")
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert len(headings) == len(set(headings))
    pictures = re.findall(r"!\[.*?\]\((.*?)\)", text)
    assert len(pictures) == len(set(pictures))
    assert len(re.findall(r"pip install", text)) == 1


def test_the_front_page_has_one_order() -> None:
    """What it is, for whom it is not, a picture, two commands, what people come for."""
    text = README.read_text(encoding="utf-8")
    marks = (
        "Lodeflow simulates",
        "not for you",
        "drc-cobalt-price.png",
        "make run",
        "make test",
        "What people come for",
    )
    places = [text.index(mark) for mark in marks]
    assert places == sorted(places)
    anchors = re.findall(r"\]\(#(.*?)\)", text)
    assert set(anchors) <= {
        heading.lower().replace(" ", "-") for heading in re.findall(r"^## (.*)$", text, re.MULTILINE)
    }
