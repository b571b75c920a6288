"""The frozen worlds: how they are run, and what of their results is kept.

Every world keeps three small tables in ``results/``, made from all that the recorder and the ledger wrote down:

- ``NAME.digests.csv``: a fingerprint of the raw bytes of every channel in every month. Equal fingerprints, equal to the last
  bit.
- ``NAME.months.csv``: the sum of every channel over its agents in every month, written so that it reads back exactly.
- ``NAME.agents.csv``: the yearly mean of every channel for every agent (country and metal, country and product), likewise.

What "the same to the digit" can mean: ``numpy`` picks its exp, log and matrix routines by the processor, and these differ in
the last bit. So the machine is fingerprinted too (:func:`arithmetic`). Where it calculates as the machine that made the
results, every bit must agree; elsewhere every sum and mean must agree within :data:`TOLERANCE`. Measured with numpy's vector
routines, the matrix library and numba set to an old processor: sums and means differ by up to 1.1e-13, the reasons of bids, which
divide by totals near zero, by up to 2e-9 ln points.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
from llvmlite.binding import get_host_cpu_name
from numba import njit
from scipy import special

from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.accounts import FLOWS, STOCKS
from lodeflow.environment.month.reasons import COMPONENTS
from lodeflow.environment.records.recorder import CHANNELS
from lodeflow.environment.start import kept as starts
from lodeflow.experiments.scenario.model import Scenario, load_scenario

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
NAMES = tuple(sorted(path.stem for path in HERE.glob("*.toml")))
TAXES = {"ban": [("refined", "CHN", 0.1), ("feed", "IDN", 0.2)]}
"""Export taxes by world: market, country, share of the price. No shock sets a tax, so it is written on the edges."""
TOLERANCE = 1e-11
"""Largest difference on another kind of machine, as a share of the largest value of the channel (of the metal or product)."""
WHY_TOLERANCE = 1e-7
"""The same for the reasons of bids, ln points."""
PARTS = ("digests", "months", "agents")
LEAST_T = {"stock: ": 1.0, "flow: into hibernation": 1000.0, "hibernated": 1000.0}
"""A channel that never holds more is measured against this, t: what rounding leaves in an empty yard, or of the thousands of
tonnes that leave use, differs between processors."""


@dataclass(frozen=True)
class Results:
    """What is kept of a run: see the module. Frames are indexed by month, by month, and by channel and agent."""

    digests: pd.DataFrame
    months: pd.DataFrame
    agents: pd.DataFrame


@cache
def scenario(name: str) -> Scenario:
    """The scenario of a frozen world."""
    return load_scenario(HERE / f"{name}.toml")


def start(name: str, tables: Tables, parameters: dict[str, float] | None = None) -> World:
    """A frozen world before its first month, with other values of some parameters if asked for."""
    asked = scenario(name)
    values = asked.parameters | (parameters or {})
    blueprint, expectation = starts.start(tables, asked.world, asked.shocks, values)
    world = World(blueprint, asked.shocks, expectation)
    for market, country, share in TAXES.get(name, []):
        edges = world.markets[market]
        here = world.layout.country_index[country]
        edges.tax[(edges.seller_country == here) & (edges.buyer_country != here)] = share
    return world


def channels(world: World) -> dict[str, tuple[np.ndarray, list[str]]]:
    """Everything that was written down: values, shape (months, n), and who the n are ("cobalt COD")."""
    recorder, layout = world.recorder, world.layout
    result = {}
    for name in recorder.blocks:
        place = CHANNELS[name].place
        what = layout.products if place == "manufacturer" else layout.metals
        kinds, countries = recorder.places[place]
        labels = [f"{what[kind]} {layout.countries[country]}" for kind, country in zip(kinds, countries, strict=True)]
        result[name] = (recorder.block(name), labels)
    desks = [f"{layout.metals[m]} {layout.countries[c]}" for m, c in zip(*recorder.places["desk"], strict=True)]
    for row, reason in enumerate(COMPONENTS):
        result[f"why: {reason}"] = (recorder.why[: recorder.written, :, row], desks)
    for kind, names, values in (("flow", FLOWS, world.ledger.flows), ("stock", STOCKS, world.ledger.stocks)):
        for row, entry in enumerate(names):
            result[f"{kind}: {entry}"] = (values[: recorder.written, row], layout.metals)
    return result


def month_of(world: World, t: int) -> dict[str, np.ndarray]:
    """Everything that was written down of month `t`, by name."""
    of_kinds = {"why": world.recorder.why, "flow": world.ledger.flows, "stock": world.ledger.stocks}
    return {name: values[t] for name, values in (world.recorder.blocks | of_kinds).items()}


def results(world: World) -> Results:
    """Fingerprints, monthly sums and yearly means of a world that has run."""
    first, written = np.datetime64(world.settings.start, "M"), world.recorder.written
    months = pd.Index([str(first + t) for t in range(written)], name="month")
    years = np.array([month[:4] for month in months])
    digests, sums, means = {}, {}, []
    for name, (values, labels) in channels(world).items():
        digests[name] = [_fingerprint(row) for row in values]
        sums[name] = values.sum(axis=1, dtype=float)
        frame = pd.DataFrame(values.astype(float), index=years, columns=labels).T.groupby(level=0, sort=True).sum().T
        yearly = frame.groupby(level=0).mean().T
        yearly = yearly[(yearly != 0.0).any(axis=1)]
        means.append(pd.concat({name: yearly}, names=["channel", "agent"]))
    return Results(pd.DataFrame(digests, months), pd.DataFrame(sums, months), pd.concat(means))


def _fingerprint(values: np.ndarray) -> str:
    return sha256(np.ascontiguousarray(values).tobytes()).hexdigest()[:10]


def write(name: str, kept: Results) -> None:
    """Keep the results of a world."""
    RESULTS.mkdir(exist_ok=True)
    for part in PARTS:
        getattr(kept, part).to_csv(RESULTS / f"{name}.{part}.csv", lineterminator="\n")


def read(name: str) -> Results:
    """What is kept of a world; numbers exactly as they were written."""
    digests, months, agents = (RESULTS / f"{name}.{part}.csv" for part in PARTS)
    return Results(
        pd.read_csv(digests, index_col="month", dtype=str, keep_default_na=False),
        pd.read_csv(months, index_col="month", dtype=str).astype(float),
        pd.read_csv(agents, index_col=["channel", "agent"], dtype=str).astype(float),
    )


# ---- do two results agree -----------------------------------------------------------------------------------------------
def differences(kept: Results, now: Results, exact: bool) -> list[str]:
    """What differs, one line for each channel: its first month and the agent that moved most.

    exact: every bit; else sums and means within TOLERANCE.
    """
    if list(kept.digests.index) != list(now.digests.index):
        return [f"other months: {len(kept.digests)} before, {len(now.digests)} now"]
    both = [name for name in kept.digests if name in now.digests]
    found = [f"{name}: gone" for name in kept.digests if name not in both]
    found += [f"{name}: new" for name in now.digests if name not in both]
    agents = _agent_gaps(kept.agents, now.agents)
    for name in both:
        scale = _scale(name, float(kept.months[name].abs().max()))
        month = (kept.months[name] - now.months[name]).abs() / scale > TOLERANCE
        moved = kept.digests[name] != now.digests[name] if exact else month
        mine = agents[agents.index.get_level_values("channel") == name]
        if moved.any() or (not exact and (mine["gap"] > TOLERANCE).any()):
            when = f"first in {moved.idxmax()}" if moved.any() else "sums agree, agents do not"
            found.append(f"{name}: {when}; {_worst(mine)}")
    return found


def _scale(channel: str, largest: float) -> float:
    """What TOLERANCE is a share of."""
    if channel.startswith("why: "):
        return WHY_TOLERANCE / TOLERANCE
    return max(largest, next((least for begin, least in LEAST_T.items() if channel.startswith(begin)), 1e-300))


def _agent_gaps(kept: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Largest gap of each agent's yearly means, as a share of the channel's largest value of that metal or product."""
    both = kept.index.union(now.index)
    old, new = kept.reindex(both, fill_value=0.0), now.reindex(both, fill_value=0.0)
    what = both.get_level_values("agent").str.split(" ").str[0]
    channel = both.get_level_values("channel")
    largest = old.abs().max(axis=1).groupby([channel, what]).transform("max")
    scale = np.array([_scale(name, value) for name, value in zip(channel, largest, strict=True)])
    gap = (old - new).abs()
    year = gap.idxmax(axis=1)
    return pd.DataFrame(
        {
            "gap": gap.max(axis=1) / scale,
            "year": year,
            "was": [old.at[key, year[key]] for key in both],
            "now": [new.at[key, year[key]] for key in both],
        }
    )


