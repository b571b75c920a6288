"""The share of lithium iron phosphate in vehicle batteries from observed prices: fitted up to a year, judged after it.

The rule is that of the world (:mod:`lodeflow.agents.cell`); what is fitted are constants alone, the response to cost and the
design cycle are the parameters of the world. Batteries of all vehicles of China count buses and trucks, which held lithium iron
phosphate nearly alone; those of the world count cars and vans.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lodeflow.agents import cell
from lodeflow.agents.memory import remember
from lodeflow.data.problems import DataError, Problem
from lodeflow.environment.start.cells import cell_tables

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables

FITTED_TO = 2020
"""Last year that a constant is fitted to."""
MARK = 0.15
"""Largest error that counts as hit, share of energy."""
CLOSE = 0.01
"""Share of its range within which a fitted constant stands at an end."""
FIRST, LAST = 2012, 2024
"""Years of prices; designers begin with the mean of the first three."""
LFP = "LFP"
HOME, WORLD = "CHN", "WLD"
CONSTANTS = (
    "taste for iron phosphate in cars and vans of China, ln points",
    "its share in buses and trucks of China",
    "taste for it elsewhere, ln points",
)
"""What is fitted."""
FIRST_GUESS, LEAST, MOST = (-2.0, 0.9, -4.0), (-15.0, 0.0, -15.0), (15.0, 1.0, 15.0)
"""Where the fit of the constants begins, and between what it looks, in their order."""
LIGHT, HEAVY = ["cars", "vans"], ["buses", "trucks"]


@dataclass(frozen=True)
class Judged:
    """What a fit gives.

    Attributes:
        rows: region, year, vehicles, observed, model, no_change, trend (shares), whether fitted or judged.
        constants: name and value of what was fitted.
        loss: by response to cost (low, shipped, high): root mean square error up to the last fitted year, largest error after it.
    """

    rows: pd.DataFrame
    constants: dict[str, float]
    loss: dict[float, tuple[float, float]]

    @property
    def at_the_end(self) -> list[str]:
        """Constants that stand at an end of what the fit looks at: the data do not tell them."""
        ends = zip(self.constants.items(), LEAST, MOST, strict=True)
        return [name for (name, value), low, high in ends if min(value - low, high - value) < CLOSE * (high - low)]

    def errors(self, column: str) -> np.ndarray:
        """Error of a column in the years that no constant was fitted to, share, shape (years,)."""
        rows = self.rows[self.rows["role"] == "judged"]
        error: np.ndarray = (rows[column] - rows["observed"]).to_numpy(float)
        return error


def judge(tables: Tables) -> Judged:
    """Fit the constants at the shipped parameters, and lay the model beside what was published and two simple rules.

    Raises:
        DataError: for a region without a share up to the last fitted year.
    """
    import pandas as pd

    first = tables.cell_shares.groupby("region")["year"].min()
    wrong, right = f"no share of a year up to {FITTED_TO} is given", "add one: constants are fitted to these"
    problems = [Problem("cell_shares.csv", region, "year", wrong, right) for region in first.index[first > FITTED_TO]]
    if problems:
        raise DataError(problems)
    response, low, high = _parameter(tables, "cell_cost_response")
    observed = tables.cell_shares.sort_values(["region", "year"]).reset_index(drop=True)
    constants, shares = _fitted(tables, response)
    rows = observed[["region", "year", "vehicles"]].assign(observed=observed["lfp"])
    rows["model"] = [
        shares[place][year] for place, year in zip(rows["region"].astype(str), rows["year"].astype(int), strict=True)
    ]
    rows["role"] = np.where(rows["year"] <= FITTED_TO, "fitted", "judged")
    rows = rows.join(pd.concat([_simple(part) for _, part in rows.groupby("region")]))
    losses = {at: _loss(tables, _fitted(tables, at)[1]) for at in (low, response, high)}
    return Judged(rows, dict(zip(CONSTANTS, constants.tolist(), strict=True)), losses)


def _parameter(tables: Tables, name: str) -> tuple[float, float, float]:
    row = tables.parameters[tables.parameters["parameter"] == name].iloc[0]
    return float(row["value"]), float(row["low"]), float(row["high"])


def _fitted(tables: Tables, response: float) -> tuple[np.ndarray, dict[str, dict[int, float]]]:
    """Constants in the order of :data:`CONSTANTS` by least squares over all fitted shares, and the share by region and year."""
    from scipy.optimize import least_squares

    home, others, energy = felt_cost(tables, HOME), felt_cost(tables, ""), _energy(tables)
    heavy = energy[HOME, "heavy"] / (energy[HOME, "heavy"] + energy[HOME, "light"])
    part = (energy[HOME, "light"] / energy[WORLD, "light"]).clip(upper=1.0)

    def shares(constants: np.ndarray) -> dict[str, dict[int, float]]:
        light = light_share(tables, home, constants[0], response)
        abroad = light_share(tables, others, constants[2], response)
        all_home = heavy * constants[1] + (1.0 - heavy) * light.reindex(heavy.index)
        world = part * light.reindex(part.index) + (1.0 - part) * abroad.reindex(part.index)
        return {HOME: all_home.to_dict(), WORLD: world.to_dict()}

    def misses(constants: np.ndarray) -> np.ndarray:
        return _gaps(tables, shares(constants), lambda year: year <= FITTED_TO)

    best = least_squares(misses, FIRST_GUESS, bounds=(LEAST, MOST)).x
    return best, shares(best)


def felt_cost(tables: Tables, country: str) -> pd.DataFrame:
    """Cost that designers count on, USD/kWh: metal at observed prices less support, after the design cycle; year by chemistry."""
    import pandas as pd

    wide = cell_tables(tables)[0]
    prices = tables.base_prices.pivot_table(index="year", columns="metal", values="price_usd_per_t")
    cost = prices.loc[FIRST:LAST, list(wide.columns)] @ wide.T / cell.KG_PER_TONNE
    support = tables.cell_support[tables.cell_support["iso3"] == country].set_index("year")["usd_per_kwh"]
    support = support.reindex(cost.index).fillna(0.0)
    cost.loc[:, cost.columns != LFP] = cost.loc[:, cost.columns != LFP].sub(support, axis=0)
    felt, months, years = cost.iloc[:3].mean().to_numpy(float), _parameter(tables, "design_cycle_months")[0], []
    for row in cost.to_numpy(float):
        seen = []
        for _ in range(12):
            felt = remember(felt, row, months)
            seen.append(felt)
        years.append(np.mean(seen, axis=0))
    return pd.DataFrame(years, index=cost.index, columns=cost.columns)


def light_share(tables: Tables, cost: pd.DataFrame, taste: float, response: float) -> pd.Series:
    """Share of lithium iron phosphate in cars and vans by year, with a taste for it in ln points."""
    import pandas as pd

    mix = cell_tables(tables)[1].to_numpy(float)
    iron = cost.columns == LFP
    reference = np.where(iron, np.exp(taste), mix)
    chosen = cell.shares(np.tile(reference, (len(cost), 1)), cost.to_numpy(float), response)
    return pd.Series(chosen[:, iron][:, 0], index=cost.index)


def _energy(tables: Tables) -> dict[tuple[str, str], pd.Series]:
    """Energy of batteries of light and heavy vehicles by region and year, GWh."""
    table, kinds = tables.battery_energy, {"light": LIGHT, "heavy": HEAVY}
    return {
        (place, kind): table[(table["region"] == place) & table["vehicles"].isin(names)].groupby("year")["gwh"].sum()
        for place in (HOME, WORLD)
        for kind, names in kinds.items()
    }


def _gaps(tables: Tables, shares: dict[str, dict[int, float]], chosen: Callable[[int], bool]) -> np.ndarray:
    """Simulated less published shares in the years that are chosen, shape (rows,)."""
    table = tables.cell_shares
    rows = zip(table["region"].astype(str), table["year"].astype(int), table["lfp"].astype(float), strict=True)
    return np.array([shares[place][year] - share for place, year, share in rows if chosen(year)])


def _loss(tables: Tables, shares: dict[str, dict[int, float]]) -> tuple[float, float]:
    """Root mean square error of the fitted shares, and the largest error of those after them."""
    fitted, after = (
        _gaps(tables, shares, lambda year: year <= FITTED_TO),
        _gaps(tables, shares, lambda year: year > FITTED_TO),
    )
    return float(np.sqrt(np.mean(fitted**2))), float(np.abs(after).max())


def _simple(part: pd.DataFrame) -> pd.DataFrame:
    """What a region gives where the last fitted share stays, and where the line through the fitted shares goes on."""
    import pandas as pd

    known = part[part["role"] == "fitted"]
    last = float(known["observed"].iloc[-1])
    trend = np.full(len(part), last)
    if len(known) > 1:
        slope, start = np.polyfit(known["year"].to_numpy(float), known["observed"].to_numpy(float), 1)
        trend = np.clip(start + slope * part["year"].to_numpy(float), 0.0, 1.0)
    return pd.DataFrame({"no_change": last, "trend": trend}, index=part.index)
