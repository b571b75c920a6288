"""Scenarios as people damage them: each is refused in one line per fault, or runs, conserves metal and says what it runs."""

from __future__ import annotations

import copy
import math
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from lodeflow.data import DataError, Tables
from lodeflow.environment.shocks.kinds import REGISTRY
from lodeflow.experiments.run.what_if import build_world
from lodeflow.experiments.scenario.model import Scenario, check_scenario, load_scenario

WORLD = {"start": "2024-01", "end": "2024-06", "metals": ["cobalt"], "noise": 0.0}
TIMES = {"start": "2024-02", "end": "2024-04"}
FIELDS: dict[str, Any] = {
    "actor": "COD",
    "metals": ["cobalt"],
    "products": ["portable-battery"],
    "partners": ["CHN"],
    "form": "feed",
    "strength": 0.5,
    "output_loss": 0.4,
    "routes_lost": 0.3,
    "tonnes_per_year": 20000.0,
    "tonnes": 500.0,
    "approved_share": 0.5,
    "schedule": [{"start": "2024-02", "end": "2024-03", "value": 1000.0}],
    "realised": [{"start": "2024-02", "end": "2024-03", "value": 0.5}],
    "extensions": [{"known": "2024-03", "end": "2024-05"}],
    "recovery": {"cobalt": [{"date": "2024-03", "value": 0.9}]},
    "rate": 0.2,
    "floor": 1.2,
    "stages": ["mine", "refinery"],
    "building_stopped": 0.5,
    "changes": [{"metal": "cobalt", "ratio": 0.5}],
    "collection": [{"date": "2024-03", "value": 0.9}, {"date": "2024-06", "value": 0.95}],
}
"""Values of the fields that kinds of shocks have; every kind takes those it knows."""
ODD = st.one_of(
    st.sampled_from([True, 0, -1, 1e308, -1e308, math.nan, math.inf, 10**400, "0.5", "", "2024-13", "2024-01", "COD"]),
    st.sampled_from(
        [[], {}, [[]], [["cobalt"]], ["cobalt", "cobalt"], ["COD"], {"cobalt": []}, {"cobalt": {"x": [1]}}]
    ),
    st.sampled_from(["x" * 5000, "[/b] \x1b[31m", "cobalt", "all", "EU27", "refined", 0.5, 1, 3.0, 2024]),
    st.floats(width=16),
)
PATHS = st.lists(st.integers(0, 20), min_size=1, max_size=5)


def kinds() -> list[dict[str, Any]]:
    """One shock of every registered kind."""
    return [
        {
            "kind": kind,
            **TIMES,
            **copy.deepcopy({name: value for name, value in FIELDS.items() if name in shock.model_fields}),
        }
        for kind, shock in sorted(REGISTRY.items())
    ]


def place_in(raw: Any, way: list[int]) -> tuple[Any, Any]:
    """The table or list, and the key in it, that a random way through nested tables and lists ends at."""
    holder, key = raw, next(iter(raw))
    for step in way:
        if not isinstance(raw, dict | list) or not raw:
            break
        holder, key = raw, (list(raw)[step % len(raw)] if isinstance(raw, dict) else step % len(raw))
        raw = holder[key]
    return holder, key


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, Any]:
    """A right scenario with up to two keys exchanged, missing, doubled or added."""
    raw: dict[str, Any] = {
        "name": "fuzz",
        "world": copy.deepcopy(WORLD),
        "parameters": {"eta.cobalt": 0.4, "leakage": 0.05},
        "shocks": [copy.deepcopy(draw(st.sampled_from(kinds())))],
        "monte_carlo": {"vary": [{"key": "shocks.0.delay", "low": 0, "high": 1}]},
    }
    for _ in range(draw(st.integers(0, 2))):
        holder, key = place_in(raw, draw(PATHS))
        change = draw(st.sampled_from(["odd", "odd", "odd", "gone", "listed", "double", "more"]))
        if change == "odd":
            holder[key] = draw(ODD)
        elif change == "gone":
            holder.pop(key)
        elif change == "listed":
            holder[key] = [holder[key]]
        elif change == "more" and isinstance(holder, dict):
            holder[draw(st.sampled_from(["x", "end", "start", "permanent", "recovery_months", "eta.", "k" * 3000]))] = 1
        elif isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        if not raw:
            break
    return raw


def told(error: DataError, folder: str = "") -> None:
    """Each problem is one line of bounded length that begins with the file."""
    assert error.problems
    for problem in error.problems:
        assert str(problem).removeprefix(folder).startswith("fuzz.toml"), problem
        assert "\n" not in str(problem)
        assert len(str(problem)) < 3000
        assert problem.wrong


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(damaged())
def test_a_damaged_scenario_is_refused_or_means_what_it_says(tables: Tables, raw: dict[str, Any]) -> None:
    before = copy.deepcopy(raw)
    try:
        scenario = check_scenario(raw, "fuzz.toml", tables=tables)
    except DataError as error:
        told(error)
    else:
        assert check_scenario(tomllib.loads(scenario.to_toml()), "fuzz.toml", tables=tables) == scenario
    assert repr(raw) == repr(before)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(damaged())
def test_what_is_accepted_runs(tables: Tables, raw: dict[str, Any]) -> None:
    try:
        scenario: Scenario = check_scenario(raw, "fuzz.toml", tables=tables)
        scenario = scenario.model_copy(update={"world": scenario.world.model_copy(update={"metals": ["cobalt"]})})
        world = build_world(scenario, tables)
    except DataError as error:
        told(error)
        return
    for _ in range(min(scenario.world.months, 6)):
        world.step()  # raises where metal is not conserved
    assert all(map(math.isfinite, world.recorder.block("use")[: world.t].ravel()))


@settings(max_examples=150)
@given(
    st.integers(0, 10**6), st.sampled_from(["cut", "quote", "byte", "mark", "line", "zero", "deep", "digits", "twice"])
)
def test_damaged_text_is_refused_or_read(tables: Tables, place: int, damage: str) -> None:
    text = Scenario(name="fuzz", world=WORLD, parameters={"eta.cobalt": 0.4}).to_toml().encode()
    place %= len(text)
    content = {
        "cut": text[:place],
        "quote": text[:place] + b'"' + text[place:],
        "byte": text[:place] + b"\xff" + text[place:],
        "mark": b"\xef\xbb\xbf" + text,
        "line": text[:place] + b"\n" + text[place:],
        "zero": text[:place] + b"\x00" + text[place:],
        "deep": text + b"\nx = " + b"[" * place,
        "digits": text + b"\nx = " + b"9" * place,
        "twice": text + b"\n" + text[place:],
    }[damage]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fuzz.toml"
        path.write_bytes(content)
        try:
            scenario = load_scenario(path, tables=tables)
        except DataError as error:
            told(error, f"{folder}/")
            return
    assert scenario.name
