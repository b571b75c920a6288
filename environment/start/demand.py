"""The expected path of demand: history where there is data, an IEA scenario after it, or constant growth."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lodeflow.data import Tables
from lodeflow.data.span import last_year
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.parameters import Parameters
from lodeflow.environment.settings import LAST_BASE_YEAR, WorldSettings
from lodeflow.environment.start.curves import Monotone

TRACE_OF_USE = 1e-6
"""Share of a metal's use kept for products that come later."""
SHORTEST = 1e-6
"""Years that a change of chemistry takes at least, so that one at once is none by zero."""
BEYOND = 30
"""Months computed beyond the end, so that horizons at the end of a run see a path."""


def primary_refined(production: pd.DataFrame, metals: list[str]) -> pd.DataFrame:
    """World primary refined metal by year, t/year; index year, one column per metal."""
    refined = production[production["stage"] == "refine"]
    used = refined["reconciled_t"].fillna(refined["observed_t"]).fillna(refined["assumed_t"])
    table = refined.assign(used=used).pivot_table(index="year", columns="metal", values="used", aggfunc="sum")
    return table.reindex(columns=metals)


def use_share_table(use_shares: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Share of each product in the world use of its metal by year: index year, one column per pair (0, 1, ...).

    A product that is not made yet keeps a trace, so that it can begin.
    """
    wide = use_shares.pivot_table(index="year", columns=["product", "metal"], values="share", aggfunc="sum").fillna(0.0)
    keys = list(zip(pairs["product_name"], pairs["metal_name"], strict=True))
    table = wide.reindex(columns=pd.MultiIndex.from_tuples(keys), fill_value=0.0)
    table.columns = pd.RangeIndex(len(keys))
    return table.clip(lower=TRACE_OF_USE)


def smoothed(series: pd.Series, years: int) -> pd.Series:
    """Yearly values without their short swings: a line fitted to the logarithms of a centred window (Savitzky and Golay).

    At the ends the last line is read off, so that steady growth stays what it is. ``years``: length of the window; with fewer
    values than that, or a window below 3, the series stays as it is.
    """
    filled = np.log(series.replace(0.0, np.nan).interpolate(limit_direction="both"))
    window = int(years) | 1
    if window < 3 or len(filled) < window:
        return np.exp(filled)
    return pd.Series(np.exp(_lines(filled.to_numpy(float), window)), index=series.index)


def _lines(values: np.ndarray, window: int) -> np.ndarray:
    """Middles of lines fitted to centred windows, at the ends the last line: savgol_filter of scipy with polyorder 1.

    To the digit the same; scipy.signal and scipy.ndimage take as long to import as a year takes to simulate.
    """
    half, place = window // 2, np.arange(window, dtype=float)
    weights = np.linalg.lstsq((half - place) ** np.arange(2.0)[:, None], np.array([1.0, 0.0]), rcond=None)[0]
    windows, smooth = np.lib.stride_tricks.sliding_window_view(values, window), values.copy()
    smooth[half:-half] = windows[:, half] * weights[half]
    for k in range(half, 0, -1):  # from the ends of a window inwards, both at once: the order in which scipy adds
        smooth[half:-half] += (windows[:, half - k] + windows[:, half + k]) * weights[half + k]
    smooth[:half] = np.polyval(np.polyfit(place, values[:window], 1), place[:half])
    smooth[-half:] = np.polyval(np.polyfit(place, values[-window:], 1), place[-half:])
    return smooth


LEAST_INDEX = 1e-9
"""Least use of a pair relative to the base year, so that paths can be divided by their first month."""


def monthly_path(yearly: pd.Series | pd.DataFrame, months: np.ndarray) -> np.ndarray:
    """Smooth monthly rates whose mean over every year is that year's value.

    A monotone cubic through the running total (Fritsch and Carlson), read off at the months' ends.

    Args:
        yearly: one value per calendar year, or one per year and column; index consecutive years.
        months: month numbers, consecutive, inside these years, shape (T,).

    Returns:
        shape (T,), or (T, columns).
    """
    ends = np.append(yearly.index.to_numpy(float), float(yearly.index[-1]) + 1.0) * 12.0
    values = yearly.to_numpy(float)
    total = np.concatenate([np.zeros_like(values[:1]), np.cumsum(values, axis=0)])
    running = Monotone(ends, total)
    rates: np.ndarray = 12.0 * (running(months + 1.0) - running(months.astype(float)))
    return rates


def yearly_index(
    tables: Tables, pairs: pd.DataFrame, settings: WorldSettings, parameters: Parameters, actual: bool = False
) -> pd.DataFrame:
    """World use of each product and metal by year relative to the base year.

    Up to the last year with data it is the smoothed world primary refined metal times the product's share; after it the
    IEA scenario; beyond the scenario its last yearly change in tonnes fades, so that use saturates. Where a trend is expected,
    it replaces the years after the base year in the expected path, and what comes is smoothed less.

    Args:
        tables: the loaded tables.
        pairs: columns ``product_name, metal_name``, one row per pair.
        settings: scenario, base year, end.
        parameters: ``smoothing_years``, ``smoothing_actual_years``, ``step_fade_years``, ``trend_years``, ``trend_growth_max``.
        actual: what comes, instead of what is expected.

    Returns:
        index year (base year - 1 ... end + 3), one column per pair; 1 in the base year.
    """
    trend = settings.expected == "trend"
    window = int(parameters["smoothing_actual_years" if trend and actual else "smoothing_years"])
    names = tuple(zip(pairs["product_name"], pairs["metal_name"], strict=True))
    last = int(settings.end[:4]) + 3 + BEYOND // 12
    path = tables.remember(
        use_path,
        names,
        settings.demand,
        settings.chemistry,
        settings.data_year,
        last,
        window,
        parameters["step_fade_years"],
        trend and actual,
        not trend,
    )
    return path if actual or not trend else _continued(path, settings.data_year, parameters)


def use_path(
    tables: Tables,
    names: Sequence[tuple[str, str]],
    scenario_name: str,
    chemistry: str,
    base_year: int,
    last: int,
    window: int,
    fade: float,
    volumes: bool,
    from_data: bool,
) -> pd.DataFrame:
    """World use of pairs by year relative to the base year, as data and scenario give it.

    Args:
        tables: the loaded tables.
        names: product and metal of each pair.
        scenario_name: of the demand scenario.
        chemistry: of vehicle batteries to come, see :func:`turn_to`.
        base_year, last: years.
        window: years over which the past is smoothed.
        fade: years in which the yearly change of use falls to 1/e beyond the scenario.
        volumes: whether use follows the volumes of products where they are known.
        from_data: whether the base year stays as the data have it, so that later years are right although it was not.
    """
    pairs = pd.DataFrame(list(names), columns=["product_name", "metal_name"])
    metals = list(dict.fromkeys(pairs["metal_name"]))
    end = last_year(tables, metals)
    totals = primary_refined(tables.production, metals).apply(smoothed, years=window)
    shares = use_share_table(tables.use_shares, pairs)
    past = shares.mul(totals[pairs["metal_name"]].set_axis(shares.columns, axis=1)).loc[totals.index[0] : end]
    if from_data:
        observed = primary_refined(tables.production, metals).loc[base_year]
        past.loc[base_year] = shares.loc[base_year].to_numpy(float) * observed[pairs["metal_name"]].to_numpy(float)
    if volumes:
        past = with_volumes(past, pairs, tables.product_volumes)
        past = with_balances(past, pairs, totals, tables)
    scenario = tables.demand_index[tables.demand_index["scenario"] == scenario_name]
    future = scenario.pivot_table(index="year", columns=["product", "metal"], values="index", aggfunc="mean")
    keys = pd.MultiIndex.from_tuples(list(zip(pairs["product_name"], pairs["metal_name"], strict=True)))
    ahead = future.reindex(columns=keys).set_axis(past.columns, axis=1).fillna(1.0)
    if end != LAST_BASE_YEAR:  # the scenarios count from the last year of the shipped data
        ahead = ahead.reindex(range(min(end, LAST_BASE_YEAR), int(ahead.index.max()) + 1)).bfill()
        ahead = ahead / ahead.loc[end].clip(lower=LEAST_INDEX)
    path = pd.concat([past, ahead.loc[end + 1 :].mul(past.loc[end])])
    saturate(path, last, fade)
    turn_to(path, tables, names, chemistry)
    base = path.loc[base_year].to_numpy(float)
    return path.div(np.where(base > 0, base, 1.0), axis=1)


def saturate(path: pd.DataFrame, last: int, fade: float) -> None:
    """Let a path of use go on to a last year and come to rest: its yearly step fades.

    ``u(y) = max(0, u(y - 1) + s exp(-(y - Y) / fade))`` with Y the last year of the path and s its last step, in tonnes, so use
    tends to ``u(Y) + s / (exp(1 / fade) - 1)``. ODD 7.2.

    Args:
        path: use by year, index year, one column per pair; years are added to it.
        last: year; nothing is added where the path goes as far.
        fade: years in which the step falls to 1/e.
    """
    end, step = int(path.index[-1]), path.iloc[-1] - path.iloc[-2]
    for year in range(end + 1, last + 1):
        path.loc[year] = (path.loc[year - 1] + step * np.exp(-(year - end) / fade)).clip(lower=0.0)


def turn_to(path: pd.DataFrame, tables: Tables, names: Sequence[tuple[str, str]], chemistry: str) -> None:
    """Let products of a path of use turn to another battery chemistry, evenly between two years; nobody else changes.

    Args:
        path: use by year, index year, one column per pair; changed.
        tables: ``chemistries``: metal per unit after the change over that of the present mix, and the years of the change.
        names: product and metal of each pair.
        chemistry: name of a chemistry; one without rows is the present mix.
    """
    years = path.index.to_numpy(float)
    for row in tables.chemistries[tables.chemistries["chemistry"] == chemistry].to_dict("records"):
        for column, name in zip(path.columns, names, strict=True):
            if name == (row["product"], row["metal"]):
                path[column] *= _turned(row, years)


def _turned(row: Mapping[Hashable, Any], years: np.ndarray) -> np.ndarray:
    """Metal per unit over that of the present mix, by a row of the table ``chemistries``, shape (years,)."""
    span = max(row["last_year"] - row["first_year"], SHORTEST)
    changed: np.ndarray = 1.0 + np.clip((years - row["first_year"]) / span, 0.0, 1.0) * (row["ratio"] - 1.0)
    return changed


def counting_content(
    tables: Tables, names: Sequence[tuple[str, str]], settings: WorldSettings, months: int
) -> np.ndarray | None:
    """Metal in a unit over that of the table ``composition`` as products turn to another chemistry, shape (months, names).

    None where no chemistry is to come; 1 where units are not counted by that metal. Yearly figures hold in the middle of a year.

    Args:
        tables: the loaded tables.
        names: product, and the metal that counts its units, of each column.
        settings: chemistry, start, mode.
        months: from the first on.
    """
    known = tables.composition[tables.composition["counts"].astype(bool)]
    counts = set(zip(known["product"], known["metal"], strict=True))
    rows = tables.chemistries[
        (tables.chemistries["chemistry"] == settings.chemistry) & (tables.chemistries["ratio"] > 0.0)
    ]
    if rows.empty or settings.mode != "historical":
        return None
    years = (parse_month(settings.start) + np.arange(months) + 0.5) / 12.0 - 0.5
    content = np.ones((months, len(names)))
    for row in rows.to_dict("records"):
        own = [k for k, name in enumerate(names) if name in counts and name == (row["product"], row["metal"])]
        content[:, own] *= _turned(row, years)[:, None]
    return content


def with_volumes(past: pd.DataFrame, pairs: pd.DataFrame, volumes: pd.DataFrame) -> pd.DataFrame:
    """Use that follows what was made of a group of products, where that is known better than the metal's supply.

    From the first year with volumes on, the use of all listed products of a metal together grows as the volume does; their
    mix is that of the use shares.

    Args:
        past: use by year, index year, one column per pair.
        pairs: columns ``product_name, metal_name``, one row per pair.
        volumes: the table ``product_volumes``.
    """
    changed = past.copy()
    for metal, rows in volumes.groupby("metal"):
        made = rows.groupby("year")["volume"].mean().sort_index()
        made = made[made.index.isin(past.index)]
        of_metal = (pairs["metal_name"] == metal) & pairs["product_name"].isin(set(rows["product"]))
        columns = past.columns[of_metal.to_numpy()]
        if made.empty or columns.empty:
            continue
        use = past.loc[made.index, columns].sum(axis=1)
        factor = (made / made.iloc[0]) / (use / use.iloc[0])
        changed.loc[made.index, columns] = past.loc[made.index, columns].mul(factor, axis=0)
        later = past.index > made.index[-1]
        changed.loc[later, columns] = past.loc[later, columns] * factor.iloc[-1]
    return changed


def with_balances(past: pd.DataFrame, pairs: pd.DataFrame, totals: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Use that leaves out what a year made and did not use, where a market balance is published and use itself is not known.

    ``use (1 - surplus / output)``: consumption drives demand, not output. ODD 7.2.

    Args:
        past: use by year, index year, one column per pair.
        pairs: columns ``product_name, metal_name``, one row per pair.
        totals: refined output by year, t/year, one column per metal.
        tables: ``market_balance``, and ``product_volumes`` that says in which years use itself is known.
    """
    changed = past.copy()
    known = set(zip(tables.product_volumes["metal"], tables.product_volumes["year"], strict=True))
    for metal, year, surplus in tables.market_balance[["metal", "year", "surplus_t"]].itertuples(index=False):
        if (metal, year) in known or metal not in totals or year not in past.index:
            continue
        columns = past.columns[(pairs["metal_name"] == metal).to_numpy()]
        changed.loc[year, columns] = past.loc[year, columns] * (1.0 - surplus / totals.loc[year, metal])
    return changed


def _continued(path: pd.DataFrame, base_year: int, parameters: Parameters) -> pd.DataFrame:
    """The path up to the base year, and the mean growth of the years before it from there on."""
    years = min(int(parameters["trend_years"]), base_year - int(path.index[0]))
    if years < 1:  # the data begin in the base year: no growth is known
        flat = path.loc[[base_year]].reindex(path.loc[base_year + 1 :].index, method="ffill")
        return pd.concat([path.loc[:base_year], flat])
    growth = (path.loc[base_year] / path.loc[base_year - years]) ** (1.0 / years)
    most = 1.0 + parameters["trend_growth_max"]
    growth = growth.clip(1.0 / most, most)
    ahead = np.arange(1, int(path.index[-1]) - base_year + 1)
    later = pd.DataFrame(growth.to_numpy()[None, :] ** ahead[:, None], index=base_year + ahead, columns=path.columns)
    return pd.concat([path.loc[:base_year], later])


def monthly_index(
    tables: Tables, pairs: pd.DataFrame, settings: WorldSettings, parameters: Parameters, actual: bool = False
) -> np.ndarray:
    """Use of each product and metal relative to the first month: what is expected, or what comes (``actual``).

    Every year's mean is its yearly value; see :func:`monthly_path`.

    Returns:
        shape (months + BEYOND, pairs), first row 1.
    """
    months = settings.months + BEYOND
    if settings.mode != "historical":
        rate = settings.growth if settings.mode == "growth" else 0.0
        return np.repeat((1.0 + rate) ** (np.arange(months) / 12.0)[:, None], len(pairs), axis=1)
    yearly = yearly_index(tables, pairs, settings, parameters, actual)
    at = parse_month(settings.start) + np.arange(months)
    index = monthly_path(yearly.clip(lower=LEAST_INDEX), at)
    return index / index[0]


def base_year_mean(
    tables: Tables, pairs: pd.DataFrame, settings: WorldSettings, parameters: Parameters, actual: bool = False
) -> np.ndarray:
    """Mean over the base year of use relative to the first month, expected or as it came (``actual``), shape (pairs,).

    The base year's production divided by twelve and by this is the flow of the first month.
    """
    if settings.mode != "historical":
        return np.ones(len(pairs))
    yearly = yearly_index(tables, pairs, settings, parameters, actual)
    first = np.array([parse_month(settings.start)])
    mean: np.ndarray = yearly.loc[settings.data_year].to_numpy(float)
    return mean / monthly_path(yearly.clip(lower=LEAST_INDEX), first)[0]
