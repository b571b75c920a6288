"""The judge of structure sees what is wrong: shuffled maps, investment against the margin, prices that stay or only rise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lodeflow.data import DataError, Tables
from lodeflow.environment.parameters import Parameters
from lodeflow.experiments.batch.make.design import factors_of
from lodeflow.experiments.judge import simple
from lodeflow.experiments.judge.hindcast import baseline as scoreboard
from lodeflow.experiments.judge.structure import baseline, cases, marks, runs, shares, trend
from lodeflow.experiments.judge.structure.board import StructureBoard, assemble, variants_of
from lodeflow.experiments.judge.structure.runs import FIT, FIT_UNTIL, JUDGED, PROTOCOL, Past, run_past
from lodeflow.experiments.scenario.model import check_scenario

METALS = ("cobalt", "nickel")
RUNS = ("path-2010", "path-2016", "trend-2010")


def pasts_of(tables: Tables) -> dict[str, Past]:
    return {name: run_past(PROTOCOL[name], tables, metals=METALS) for name in RUNS}


def flipped(tables: Tables) -> Tables:
    """Tables with which firms build where they lose, and shut nothing."""
    parameters = tables.parameters.copy()
    parameters.loc[parameters["parameter"] == "invest_response", ["value", "low", "high"]] *= -1.0
    parameters.loc[parameters["parameter"].isin(["place_logit", "forecast_trust"]), ["value", "low", "high"]] *= -1.0
    parameters.loc[parameters["parameter"] == "close_max", ["value", "low", "high"]] = 0.0
    return tables.replace(parameters=parameters)


@pytest.fixture(scope="module")
def pasts(tables: Tables) -> dict[str, Past]:
    """Three runs of the protocol with two metals."""
    return pasts_of(tables)


@pytest.fixture(scope="module")
def points() -> pd.DataFrame:
    """Prices around events, as shipped."""
    return scoreboard.read().points


@pytest.fixture(scope="module")
def board(tables: Tables, pasts: dict[str, Past], points: pd.DataFrame) -> StructureBoard:
    return assemble(tables, pasts, points)


def ratio(of: StructureBoard, field: str = marks.OVERALL) -> float:
    return float(of.marks.set_index("field").loc[field, "ratio"])


# ---- the judge sees ---------------------------------------------------------------------------------------------------
def test_a_shuffled_map_of_countries_is_worse(
    tables: Tables, pasts: dict[str, Past], board: StructureBoard, points: pd.DataFrame
) -> None:
    def shuffle(past: Past) -> Past:
        codes = sorted(set(past.output["iso3"]))
        other = dict(zip(codes, [*codes[1:], codes[0]], strict=True))
        return replace(past, output=past.output.assign(iso3=past.output["iso3"].map(other)))

    shuffled = assemble(tables, {name: shuffle(past) for name, past in pasts.items()}, points)
    assert ratio(shuffled, marks.MAP) > ratio(board, marks.MAP) + 0.5
    assert ratio(shuffled, marks.CASES) > ratio(board, marks.CASES)
    assert ratio(shuffled) > ratio(board)


def test_investment_against_the_margin_is_worse(tables: Tables, board: StructureBoard, points: pd.DataFrame) -> None:
    changed = flipped(tables)
    against = assemble(changed, pasts_of(changed), points)
    assert ratio(against, marks.TREND_OUTPUT) > ratio(board, marks.TREND_OUTPUT)
    assert ratio(against) > ratio(board)


@pytest.mark.parametrize("change", ["frozen", "only rises"])
def test_prices_that_stay_or_only_rise_are_worse(
    tables: Tables, pasts: dict[str, Past], board: StructureBoard, points: pd.DataFrame, change: str
) -> None:
    def prices(frame: pd.DataFrame, column: str, by: str) -> pd.DataFrame:
        if change == "frozen":
            return frame.assign(**{column: 1.0})
        return frame.assign(**{column: frame.groupby(by)[column].cummax().clip(lower=1.0)})

    others = {name: replace(past, market=prices(past.market, "price", "metal")) for name, past in pasts.items()}
    order = ["episode", "region", "month"]
    worse = assemble(tables, others, prices(points.sort_values(order), "simulated", "episode"))
    assert ratio(worse, marks.DIRECTION) > ratio(board, marks.DIRECTION)
    assert ratio(worse) > ratio(board)


def test_the_same_holds_for_the_shipped_judgement(points: pd.DataFrame) -> None:
    shipped = baseline.read()

    def overall(changed: pd.DataFrame, simulated: pd.DataFrame) -> float:
        table = marks.marks(simulated, changed, pd.DataFrame(columns=[*shares.ROW_COLUMNS]), shipped.case_scores)
        return float(table.set_index("field").loc[marks.OVERALL, "ratio"])

    now = overall(shipped.trend, points)
    assert overall(shipped.trend.assign(price=1.0), points.assign(simulated=1.0)) > now
    rising = shipped.trend.groupby(["run", "metal"])["price"].cummax()
    risen = points.groupby("episode")["simulated"].cummax().clip(lower=1.0)
    assert overall(shipped.trend.assign(price=rising), points.assign(simulated=risen)) > now


# ---- simple forecasts -------------------------------------------------------------------------------------------------
def test_momentum_goes_on_and_fades() -> None:
    before, now = pd.Series({"A": 70.0, "B": 30.0}), pd.Series({"A": 120.0, "B": 80.0})
    one = simple.momentum(now, before, 1)
    assert one["A"] == pytest.approx(0.6 - 0.1 / 3 * 0.8)
    assert one.sum() == pytest.approx(1.0)
    assert simple.momentum(now, before, 1000)["A"] == pytest.approx(0.6 - 0.1 / 3 * 0.8 / 0.2)
    gone = simple.momentum(pd.Series({"A": 1.0, "B": 99.0}), pd.Series({"A": 99.0, "B": 1.0}), 50)
    assert gone.to_dict() == {"A": 0.0, "B": 1.0}


def test_misplaced_is_half_the_sum_of_differences() -> None:
    assert simple.misplaced(pd.Series({"A": 3.0, "B": 1.0}), pd.Series({"A": 1.0, "C": 1.0})) == pytest.approx(0.5)
    assert simple.misplaced(pd.Series({"A": 2.0}), pd.Series({"B": 5.0})) == 1.0
    assert simple.misplaced(pd.Series({"A": 2.0, "B": 2.0}), pd.Series({"A": 9.0, "B": 9.0})) == 0.0


# ---- shares -----------------------------------------------------------------------------------------------------------
def test_the_base_year_is_met_and_later_years_are_judged_three_years_on(
    tables: Tables, pasts: dict[str, Past], board: StructureBoard
) -> None:
    past = pasts["path-2016"]
    own = past.output[(past.output["year"] == 2016) & (past.output["metal"] == "nickel")]
    for stage, of_stage in own.groupby("stage"):
        table = tables.production
        data = table[(table["metal"] == "nickel") & (table["stage"] == stage) & (table["year"] == 2016)]
        assert of_stage["tonnes"].sum() == pytest.approx(data["reconciled_t"].sum(), rel=0.02)
    rows = board.shares
    assert rows[rows["run"] == "path-2016"]["year"].min() == 2019
    assert rows[rows["run"] == "path-2010"]["year"].max() == FIT_UNTIL
    assert set(rows[rows["part"] == FIT]["run"]) == {"path-2010"}
    assert rows[["model", "persistence", "momentum"]].to_numpy().max() <= 1.0


def test_estimates_are_no_part_of_a_score() -> None:
    good = {"run": "r", "part": JUDGED, "metal": "nickel", "stage": "mine", "year": 2020, "assumed": False}
    rows = pd.DataFrame(
        [
            {**good, "model": 0.2, "persistence": 0.1, "momentum": 0.3},
            {**good, "model": 0.9, "persistence": 0.9, "momentum": 0.9, "assumed": True},
            {**good, "metal": "copper", "model": 0.4, "persistence": 0.1, "momentum": 0.3},
        ]
    )
    found = shares.share_scores(rows).set_index("part")
    assert found.loc[JUDGED, "model"] == pytest.approx(0.3)
    assert found.loc[JUDGED, "rows"] == 2
    assert found.loc[runs.LEFT_OUT, "model"] == pytest.approx(0.2), "nickel is left out of a fit, copper is not"


def test_history_before_2000_goes_on_in_the_later_table(tables: Tables) -> None:
    found = shares.history_rows(tables)
    assert set(found["base"]) == {1975, 1980, 2000, 2005, 2010}
    assert len(found) > 25, "windows in which states dissolved are left out, others are not"
    assert found[["persistence", "momentum"]].to_numpy().max() < 0.8
    old, new = tables.production_history, tables.production
    for metal, stage in (("cobalt", "refine"), ("nickel", "refine"), ("nickel", "mine"), ("graphite", "mine")):
        last = old[(old["metal"] == metal) & (old["stage"] == stage) & (old["year"] == 1999)]["observed_t"].sum()
        first = new[(new["metal"] == metal) & (new["stage"] == stage) & (new["year"] == 2000)]["observed_t"].sum()
        assert last == pytest.approx(first, rel=0.15), (metal, stage)


# ---- trend mode -------------------------------------------------------------------------------------------------------
def trend_table(price: list[float], observed: list[float]) -> pd.DataFrame:
    count = len(price)
    return pd.DataFrame(
        {"run": "t", "metal": "tin", "year": range(2010, 2010 + count), "price": price, "price_observed": observed}
        | {
            "output": 2.0,
            "output_observed": 1.0,
            "output_base": 4.0,
            "wanted": 10.0,
            "short": [0.0] * (count - 1) + [3.0],
        }
    )


def test_trend_scores_of_numbers_made_by_hand() -> None:
    found = trend.trend_scores(trend_table([1.0, 2.0, 1.0, 1.5], [1.0, 2.0, 4.0, 2.0])).set_index("metal").loc["tin"]
    assert found["price_error"] == pytest.approx((0.0 + np.log(4.0) + np.log(2.0 / 1.5)) / 3)
    assert found["price_no_change"] == pytest.approx((2 * np.log(2.0) + np.log(4.0)) / 3)
    assert found["price_bias"] == pytest.approx(-found["price_error"])
    assert (found["rises_right"], found["rises_counted"]) == (1, 2)
    assert (found["falls_right"], found["falls_counted"]) == (0, 1)
    assert (found["large_falls_right"], found["large_falls_counted"]) == (0, 1)
    assert found["output_error"] == pytest.approx(np.log(2.0))
    assert found["output_no_change"] == pytest.approx(np.log(4.0))
    assert found["unmet"] == pytest.approx(3.0 / 40.0)


def test_a_large_fall_takes_more_than_a_tenth() -> None:
    found = trend.trend_scores(trend_table([1.0, 0.9, 0.8, 0.9], [1.0, 0.91, 0.8, 0.7])).set_index("metal").loc["tin"]
    assert (found["large_falls_right"], found["large_falls_counted"]) == (1, 2)
    assert (found["falls_right"], found["falls_counted"]) == (2, 3)


def test_a_price_that_stays_correlates_with_nothing() -> None:
    found = trend.trend_scores(trend_table([1.0, 1.0, 1.0], [1.0, 2.0, 1.5]))
    assert found["correlation"].tolist() == [0.0, 0.0]
    moved = trend.trend_scores(trend_table([1.0, 2.0, 1.5], [1.0, 2.0, 1.5]))
    assert moved["correlation"].tolist() == pytest.approx([1.0, 1.0])


# ---- cases and protocol -----------------------------------------------------------------------------------------------
def test_a_case_starts_from_the_data_and_shows_who_had_no_measure(tables: Tables) -> None:
    past = run_past(PROTOCOL["nickel-ban-2013"], tables)
    years = cases.case_years(tables, {"nickel-ban-2013": past})
    assert set(years["iso3"]) == {"IDN", "PHL", "NCL", "AUS"}
    first = years[years["year"] == 2013].set_index("iso3")
    for name in shares.FORECASTS:
        assert first[name].to_numpy() == pytest.approx(first["observed"].to_numpy(), rel=0.02, abs=10.0), name
    found = cases.case_scores(years).set_index("iso3")
    assert found.loc["IDN", "observed"] == pytest.approx(1_493_200)
    assert found.loc["PHL", "error_model"] < 1e-5, "nothing but the trace of an entrant stands where no ban stood"


def test_a_case_of_an_unknown_run_is_one_line(tables: Tables) -> None:
    table = tables.structure_cases.copy()
    table.loc[0, "run"] = "path-2011"
    with pytest.raises(DataError, match="path-201"):
        cases.check_cases(tables.replace(structure_cases=table))


def test_the_protocol_keeps_fit_and_judgement_apart() -> None:
    for name, protocol in PROTOCOL.items():
        if protocol.part == FIT:
            assert max(protocol.years) == FIT_UNTIL, name
        elif protocol.expected == "path" and not protocol.own_base:
            assert min(protocol.years) > FIT_UNTIL, name
    assert {protocol.base for protocol in PROTOCOL.values() if protocol.part == FIT} == {2005, 2010}


def test_a_run_is_given_only_measures_announced_by_its_base_year(tables: Tables) -> None:
    for name, protocol in PROTOCOL.items():
        metals = runs.metals_of(protocol, tables)
        for shock in runs._shocks(protocol, tables, metals):
            announced = shock.announce or shock.start
            assert int(announced[:4]) <= protocol.base + 1, (name, shock.label)


def test_a_base_year_before_2009_knows_the_metals_that_have_prices(tables: Tables) -> None:
    assert runs.metals_of(PROTOCOL["path-2005"], tables) == ["lithium", "cobalt", "nickel", "copper"]
    past = run_past(PROTOCOL["path-2005"], tables, metals=("cobalt",))
    assert past.output["year"].min() == 2005
    assert past.market["price"].iloc[0] == 1.0


# ---- variants of structure ---------------------------------------------------------------------------------------------
def test_every_variant_changes_a_parameter_and_is_allowed(tables: Tables) -> None:
    shipped = Parameters(tables.parameters, [], [])
    found = variants_of(tables)
    assert {"no-precaution", "no-surge", "no-leakage", "rent-shared"} <= set(found)
    for name, (title, values) in found.items():
        assert title
        changed = Parameters(tables.parameters, [], [], values)
        assert any(changed[key] != shipped[key] for key in values), name


def test_a_batch_can_draw_variants_of_structure(tables: Tables) -> None:
    raw = {"name": "s", "world": {"metals": ["cobalt"]}, "monte_carlo": {"parameters": ["gamma"], "structure": True}}
    problems: list = []
    scenario = check_scenario(raw, "s.toml", problems, tables)
    drawn = {factor.key: factor for factor in factors_of(scenario, tables)}
    assert drawn["parameters.leakage"].vary.choices == [0.08, 0.0]
    assert drawn["parameters.charge_growth"].vary.choices == [0.3, 0.0, 0.7]
    assert drawn["parameters.leakage"].nominal == 0.08
    assert "parameters.gamma" in drawn


# ---- what is shipped ---------------------------------------------------------------------------------------------------
def test_what_got_worse_is_named_and_what_is_missing_counts() -> None:
    before = baseline.read().marks
    assert baseline.worse(before, before) == []
    worse = before.assign(ratio=before["ratio"] + 2.0 * baseline.FIELD_MARGIN)
    assert len(baseline.worse(worse, before)) == len(before)
    slightly = before.assign(ratio=before["ratio"] + 0.5 * baseline.MARGIN)
    assert baseline.worse(slightly, before) == []
    assert baseline.worse(before.iloc[1:], before) == [f"{before['field'].iloc[0]}: is no longer judged"]
    lost = before.assign(ratio=float("nan"))
    assert len(baseline.worse(lost, before)) == len(before)


def test_a_judgement_is_written_and_read_again(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = baseline.read()
    monkeypatch.setattr(baseline, "SHIPPED", tmp_path / "structure.json")
    baseline.write(shipped)
    again = baseline.read()
    for name in baseline.FRAMES:
        pd.testing.assert_frame_equal(getattr(again, name), getattr(shipped, name))
    with pytest.raises(DataError, match="three metals"):
        baseline.write(replace(shipped, manifest={"quick": True}))
    (tmp_path / "structure.json").write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match="not a file of a judgement"):
        baseline.read()


def test_the_shipped_judgement_is_that_of_now(tables: Tables, pasts: dict[str, Past], board: StructureBoard) -> None:
    shipped = baseline.read()
    own = shipped.case_scores.set_index(["case", "iso3"])["model"]
    now = board.case_scores.set_index(["case", "iso3"])["model"]
    for key in now.index:
        assert now[key] == pytest.approx(own[key], rel=0.08), "if meant: lodeflow validate --structure --refresh"
