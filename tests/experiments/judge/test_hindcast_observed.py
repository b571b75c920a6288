"""A user's own values over a run, and forecasts that are registered: the same scores, and every mistake in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import lodeflow
from lodeflow.data import DataError, Tables
from lodeflow.experiments.judge.hindcast.observed import overlay, read_observed
from lodeflow.experiments.judge.hindcast.register import checksum, event_month, main_run, read_registered, register
from lodeflow.experiments.run.results import Outcome

HEAD = "date,metal,value\n"


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def series(values: list[float], **changes: str) -> pd.DataFrame:
    """A run of one price that starts in January 2025."""
    names = {"metal": "cobalt", "form": "refined", "region": "WLD", "variable": "price", "unit": "USD/t"} | changes
    dates = pd.date_range("2025-01-01", periods=len(values), freq="MS")
    return pd.DataFrame({"date": dates, "value": values}).assign(**names)


def lay(run: pd.DataFrame, path: Path, tables: Tables, month0: str = "2025-04"):
    return overlay(run, read_observed(path, tables), month0, {"title": "my run"}, {}, path.name)


def test_ratios_to_the_observed_months_before(tables: Tables, tmp_path: Path) -> None:
    rows = "2025-02,cobalt,10\n2025-03,cobalt,30\n2025-04,cobalt,40\n2025-06,cobalt,20\n2030-01,cobalt,99\n"
    board = lay(series([500.0, 100.0, 300.0, 400.0, 1.0, 800.0]), write(tmp_path / "mine.csv", HEAD + rows), tables)
    points = board.points.set_index("month")
    assert points["observed"].to_dict() == {0: 2.0, 2: 1.0}
    assert points["simulated"].to_dict() == {0: 2.0, 2: 4.0}
    assert list(points["date"]) == ["2025-04", "2025-06"]
    row = board.episodes.iloc[0]
    assert row["mean_error"] == pytest.approx(1.386294 / 2, abs=1e-6)
    assert row["no_change_error"] == pytest.approx(0.693147 / 2, abs=1e-6)
    assert (row["signs_right"], row["signs_counted"]) == (1, 1)
    assert pd.isna(row["static_error"])


def test_without_months_before_the_first_one_is_the_base(tables: Tables, tmp_path: Path) -> None:
    path = write(tmp_path / "mine.csv", f"{HEAD}2025-05,cobalt,5\n2025-06,cobalt,10\n")
    board = lay(series([1.0, 1.0, 1.0, 1.0, 2.0, 3.0]), path, tables)
    assert board.points[["month", "observed", "simulated"]].to_numpy().tolist() == [[2, 2.0, 1.5]]


def test_prices_outside_the_restricting_country(tables: Tables, tmp_path: Path) -> None:
    text = "date,metal,value,region\n2025-03,cobalt,5,outside COD\n2025-06,cobalt,10,outside COD\n"
    run = pd.concat([series([1.0] * 6), series([1.0, 1.0, 1.0, 1.0, 1.0, 2.0], variable="price_outside")])
    board = lay(run, write(tmp_path / "mine.csv", text), tables)
    assert board.episodes["mean_error"].tolist() == [0.0]


def test_all_mistakes_of_a_file_at_once(tables: Tables, tmp_path: Path) -> None:
    rows = ["2025-13,cobalt,1", "2025-01,cobbalt,1", "2025-02,cobalt,-1", "2025-03,cobalt,x", "2025-04,cobalt,1"]
    path = write(tmp_path / "mine.csv", HEAD + "\n".join([*rows, rows[-1]]) + "\n")
    with pytest.raises(DataError) as caught:
        read_observed(path, tables)
    assert {(problem.row, problem.column) for problem in caught.value.problems} >= {
        (2, "date"),
        (3, "metal"),
        (4, "value"),
        (5, "value"),
    }
    assert "stands already in row 6" in str(caught.value)
    assert "Did you mean 'cobalt'" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "file is empty"),
        (HEAD, "no rows"),
        ("date,metal\n2025-01,cobalt\n", "column value: the column is missing"),
        ("date,metal,value,colour\n2025-01,cobalt,1,red\n", "column colour: the column is unknown"),
        ("date;metal;value\n2025-01;cobalt;1\n", "separated by semicolons"),
    ],
)
def test_a_file_of_another_kind_is_refused(tables: Tables, tmp_path: Path, text: str, wrong: str) -> None:
    with pytest.raises(DataError, match=wrong):
        read_observed(write(tmp_path / "mine.csv", text), tables)
    with pytest.raises(DataError, match="missing"):
        read_observed(tmp_path / "nothing.csv", tables)


def test_what_the_run_does_not_have_is_named(tables: Tables, tmp_path: Path) -> None:
    rows = ["nickel,price,WLD,USD/t", "cobalt,prize,WLD,", "cobalt,price,JPN,", "cobalt,price,WLD,EUR/t"]
    text = "date,metal,variable,region,unit,value\n" + "".join(f"2025-06,{row},1\n" for row in rows)
    with pytest.raises(DataError) as caught:
        lay(series([1.0] * 6), write(tmp_path / "mine.csv", text), tables)
    assert [problem.column for problem in caught.value.problems] == ["metal", "variable", "region", "unit"]
    with pytest.raises(DataError, match="has no month from 2025-04 to 2025-06"):
        lay(series([1.0] * 6), write(tmp_path / "late.csv", f"{HEAD}2031-01,cobalt,1\n"), tables)


def long_run(variable: str, unit: str, metal: str = "cobalt", scale: float = 1.0) -> pd.DataFrame:
    """Three years from January 2025: 1, 2 and 3 a month, times a scale."""
    return series([scale * (1.0 + month // 12) for month in range(36)], variable=variable, unit=unit, metal=metal)


def test_yearly_values_are_sums_of_flows_and_means_of_prices(tables: Tables, tmp_path: Path) -> None:
    run = pd.concat([long_run("use", "t/month"), long_run("price", "USD/t")])
    rows = [
        "use,t/year,2025,12",
        "use,t/year,2026,24",
        "use,t/year,2027,72",
        "price,USD/t,2025,5",
        "price,USD/t,2027,15",
    ]
    text = "metal,variable,unit,date,value\n" + "".join(f"cobalt,{row}\n" for row in rows)
    board = lay(run, write(tmp_path / "mine.csv", text), tables, "2026-01")
    found = board.points.set_index(["variable", "date"])[["observed", "simulated"]]
    assert found.loc[("use", "2026-07")].tolist() == [2.0, 2.0]
    assert found.loc[("use", "2027-07")].tolist() == [6.0, 3.0]
    assert found.loc[("price", "2027-07")].tolist() == [3.0, 3.0]
    wrong = text.replace("t/year", "t/month")
    with pytest.raises(DataError, match="Convert to 't/year'"):
        lay(run, write(tmp_path / "wrong.csv", wrong), tables, "2026-01")


def test_a_series_may_hold_several_metals_together(tables: Tables, tmp_path: Path) -> None:
    run = pd.concat([long_run("use", "t/month"), long_run("use", "t/month", "nickel", 3.0)])
    run.loc[run["metal"] == "nickel", "value"] = 3.0
    rows = "date,metal,variable,value\n2025-12,cobalt+nickel,use,8\n2026-02,cobalt+nickel,use,10\n"
    board = lay(run, write(tmp_path / "mine.csv", rows), tables, "2026-01")
    assert board.points[["observed", "simulated"]].to_numpy().tolist() == [[1.25, 1.25]]
    with pytest.raises(DataError, match="have no sum"):
        read_observed(write(tmp_path / "price.csv", f"{HEAD}2025-01,cobalt+nickel,5\n"), tables)


def test_a_flow_of_nothing_is_scored_and_a_price_of_nothing_is_not(tables: Tables, tmp_path: Path) -> None:
    run = series([4.0, 4.0, 4.0, 0.0, 4.0, 4.0], variable="exports", unit="t/month")
    text = "date,metal,variable,value\n2025-03,cobalt,exports,8\n2025-04,cobalt,exports,0\n2025-05,cobalt,exports,0\n"
    board = lay(run, write(tmp_path / "mine.csv", text), tables)
    points = board.points.set_index("month")
    assert points.loc[0, ["observed", "simulated"]].tolist() == [0.01, 0.01]
    assert points.loc[1, ["observed", "simulated"]].tolist() == [0.01, 1.0]
    with pytest.raises(DataError, match="not above zero"):
        read_observed(write(tmp_path / "price.csv", f"{HEAD}2025-01,cobalt,0\n"), tables)


def test_names_and_places_are_as_strict_as_in_scenarios(tables: Tables, tmp_path: Path) -> None:
    rows = [
        "2025-01,cobalt,1,DRC",
        "2025-01,cobalt+nikel,1,WLD",
        "2025-01,cobalt,1,outside Congo",
        "2025-02,cobalt,1,EU27",
    ]
    with pytest.raises(DataError) as caught:
        read_observed(write(tmp_path / "mine.csv", "date,metal,value,region\n" + "\n".join(rows) + "\n"), tables)
    said = str(caught.value)
    assert "Did you mean 'COD' (DR Congo)?" in said
    assert "Did you mean 'nickel'" in said
    assert "COD (DR Congo, Kinshasa) or COG" in said
    assert "row 5" not in said


# ---- registered forecasts ------------------------------------------------------------------------------------------
OVERRIDES = ['world.metals=["cobalt"]', "world.end=2025-06"]


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return lodeflow.run("drc-cobalt-export-ban", OVERRIDES)


def test_a_forecast_is_read_back_as_it_was(outcome: Outcome, tmp_path: Path) -> None:
    path = register(outcome, OVERRIDES, tmp_path / "new" / "forecast.json")
    record, kept = read_registered(path)
    assert record["overrides"] == OVERRIDES
    assert record["month0"] == event_month(outcome) == outcome.scenario.first_month
    assert 'kind = "export_ban"' in record["scenario"]
    assert record["data_hash"] == outcome.manifest["data_hash"]
    run = main_run(outcome).query("region == 'WLD' and variable == 'price' and form == 'refined'")
    price = kept.query("variable == 'price' and form == 'refined'")
    assert price["value"].to_numpy() == pytest.approx(run["value"].to_numpy(), rel=1e-5)
    assert list(price["date"]) == list(run["date"])
    assert {"price_outside", "shortage"} <= set(kept["variable"])


def test_a_forecast_is_never_replaced(outcome: Outcome, tmp_path: Path) -> None:
    path = register(outcome, [], tmp_path / "forecast.json")
    before = path.read_bytes()
    with pytest.raises(DataError, match="never replaced"):
        register(outcome, [], path)
    assert path.read_bytes() == before


def test_a_forecast_that_was_changed_is_refused(outcome: Outcome, tmp_path: Path) -> None:
    path = register(outcome, [], tmp_path / "forecast.json")
    record = json.loads(path.read_text())
    path.write_text(json.dumps(record))  # another layout, the same content
    assert read_registered(path)[0]["title"] == record["title"]
    for key, value in (("rows", record["rows"][:-1]), ("created", "2020-01-01T00:00:00+00:00"), ("title", "another")):
        path.write_text(json.dumps(record | {key: value}))
        with pytest.raises(DataError, match="checksum does not match"):
            read_registered(path)
    del record["scenario"]
    path.write_text(json.dumps(record | {"sha256": checksum(record)}))
    with pytest.raises(DataError, match="not a registered forecast"):
        read_registered(path)
    path.write_text("no json")
    with pytest.raises(DataError, match="not a registered forecast"):
        read_registered(path)
