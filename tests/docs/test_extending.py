"""docs/extending.md runs; what each section writes is counted, and it is then everywhere that the page says."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from docs import make_tables
from lodeflow.data import Tables, catalogue
from lodeflow.environment.records.recorder import CHANNELS
from lodeflow.environment.shocks.kinds import REGISTRY
from lodeflow.experiments import plugins
from lodeflow.experiments.batch.make.series import columns_of
from lodeflow.experiments.kpis import KPIS, kpis_of
from lodeflow.print.describe import print_description
from lodeflow.print.list import print_overview
from lodeflow.viz.app.batch import compare_view
from lodeflow.viz.app.batch.work import figures_of
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.world import board
from lodeflow.viz.app.world.session import Session
from lodeflow.viz.charts import fans, registry
from lodeflow.viz.frames import Labels, Run
from lodeflow.viz.report import story

PAGE = Path(__file__).parent.parent.parent / "docs" / "extending.md"
TEXT = PAGE.read_text(encoding="utf-8")
ADDED = r"^\| \[([^]]+)\]\(#[\w-]+\) \| ([^|]+) \| (\d+) \|"
"""A row of the table that says what it takes: what, what is written, lines."""
WRITTEN = {"class": ast.ClassDef, "function": ast.FunctionDef, "file": ast.FunctionDef}


def sections() -> dict[str, list[str]]:
    """Python blocks by heading."""
    parts = re.split(r"^## (.*)$", TEXT, flags=re.MULTILINE)[1:]
    code = [re.findall(r"^```python\n(.*?)^```", part, re.DOTALL | re.MULTILINE) for part in parts[1::2]]
    return dict(zip(parts[::2], code, strict=True))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What is there after all blocks have run; what they add to the program is taken back afterwards."""
    registries: list[dict[str, Any]] = [REGISTRY, CHANNELS, KPIS, registry.CHARTS]
    registry.wanted.__globals__["_find"]()
    before, rows = [dict(one) for one in registries], catalogue.variables()
    here = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("extending"))
    names: dict[str, Any] = {"__name__": "extending"}
    try:
        code = "\n".join(block for blocks in sections().values() for block in blocks)
        exec(compile(code, "docs/extending.md", "exec"), names)
        yield names
    finally:
        os.chdir(here)
        plugins.forget()
        for one, old in zip(registries, before, strict=True):
            one.clear()
            one.update(old)
        for row in set(catalogue.variables()) - set(rows):
            catalogue.remove(row)


def test_what_is_written_is_counted() -> None:
    rows = re.findall(ADDED, TEXT, re.MULTILINE)
    assert len(rows) == 5
    counted: dict[str, int] = {}
    blocks = {heading.lower(): code for heading, code in sections().items()}
    for what, written, _ in rows:
        tree = ast.parse(blocks[what][0])
        made = [node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
        assert [type(node) for node in made] == [WRITTEN[written.split()[-1]]]
        counted[what] = _lines(tree.body if "file" in written else made, blocks[what][0]) + ("row" in written)
    assert counted == {what: int(lines) for what, _, lines in rows}


def _lines(nodes: list[Any], text: str) -> int:
    """Lines of code, without blank lines and docstrings."""
    count = 0
    for node in nodes:
        first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
        lines = [line for line in text.splitlines()[first - 1 : node.end_lineno] if line.strip()]
        count += len(lines) - sum(_docstring(inner) for inner in ast.walk(node))
    return count


def _docstring(node: ast.AST) -> int:
    if isinstance(node, ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
        return node.body[0].end_lineno - node.body[0].lineno + 1  # type: ignore[operator]
    return 0


def test_a_recorded_variable_is_everywhere(
    page: dict[str, Any], tables: Tables, capsys: pytest.CaptureFixture[str]
) -> None:
    name, outcome, scenario = "exposed_supply", page["banned"], page["ban"]
    rows = outcome.series[outcome.series["variable"] == name]
    assert {"WLD", "EU27", "CHN"} <= set(rows["region"])
    assert rows["value"].max() > 0.0
    kept = {(column.case, column.region) for column in columns_of(scenario, tables) if column.variable == name}
    assert {("shock", "WLD"), ("baseline", "WLD"), ("shock", "EU27"), ("shock", "CHN")} <= kept
    assert name in fans.with_fan()
    assert set(figures_of(outcome)["series"]["cobalt"][name]) == {"shock", "baseline"}
    session = Session(tables, scenario)
    session.step(24)
    texts = Texts("zh", tables)
    charts = {chart.id: chart for chart in board.charts_of(session.frame(), "cobalt", texts, board.OTHERS)}
    assert charts["exposed-supply"].title == "受限供应"
    assert max(charts["exposed-supply"].lines[-1].values) > 0.0
    print_description(name)
    assert "that known measures touch" in capsys.readouterr().out
    assert f"`{name}`" in make_tables.variables()
    assert f"`{name}`" in make_tables.series()


def test_a_batch_keeps_a_new_variable_and_a_new_indicator(page: dict[str, Any], tables: Tables) -> None:
    from lodeflow.experiments.batch.make.pair import Bench

    scenario = page["ban"]
    result = Bench(tables, columns_of(scenario, tables)).run(scenario)
    assert result.paths["shock.exposed_supply.cobalt.WLD"].max() > 0.0
    table = page["banned"].kpis.set_index(["metal", "kpi"])["value"]
    for name, value in result.kpi.items():
        kpi, metal = name.split(".")
        if (metal, kpi) in table.index:  # the run was made before the indicator was added
            assert value == pytest.approx(table[metal, kpi], rel=1e-9, nan_ok=True), name
    assert result.kpi["months_dear.cobalt"] > 0


def test_an_indicator_is_everywhere(page: dict[str, Any], tables: Tables, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = page["lf"].run(page["ban"])
    told = "more than a quarter above"
    assert told in outcome.kpis.set_index("kpi")["what"]["months_dear"]
    assert "months_dear.cobalt" in {item["name"] for item in kpis_of(page["ban"], ["cobalt"])}
    labels = Labels.of(tables.countries, tables.metals, tables.products)
    assert any(told in row[0] for row in story.kpi_table(Run.of(outcome), labels, ["cobalt"])[1])
    figures = figures_of(outcome)["kpis"]
    assert any(told in row[0] for row in compare_view.kpi_table(figures, "cobalt", Texts("en", tables))[1])
    print_description("months_dear")
    assert "quarter" in capsys.readouterr().out
    assert "`months_dear`" in make_tables.indicators()


@pytest.mark.parametrize("kind", ["detour", "deposit"])
def test_a_shock_or_policy_is_everywhere(
    page: dict[str, Any], kind: str, tables: Tables, capsys: pytest.CaptureFixture[str]
) -> None:
    print_overview()
    assert kind in capsys.readouterr().out
    print_description(kind)
    assert page[kind.capitalize()].__doc__ in " ".join(capsys.readouterr().out.split())
    assert f"`{kind}`" in make_tables.shocks()
    raw = page[kind].model_dump(mode="json", exclude_none=True)
    session = Session(tables, page["ban"])
    session.fire(raw | {"start": session.now, "announce": None} | ({"end": "2024-12"} if "end" in raw else {}))
    assert session.scenario.shocks[-1].kind == kind
    assert kind in session.to_toml()


def test_a_chart_is_in_the_report(page: dict[str, Any]) -> None:
    charts = sorted(path.name for path in Path("runs/exposed/charts").iterdir())
    assert any(name.endswith("-cobalt-exposed.png") for name in charts)
    report = Path("runs/exposed/report.html").read_text(encoding="utf-8")
    assert "Cobalt: at risk" in report
