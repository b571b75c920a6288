"""`--language`: the report and its charts, in the language that is asked for."""

import re

import pytest
from typer.testing import CliRunner

from lodeflow.cli.main import app
from lodeflow.cli.options import Language
from lodeflow.viz import fonts
from lodeflow.viz.language import LANGUAGES

SMALL = ("run", "china-indium-licences", "--metals", "indium", "--start", "2026-11", "--end", "2027-02", "--quiet")


def called(*words):
    return CliRunner().invoke(app, [*map(str, words)])


@pytest.mark.skipif(not fonts.chinese(), reason="needs a font with Chinese signs")
def test_a_run_writes_its_report_in_chinese(tmp_path):
    done = called(*SMALL, "--language", "zh", "--out", tmp_path / "run")
    assert done.exit_code == 0, done.output
    html = (tmp_path / "run" / "report.html").read_text("utf-8")
    assert '<html lang="zh">' in html
    assert "<h1>中国" in html
    described = re.findall(r'alt="([^"]*)"', html)
    assert described
    assert all(re.search(r"[\u4e00-\u9fff]", text) for text in described)


def test_a_language_that_no_report_has_is_refused_with_those_that_there_are(tmp_path):
    done = called(*SMALL, "--language", "fr", "--out", tmp_path / "run")
    assert done.exit_code == 2
    assert "'fr' is not one of 'en', 'zh'" in done.output.replace("\n", " ")
    assert not (tmp_path / "run").exists()


def test_the_command_line_offers_the_languages_that_there_are():
    assert [one.value for one in Language] == [*LANGUAGES]
