"""The command line: what it prints, and one clear report with exit code 2 for everything that cannot be used."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

import lodeflow
from lodeflow.cli.main import app
from lodeflow.environment.records.columns import SCRAP
from lodeflow.experiments.run.results import is_run_folder
from lodeflow.viz import words

ROOT = Path(__file__).resolve().parents[3]
SHORT = ["--end", "2025-04", "--metals", "cobalt", "--no-charts"]


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def refused(*arguments: str) -> str:
    """Invoke a command that must end with exit code 2 and a report without traceback; return the report."""
    result = invoke(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.output
    assert result.stderr.strip()
    return result.stderr


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from lodeflow.cli.main import app;"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0;"
        "print(sorted({'mesa', 'pandas', 'numpy', 'matplotlib', 'pandera', 'numba'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_it_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lodeflow", "check", "no-such-scenario"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "no such scenario" in done.stderr
    assert "Traceback" not in done.stderr


def test_list_names_scenarios_metals_and_kinds() -> None:
    result = invoke("list")
    assert result.exit_code == 0
    for word in ("drc-cobalt-export-ban", "neodymium-praseodymium", "export_quota", "epr", "Policy kinds"):
        assert word in result.stdout


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("drc-cobalt-export-ban", ["226,000 t", "export_quota"]),
        ("export_ban", ["strength", "0 to 1", "must be given", "extensions"]),
        ("epr", ["recycled_content", "each item of collection"]),
        ("world", ["base_year", "STEPS"]),
        ("miner", ["│ country         │ name    │         │", "t/month"]),
        ("cobalt", ["largest countries", "COD", "USD/t"]),
        ("COD", ["cobalt", "share of the world"]),
        ("EU27", ["DEU"]),
        ("eta", ["unit", "source"]),
        ("miner", ["utilisation", "t/month"]),
        ("portable-battery", ["lifetime"]),
        ("composition", ["kg_per_unit", "kg per unit of the product"]),
        ("processes", ["TRL", "magnet-to-magnet"]),
        ("magnet-to-magnet", ["81.8 (16.4 to", "7 (6 to 8)"]),
    ],
)
def test_describe_explains_every_kind_of_name(name: str, words: list[str]) -> None:
    result = invoke("describe", name)
    assert result.exit_code == 0, result.output
    for word in words:
        assert word in result.stdout


def test_describe_suggests_the_nearest_name() -> None:
    assert "'cobalt'" in refused("describe", "cobolt")


def test_check_says_that_nothing_is_wrong() -> None:
    assert "nothing wrong" in invoke("check", "baseline").stdout
    result = invoke("check", str(ROOT / "data" / "tables"))
    assert "nothing wrong" in result.stdout, result.stderr


def test_check_reports_every_problem_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('name = "x"\n[world]\nseeed = 1\n[[shocks]]\nkind = "mine_outge"\nstart = "2025-01"\n')
    report = refused("check", str(path))
    assert "2 problems" in report
    assert "'seed'" in report
    assert "'mine_outage'" in report


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "drc-cobalt-ban"], "drc-cobalt-export-ban"),
        (["run", "baseline", "--start", "2031-01"], "before start"),
        (["run", "baseline", "--end", "soon"], "not a month"),
        (["run", "baseline", "--seed", "-1"], "seed"),
        (["run", "baseline", "--metals", "cobalt,nikel"], "'nickel'"),
        (["run", "baseline", "--metals", ","], "--metals: there is no name in ','"),
        (["run", "baseline", "--set", "world.nois=0"], "'noise'"),
        (["run", "baseline", "--set", "world"], "not an assignment"),
        (["run", "drc-cobalt-export-ban", "--set", "shocks.0.strength=2"], "less than or equal to 1"),
        (["run", "drc-cobalt-export-ban", "--set", "shocks.7.strength=1"], "items are 0 to 1"),
        (["run", "baseline", "--out", "."], "folder you are in"),
        (["run"], "Missing argument"),
        (["run", "baseline", "--seed", "three"], "--seed"),
        (["check", "/no/such/folder/file.toml"], "cannot be read"),
        (["check", ""], "no such scenario"),
        (["run", "a" * 5000], "aaa: cannot be read or written (File name too long). Check the name"),
    ],
)
def test_bad_input_is_reported(arguments: list[str], words: str) -> None:
    report = refused(*arguments)
    assert words in report
    assert len(report) < 3000


def test_a_folder_an_empty_file_and_no_permission_are_reported(tmp_path: Path) -> None:
    assert "holds no table" in refused("check", str(tmp_path))
    assert "is a folder" in refused("run", str(tmp_path))
    empty = tmp_path / "empty.toml"
    empty.write_text("")
    assert "empty" in refused("run", str(empty))
    assert "not a folder" in refused("run", "baseline", "--out", str(empty))
    assert str(empty) in refused("run", "baseline", "--out", str(empty / "below"))
    assert str(empty) in refused("data", "--out", str(empty / "below"))
    assert sorted(tmp_path.iterdir()) == [empty]


def test_debug_shows_the_error_itself() -> None:
    result = invoke("check", "nothing", "--debug")
    assert type(result.exception).__name__ == "DataError"


def test_run_writes_the_folder_and_prints_the_table(tmp_path: Path) -> None:
    result = invoke("run", "drc-cobalt-export-ban", "--out", str(tmp_path / "run"), "--seed", "5", *SHORT)
    assert result.exit_code == 0, result.output
    assert is_run_folder(tmp_path / "run")
    for word in ("cobalt", "What happens", "Why the price moved", "seed 5", "2025-04"):
        assert word in result.stdout
    outcome = lodeflow.open_run(tmp_path / "run")
    assert set(outcome.series["run"]) == {"baseline", "shock"}
    assert set(outcome.series["metal"]) == {"cobalt"}


def test_the_same_scenario_and_seed_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert invoke("run", "drc-cobalt-export-ban", "--out", str(tmp_path / name), *SHORT).exit_code == 0
    copy = str(tmp_path / "a" / "scenario.toml")
    assert invoke("run", copy, "--out", str(tmp_path / "c"), "--no-charts").exit_code == 0
    first = (tmp_path / "a" / "series.parquet").read_bytes()
    assert (tmp_path / "b" / "series.parquet").read_bytes() == first
    assert (tmp_path / "c" / "series.parquet").read_bytes() == first


def test_a_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    assert "thesis.txt" in refused("run", "baseline", "--out", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_shock_without_effect_is_said_so(tmp_path: Path) -> None:
    arguments = ["run", "drc-cobalt-export-ban", "--out", str(tmp_path / "run"), *SHORT]
    result = invoke(*arguments, "--set", "shocks.0.strength=0")
    assert "had no effect" in result.stdout
    assert "moved by less than" in result.stdout


def test_a_policy_without_effect_is_told_in_words(tmp_path: Path) -> None:
    steps = '[{date="2024-03", value=0.9}]'
    policy = f'shocks=[{{kind="epr", actor="DEU", products=["wind-turbine"], collection={steps}, start="2024-02"}}]'
    short = ["--end", "2024-04", "--metals", "graphite", "--no-charts", "--set", policy]
    result = invoke("run", "baseline", "--out", str(tmp_path / "run"), *short)
    assert (
        "Note: Germany: extended producer responsibility had no effect in this run: what it asks for" in result.stdout
    )
    assert "DEU" not in result.stdout


def test_money_is_written_on_request_and_read_back(tmp_path: Path) -> None:
    short = ("--metals", "cobalt", "--end", "2025-06", "--no-charts")
    result = invoke("run", "drc-cobalt-export-ban", "--money", "--out", str(tmp_path / "run"), *short)
    line = next(line for line in result.stdout.splitlines() if line.startswith("Money for cobalt"))
    assert "gains" in line
    assert "pays" in line
    outcome = lodeflow.open_run(tmp_path / "run")
    assert outcome.money is not None
    trade = outcome.trade
    sales = outcome.money[outcome.money["entry"] == "sale"]
    for name in ("shock", "baseline"):
        own = trade[(trade["run"] == name) & ~trade["form"].isin(SCRAP)]  # scrap is sold under an entry of its own
        expected = float((own["tonnes"] * own["price"]).sum())
        assert float(sales.loc[sales["run"] == name, "usd"].sum()) == pytest.approx(expected, rel=1e-9)
    kpis = outcome.kpis.set_index("kpi")
    assert kpis.loc["gains_most_usd", "value"] > 0
    plain = invoke("run", "drc-cobalt-export-ban", "--out", str(tmp_path / "plain"), *short)
    assert "Money for" not in plain.stdout
    assert not (tmp_path / "plain" / "money.parquet").exists()


def test_the_notebook_door() -> None:
    assert lodeflow.__version__
    assert lodeflow.load("baseline").name == "baseline"
    with pytest.raises(AttributeError):
        lodeflow.nothing  # noqa: B018


@pytest.mark.parametrize("arguments", [["data"]])
def test_data_prints_the_report(arguments: list[str]) -> None:
    result = invoke(*arguments)
    assert result.exit_code == 0, result.output
    assert "cobalt" in result.stdout


def test_data_replaces_no_file_unasked(tmp_path: Path) -> None:
    file = tmp_path / "thesis.md"
    assert invoke("data", "--out", str(file)).exit_code == 0
    report = file.read_text(encoding="utf-8")
    file.write_text("years of work", encoding="utf-8")
    assert "--overwrite" in refused("data", "--out", str(file))
    assert file.read_text(encoding="utf-8") == "years of work"
    assert invoke("data", "--out", str(file), "--overwrite").exit_code == 0
    assert file.read_text(encoding="utf-8") == report


def own_cover(folder: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Path:
    """A folder of own data with one changed table."""
    folder.mkdir()
    table = pd.read_csv(ROOT / "data/tables/cover.csv")
    change(table).to_csv(folder / "cover.csv", index=False)
    return folder


def test_own_tables_replace_the_shipped_ones(tmp_path: Path) -> None:
    deep = own_cover(tmp_path / "deep", lambda table: table.assign(months=table["months"] * 2))
    short = ["run", "baseline", "--metals", "cobalt", "--end", "2024-02", "--no-charts", "--set", "world.noise=0.0"]
    stocks = []
    for name, extra in (("shipped", []), ("own", ["--data", str(deep)])):
        result = invoke(*short, "--out", str(tmp_path / name), *extra)
        assert result.exit_code == 0, result.output
        series = pd.read_parquet(tmp_path / name / "series.parquet")
        world = series[(series["variable"] == "stock_cover") & (series["region"] == "WLD")]
        stocks.append(float(world["value"].iloc[0]))
    assert stocks[1] > 1.5 * stocks[0]


def test_a_metal_without_rows_gets_documented_defaults_and_a_line_says_so(tmp_path: Path) -> None:
    without = own_cover(tmp_path / "without", lambda table: table[table["metal"] != "cobalt"])
    (without / "pack.toml").write_text('whole = ["cover"]\n', encoding="utf-8")
    result = invoke("run", "baseline", *SHORT, "--data", str(without), "--out", str(tmp_path / "out"))
    assert result.exit_code == 0, result.output
    assert "cover.csv: cobalt: default, the median of all metals" in " ".join(result.output.split())


def test_agents_are_written_on_request(tmp_path: Path) -> None:
    result = invoke("run", "drc-cobalt-export-ban", *SHORT, "--agents", "--out", str(tmp_path / "run"))
    assert result.exit_code == 0, result.output
    agents = pd.read_parquet(tmp_path / "run" / "agents.parquet")
    assert list(agents.columns) == ["date", "run", "kind", "id", "attribute", "value", "unit"]
    assert set(agents["kind"]) == {
        "miner",
        "refiner",
        "manufacturer",
        "input",
        "recycler",
        "desk",
        "ore desk",
        "secondary seller",
        "scrap pool",
    }
    output = agents[
        (agents["attribute"] == "output")
        & (agents["kind"] == "miner")
        & agents["id"].str.startswith("COD-cobalt")
        & (agents["run"] == "shock")
    ]
    series = pd.read_parquet(tmp_path / "run" / "series.parquet")
    mined = series[
        (series["variable"] == "production")
        & (series["region"] == "COD")
        & (series["run"] == "shock")
        & (series["form"] == "intermediate")
    ]
    by_month = output.groupby("date")["value"].sum()
    assert by_month.to_numpy() == pytest.approx(mined.sort_values("date")["value"].to_numpy())
    products = pd.read_parquet(tmp_path / "run" / "products.parquet")
    assert products["wanted"].dtype == float
    assert ((products["wanted"] - products["made"] - products["short"]).abs() < 1e-9 * products["wanted"].max()).all()


def test_years_and_values_without_meaning_are_one_line_each(tmp_path: Path) -> None:
    out = ["--metals", "cobalt", "--no-charts", "--out", str(tmp_path / "out")]
    assert "2000 to 2200" in refused("run", "baseline", "--end", "9999-12", *out)
    assert "range to explore" in refused("run", "baseline", "--end", "2024-03", "--set", "parameters.eta=0", *out)
    assert not (tmp_path / "out").exists()


def test_a_form_that_misses_the_exports_is_said_by_check_and_before_the_run(tmp_path: Path) -> None:
    text = (ROOT / "data/scenarios/drc-cobalt-export-ban.toml").read_text(encoding="utf-8")
    missed = tmp_path / "missed.toml"
    missed.write_text(text.replace('form = "intermediate"', 'form = "refined"', 1), encoding="utf-8")
    whole = tmp_path / "whole.toml"
    whole.write_text(text.replace('form = "intermediate"\n', ""), encoding="utf-8")
    line = "Warning: shocks[0]: form = 'refined' touches 0.0% of the cobalt that COD exports"
    checked = invoke("check", str(missed))
    assert checked.exit_code == 0
    assert checked.stderr.startswith(line)
    assert invoke("check", str(whole)).stderr == ""
    done = invoke("run", str(missed), "--out", str(tmp_path / "run"), *SHORT)
    assert done.exit_code == 0
    assert line in done.stderr
    with pytest.warns(UserWarning, match="touches 0.0% of the cobalt"):
        lodeflow.run(missed, ["world.end=2025-03", 'world.metals=["cobalt"]'])


def test_a_policy_says_what_it_changes(tmp_path: Path) -> None:
    options = ["--metals", "lithium", "--end", "2027-12", "--no-charts"]
    result = invoke("run", "eu-battery-epr", "--out", str(tmp_path / "run"), *options)
    own = lodeflow.open_run(tmp_path / "run").summary.iloc[0]
    assert own["recycled_more_t"] > 1.0
    said = f"lithium, by the end of the run: recycled metal {words.tonnes(own['recycled_more_t'], sign=True)}"
    assert said in result.stdout
    assert f"metal from ore {words.tonnes(-own['primary_avoided_t'], sign=True)}" in result.stdout
    assert "What happens" in result.stdout
    assert "Why the price moved" not in result.stdout, "no price moved"


def test_the_terminal_ranks_who_is_hit(tmp_path: Path) -> None:
    result = invoke("run", "drc-cobalt-export-ban", "--out", str(tmp_path / "run"), "--end", "2025-12", *SHORT[2:])
    hits = lodeflow.open_run(tmp_path / "run").hits
    first = hits[hits["who"] == "product"].iloc[0]
    assert f"{words.percent(first['share'])} ({words.tonnes(first['tonnes'])})" in " ".join(result.stdout.split())
    assert "countries hit hardest" in result.stdout
