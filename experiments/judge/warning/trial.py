"""What a reserve and the early warning are worth: drawn shocks with no reserve, with a filled one, and with warned ones.

Every draw is one world without the shock, and one with it for each kind of reserve, all with the same random numbers. A reserve is
kept of every metal of the world, as nobody knows which will be hit. What is spared is use: what the country's makers use with a
reserve beyond what they use in the same shock without one, in days of normal use, added up over the metals and all months, so what
they give up while the reserve is filled counts as well. What is paid: purchases and interest less sales, and less what the stock
is worth at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.agents import guards
from lodeflow.environment.calendar import format_month
from lodeflow.environment.randomness import stream
from lodeflow.environment.shocks.kinds import REGISTRY, Shock
from lodeflow.environment.shocks.policy_reserve import StrategicReserve
from lodeflow.environment.shocks.reckoning import reckoned

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables
    from lodeflow.environment.world import World

MONTHS, DAYS = 12.0, 365.25
"""Months and days of a year."""
METALS = ("cobalt", "gallium", "lithium", "neodymium-praseodymium", "nickel")
"""Metals of the worlds: nickel has a monthly price, of an exchange; of the others the table `prices` has none."""
COUNTRY = "USA"
"""Whose reserve is tried out: a state that keeps none of these metals in the table `strategic_reserves`."""
NONE, FILLED = "no reserve", "filled, opened when firms run short"
OWN: Mapping[str, Any] = {"own_weight": 1.0, "prompt_prices": True}
ANY_COVER: Mapping[str, Any] = {"release_below_cover": 10.0}
KINDS: Mapping[str, Mapping[str, Any]] = {
    FILLED: {},
    "filled, opened when metal is dear": {**ANY_COVER},
    "filled, opened on a warning (own price)": {"release_on": "warning", **OWN},
    "bought on a warning (own price), opened when dear": {"buy_on": "warning", **OWN, **ANY_COVER},
    "bought on a warning (as judged), opened when dear": {"buy_on": "warning", **ANY_COVER},
}
"""Reserves that are tried out: what each says beside its size. As judged: the index of `lodeflow warning`; own price: as if the
price of every metal were published each month and counted beside the tide."""
COLUMNS = ("draw", "shock", "metal", "reserve", "short", "used", "paid", "peak", "held")
SIZES = {
    "export_ban": "strength",
    "mine_outage": "strength",
    "demand_surge": "strength",
    "export_licence": "approved_share",
}


@dataclass(frozen=True)
class Drawn:
    """A shock that was drawn: its name in the table, the metal that it hits ("all": every one), and itself."""

    name: str
    metal: str
    shock: Shock


def drawn(world: World, tables: Tables, draw: int, rules: Mapping[str, float]) -> Drawn:
    """A shock by its number, the same in every world with these metals.

    Args:
        world: before its first month.
        tables: `trial_shocks`.
        draw: number, which the draws belong to.
        rules: of the table `warning_rules`.
    """
    rows = tables["trial_shocks"].to_dict("records")
    chance = stream(draw, "trial", "shock").random(5)
    weight = np.cumsum([row["weight"] for row in rows])
    row = rows[int(np.searchsorted(weight / weight[-1], chance[0], side="right"))]
    metals = world.layout.metals
    metal = metals[int(chance[1] * len(metals))]
    size = row["size_low"] + chance[2] * (row["size_high"] - row["size_low"])
    first = world.first_month + int(rules["trial_first"] + chance[3] * rules["trial_window"])
    months = row["months_low"] + int(chance[4] * (row["months_high"] - row["months_low"] + 1))
    fields: dict[str, Any] = {"start": format_month(first), "end": format_month(first + months - 1)}
    fields[SIZES[row["kind"]]] = 1.0 - size if row["kind"] == "export_licence" else size
    if row["kind"] == "demand_surge":
        fields |= {"ramp_months": int(row["build_up"]), "metals": [] if row["stage"] == "all" else [metal]}
    else:
        form = {} if row["kind"] == "mine_outage" else {"form": "feed" if row["stage"] == "mine" else "refined"}
        fields |= {"actor": largest(world, row["stage"], metal), "metals": [metal], **form}
    return Drawn(
        str(row["shock"]), "all" if row["stage"] == "all" else metal, REGISTRY[row["kind"]].model_validate(fields)
    )


def largest(world: World, stage: str, metal: str) -> str:
    """The largest miner or refiner of a metal in the base year, the country of the reserve left out."""
    firms = world.miners if stage == "mine" else world.refiners
    rows = (firms.metal == world.layout.metal_index[metal]) & (firms.country != world.layout.country_index[COUNTRY])
    output = np.bincount(firms.country[rows], firms.base[rows], len(world.layout.countries))
    return str(world.layout.countries[int(output.argmax())])


def reserve(kind: str, metals: Sequence[str], start: str, rules: Mapping[str, float]) -> list[StrategicReserve]:
    """A reserve of a kind of :data:`KINDS`; none for :data:`NONE`."""
    if kind == NONE:
        return []
    warned = "buy_on" in KINDS[kind]
    given: dict[str, Any] = {
        "target_days": rules["trial_days"],
        "fill_months": rules["trial_fill_months"],
        "interest": rules["trial_interest"],
        "release_above": rules["trial_dear" if warned else "trial_open"],
    }
    given |= {"buy_below": rules["trial_dear"]} if warned else {}
    return [StrategicReserve(actor=COUNTRY, metals=list(metals), start=start, **given, **KINDS[kind])]


def outcome(world: World, calm: World, policies: Sequence[StrategicReserve]) -> dict[str, float]:
    """What happened in a world beside one without the shock and without a reserve: numbers of the columns from ``short`` on.

    short: wanted at the posted price and not had; used: use; held: the reserve at its largest; all of the country of the reserve,
    days of its use in the calm world, added up over the metals; peak: its largest price over that of the calm world; paid: USD.
    """
    here = world.desks.country == world.layout.country_index[COUNTRY]
    daily = calm.recorder.block("use").mean(axis=0) * MONTHS / DAYS
    held, short, use = (world.recorder.block(name) for name in ("reserve", "shortage", "use"))
    days = {
        "short": (short - calm.recorder.block("shortage")).sum(axis=0),
        "used": use.sum(axis=0),
        "held": held.max(axis=0),
    }
    found = {name: float((tonnes / np.maximum(daily, guards.NOTHING))[here].sum()) for name, tonnes in days.items()}
    ratio = world.recorder.block("price") / calm.recorder.block("price")
    paid = sum(one.net for policy in policies for one in reckoned(policy, world.recorder.purse, world))
    return found | {"peak": float(ratio[:, here].max()), "paid": float(paid)}


def trial(tables: Tables, draws: int, say: Callable[[str], None], world: World | None = None) -> pd.DataFrame:
    """Draw shocks, and run each with every kind of reserve: one row a draw and reserve, columns COLUMNS.

    Args:
        draws: how many shocks.
        say: told which draw is being run.
        world: another world than that of seven years of :data:`METALS`, before its first month.
    """
    import pandas as pd

    rules = dict(zip(tables.warning_rules["rule"], tables.warning_rules["value"], strict=True))
    world = built(tables) if world is None else world
    metals, calm = world.layout.metals, _ran(world, [])
    rows: list[dict[str, Any]] = []
    for draw in range(draws):
        own = drawn(world, tables, draw, rules)
        say(f"draw {draw + 1} of {draws}: {own.name}, {own.metal}")
        for kind in (NONE, *KINDS):
            policies = reserve(kind, metals, world.settings.start, rules)
            told = outcome(_ran(world, [own.shock, *policies]), calm, policies)
            rows.append({"draw": draw, "shock": own.name, "metal": own.metal, "reserve": kind, **told})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def built(tables: Tables) -> World:
    """The world of the trial: seven years from 2024 on, with the noise of firms."""
    from lodeflow import environment

    settings = environment.WorldSettings(metals=list(METALS), start="2024-01", end="2030-12", mode="stationary")
    return environment.build(tables, settings)


def _ran(world: World, shocks: Sequence[Shock]) -> World:
    """A twin with some shocks after its last month."""
    twin = world.twin(shocks)
    twin.reasons, twin.recorder.purse.whole = False, False
    return twin.run()


def compared(table: pd.DataFrame) -> pd.DataFrame:
    """What each kind of reserve is worth, means over the draws.

    Returns:
        one row a reserve: short, held (days of use, over all metals), peak (times), paid (USD), spared (use beyond that without a
        reserve, days) with its 90 % interval low to high, short_spared (shortage below that without a reserve, days) with its
        interval short_low to short_high, less_often (share of draws in which it spares use), a_day (USD for a day of use spared;
        nan where none is).
    """
    import pandas as pd

    wide = {name: table.pivot(index="draw", columns="reserve", values=name) for name in COLUMNS[4:]}
    rows = []
    for kind in (NONE, *KINDS):
        spared, short = wide["used"][kind] - wide["used"][NONE], wide["short"][NONE] - wide["short"][kind]
        (low, high), (short_low, short_high) = (_interval(values.to_numpy()) for values in (spared, short))
        paid, mean = float(wide["paid"][kind].mean()), float(spared.mean())
        own = {name: float(wide[name][kind].mean()) for name in ("short", "held", "peak", "paid")}
        own |= {"spared": mean, "low": low, "high": high}
        own |= {"short_spared": float(short.mean()), "short_low": short_low, "short_high": short_high}
        own |= {"less_often": float((spared > 0.0).mean()), "a_day": paid / mean if mean > 0.0 else float("nan")}
        rows.append({"reserve": kind, **own})
    return pd.DataFrame(rows)


def _interval(values: np.ndarray) -> tuple[float, float]:
    """The 90 % interval of a mean, by Student's t; nan where there is one value."""
    from scipy.stats import t

    if len(values) < 2:
        return float("nan"), float("nan")
    half = float(t.ppf(0.95, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    return float(values.mean()) - half, float(values.mean()) + half
