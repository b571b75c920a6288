"""Fonts of the charts: DejaVu Sans, which matplotlib brings, and for Chinese one that the machine has."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

from lodeflow.viz.language import ENGLISH, foreign, reading

SIGNS = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei", "PingFang SC"),
    *("Hiragino Sans GB", "Heiti SC", "STHeiti", "SimHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Songti SC"),
    *("Noto Sans CJK JP", "Droid Sans Fallback", "Arial Unicode MS"),
)
"""Fonts with Chinese signs on Linux, Windows and macOS, the best first."""
NO_FONT = (
    "no font with Chinese characters is installed, so the report is written in English; install one, for example with "
    "“apt-get install fonts-noto-cjk” or “apt-get install fonts-wqy-microhei”, and run it again"
)


@cache
def chinese() -> str:
    """Name of the best installed font with Chinese signs; "" where there is none."""
    from matplotlib import font_manager

    logging.getLogger(font_manager.__name__).setLevel(
        logging.ERROR
    )  # it would say of each title that there is no bold font

    def best() -> str:
        there = {font.name for font in font_manager.fontManager.ttflist}
        return next((name for name in SIGNS if name in there), "")

    if not best():  # matplotlib remembers the fonts of the day it was first used
        known = {font.fname for font in font_manager.fontManager.ttflist}
        for path in font_manager.findSystemFonts():
            if path not in known:
                _add(path)
    return best()


def _add(path: str) -> None:
    from matplotlib import font_manager

    with suppress(Exception):  # a broken font of the machine is not our concern, and there are many ways to be broken
        font_manager.fontManager.addfont(path)


def readable(language: str) -> tuple[str, str]:
    """The language in which charts can be drawn here, and one line that says why it is not the one asked for."""
    return (language, "") if language == ENGLISH or chinese() else (ENGLISH, NO_FONT)


@contextmanager
def writing(language: str, tell: Callable[[str], None] = warnings.warn) -> Iterator[None]:
    """Let reports and charts made inside be in a language, one of `lodeflow.viz.language.LANGUAGES`.

    tell: takes one line that says why they are in English after all, where no font here has the signs of the language.
    """
    able, problem = readable(language)
    if problem:
        tell(problem)
    with reading(able):
        yield


def with_signs(settings: Any) -> Any:
    """Settings of matplotlib with a font for the language that is written now."""
    return settings | {"font.family": [chinese(), settings["font.family"]]} if foreign() else settings
