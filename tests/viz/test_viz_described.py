"""What scenarios say of themselves in Chinese: none is missing, none is left of a scenario that is gone, no figure differs."""

import re

import pytest

from lodeflow.experiments.scenario.model import load_scenario, shipped
from lodeflow.experiments.scenario.read import LIBRARY, read_toml
from lodeflow.viz.described import MADE, described, texts_of

TIMES = {"en": {"million": 1e6, "billion": 1e9}, "zh": {"百万": 1e6, "万": 1e4, "亿": 1e8}}
OF_A_FILE = re.compile(r"--set [\x21-\x7e]+|`[^`]*`")
"""What a reader types; it is compared as it stands."""


def figures(text, language):
    """All figures of a text, with the word for thousands behind them multiplied out."""
    words = "|".join(TIMES[language])
    found = re.findall(rf"(\d[\d,]*(?:\.\d+)?)\s*({words})?", OF_A_FILE.sub("", text))
    return {round(float(number.replace(",", "")) * TIMES[language].get(word, 1.0), 6) for number, word in found}


def names(text):
    """Events, policies and what a reader types."""
    return set(re.findall(r"(?<![A-Za-z])[EP]\d{2,3}", text)) | {one.rstrip(".") for one in OF_A_FILE.findall(text)}


def test_every_shipped_scenario_is_described_in_chinese_and_nothing_else_is():
    assert sorted(texts_of("zh")) == sorted(shipped())
    assert [name for name, text in texts_of("zh").items() if len(re.findall(r"[\u4e00-\u9fff]", text)) < 25] == []


@pytest.mark.parametrize("name", shipped())
def test_both_languages_have_the_same_figures(name):
    english, chinese = read_toml(LIBRARY / f"{name}.toml")["description"], texts_of("zh")[name]
    group_of_seven = {7.0} if "G7" in english else set()
    assert figures(english, "en") - figures(chinese, "zh") == group_of_seven
    assert names(english) <= names(chinese)


def test_a_figure_that_differs_would_be_seen():
    assert figures("3.56 Mt and 14 million in 2024", "en") == {3.56, 14e6, 2024.0}
    assert figures("2024年1,400万", "zh") == {2024.0, 14e6}


def test_a_description_that_somebody_changed_is_not_given_as_ours():
    scenario = load_scenario("chile-copper-strike")
    assert described(scenario.name, scenario.description, "zh").startswith("自2026年3月起三个月")
    assert described(scenario.name, scenario.description, "en") == scenario.description
    assert described(scenario.name, "Mine is worse.", "zh") == ""
    assert described("my-own", scenario.description, "zh") == ""


def test_what_was_made_on_the_page_says_from_what():
    assert described("x", MADE.format(name="baseline"), "zh").startswith("在仪表板中由情景“无冲击")
