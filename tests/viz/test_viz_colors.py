"""Report and dashboard share their colours: each stands in `viz/colors.py` alone."""

from __future__ import annotations

import re

import pytest

from lodeflow.viz import colors, style
from tests.house.modules import ROOT

HEX = re.compile(r"#[0-9a-fA-F]{6}")
SHARED = {
    *(colors.BASELINE, colors.SHOCK, colors.INSIDE),
    *colors.COMPONENTS.values(),
    *colors.SERIES.values(),
    *colors.PLACES,
    *colors.DARK.values(),
} - {"#000000", "#f0f0f0"}  # ink of a page


@pytest.mark.parametrize("pattern", ["viz/**/*.py", "viz/app/vue/*.vue"])
def test_a_shared_colour_is_written_once(pattern: str) -> None:
    paths = [path for path in ROOT.glob(pattern) if path.name != "colors.py"]
    assert paths
    found = {(path.name, color) for path in paths for color in HEX.findall(path.read_text("utf-8")) if color in SHARED}
    assert found == set()


def test_every_colour_of_a_dashboard_line_can_be_seen_on_dark_paper() -> None:
    """Relative luminance against the dark paper of the page (#1e2124): at least 3 to 1, as WCAG asks of graphics."""

    def luminance(color: str) -> float:
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    paper = luminance("#1e2124") + 0.05
    for color in {*colors.ROLES.values(), *colors.SERIES.values(), *colors.PLACES, colors.OTHERS}:
        shown = colors.DARK.get(color, color)
        assert (luminance(shown) + 0.05) / paper >= 3.0, color


def test_the_report_takes_its_colours_from_there() -> None:
    assert style.SHOCK is colors.SHOCK
    assert style.SERIES is colors.SERIES