def _worst(gaps: pd.DataFrame) -> str:
    if gaps.empty or not gaps["gap"].max() > 0.0:
        return "yearly means agree to the last bit"
    row = gaps.loc[gaps["gap"].idxmax()]
    agent = gaps["gap"].idxmax()[1]
    return f"most {agent} in {row['year']}: {float(row['was'])!r} before, {float(row['now'])!r} now"


# ---- how this machine calculates ----------------------------------------------------------------------------------------
@njit(cache=False)
def _compiled(values: np.ndarray) -> np.ndarray:
    out = np.empty_like(values)
    for i in range(len(values)):
        out[i] = values[i] ** 1.7 + np.exp(-values[i]) * np.log(values[i])
    return out


def arithmetic() -> str:
    """Fingerprint of how this machine calculates: its processor, vector functions, sums, matrix products, compiled loops."""
    values = np.linspace(1e-3, 20.0, 4097)
    parts = [
        *(function(values) for function in (np.exp, np.log, np.log1p, np.log2, np.sqrt, special.ndtr)),
        np.expm1(-values),
        values**-0.393,
        values.cumsum(),
        np.exp(values)[:4096].reshape(512, 8).sum(axis=1),
        np.exp(values[:630]).reshape(70, 9) @ np.log(values[1:10]),
        np.array([np.exp(-values).sum()]),
        np.random.default_rng(1).standard_normal(64),
        _compiled(values),
    ]
    processor = get_host_cpu_name().encode()
    return sha256(processor + b"".join(part.tobytes() for part in parts)).hexdigest()[:16]
