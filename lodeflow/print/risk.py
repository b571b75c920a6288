"""Risk, lists and early warning on the terminal."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from lodeflow.print.table import headed, rows_of
from lodeflow.print.terminal import console
from lodeflow.viz.words import dollars, percent, tonnes

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.experiments.analysis.risk.report import Found
    from lodeflow.experiments.judge.warning.warning import Rules

STAGES = {"up": "mining", "mid": "refining", "down": "making"}


def print_risk(index: pd.DataFrame, table: pd.DataFrame, country: str) -> None:
    """Print the index of every stage in the last month with its causes, and its range over the months."""
    out, last = console(), index["date"].iloc[-1]
    metal = index["metal"].iloc[-1]
    shown = headed(
        f"Risk of {metal}, {country}, {last}: 0 none to 1 full",
        "stage",
        "index",
        "over the months",
        "causes (their parts)",
    )
    for stage, rows in index.groupby("stage", sort=False):
        now = rows.iloc[-1]
        low, high = rows["index"].min(), rows["index"].max()
        shown.add_row(STAGES[str(stage)], f"{now['index']:.2f}", f"{low:.2f} to {high:.2f}", now["causes"])
    out.print(shown)
    unknown = table[table["measure"].isna()]["cause"].unique()
    if len(unknown):
        out.print(f"not published, counted as no risk: {', '.join(unknown)}")


def print_review(table: pd.DataFrame, country: str) -> None:
    """Print all metals for one country, the riskiest first."""
    shown = headed(
        f"All metals for {country}: the riskiest first", "metal", "use a year", "from abroad", "largest supplier",
        "lost without it", "stock", "can be replaced", "recycled", "risk (EU style)", "GeoPolRisk", "helps most",
    )  # fmt: skip
    for row in rows_of(table):
        days = f"{row['stock_days']:.0f} days" if isfinite(row["stock_days"]) else "–"
        shown.add_row(
            row["metal"],
            tonnes(row["use_t"]),
            percent(row["from_abroad"]),
            f"{row['first']} {percent(row['first_share'])}",
            f"{tonnes(row['lost_at_once'])} a month",
            days,
            percent(row["substitutable"]),
            percent(row["recycled"]) if isfinite(row["recycled"]) else "–",
            f"{row['supply_risk']:.3f}",
            f"{row['geopolrisk']:.2f}",
            row["best"],
        )
    console().print(shown)


def print_channels(split: pd.DataFrame, table: pd.DataFrame, country: str) -> None:
    """Print through which channels a country gets each metal, and what its companies own beside its net import reliance."""
    if split.empty:
        return
    names = list(dict.fromkeys(split["channel"]))
    shown = headed(
        f"Channels of supply of {country}: share of what its makers get in a month (in brackets what it could bring at most)",
        "metal", *names, "from abroad, net of own mines", "counting what it owns abroad",
    )  # fmt: skip
    reliance = {row["metal"]: row for row in rows_of(table)}
    for metal, rows in split.groupby("metal", sort=False):
        parts = [
            percent(share) + (f" ({tonnes(most)})" if isfinite(most) and most > 0.0 else "")
            for share, most in zip(rows["share"], rows["most"], strict=True)
        ]
        own = reliance[str(metal)]
        shown.add_row(
            str(metal), *parts, *(percent(own[name]) for name in ("net_import_reliance", "reliance_less_owned"))
        )
    console().print(shown)


def print_lists(result: Found) -> None:
    """Print a recomputed list, who enters and leaves, and how well lists are told that the rules have not seen."""
    out = console()
    shown = headed(f"Recomputed {result.what}", "metal", "listed", "supply risk", "why")
    for row in rows_of(result.tables["list"]):
        shown.add_row(row["metal"], "yes" if row["listed"] else "no", f"{row['supply_risk']:.2f}", row["why"])
    out.print(shown)
    for row in rows_of(result.tables["changes"]):
        out.print(f"{row['metal']} {row['change']}: {row['why']}")
    scored = headed(
        "Lists that the rules have not seen: balanced accuracy", "list", "rules", "same as the last list", "wrong"
    )
    for row in rows_of(result.tables["scores"]):
        scored.add_row(
            f"{row['state']} {row['year']}", f"{row['rule']:.2f}", f"{row['same_as_last']:.2f}", row["wrong"]
        )
    out.print(scored)


def print_trial(result: Found) -> None:
    """Print what each kind of reserve is worth in drawn shocks."""
    out, asked = console(), result.made_from["inputs"]
    shown = headed(
        f"{asked['draws']} drawn shocks, reserves of {asked['country']} of {len(asked['metals'])} metals; days of normal use, "
        "means over the draws",
        "reserve", "use spared", "90 % interval", "in draws", "shortage spared", "90 % interval", "paid", "paid a day spared",
        "price peak",
    )  # fmt: skip
    for row in rows_of(result.tables["reserves"]):
        shown.add_row(
            row["reserve"],
            f"{row['spared']:+.1f}",
            f"{row['low']:+.1f} to {row['high']:+.1f}",
            percent(row["less_often"]),
            f"{row['short_spared']:+.1f}",
            f"{row['short_low']:+.1f} to {row['short_high']:+.1f}",
            dollars(row["paid"]),
            dollars(row["a_day"]) if isfinite(row["a_day"]) else "spares none",
            f"{row['peak']:.2f} times",
        )
    out.print(shown)


def print_warning(result: Found, rules: Rules) -> None:
    """Print what warning cost after the threshold was set, lead times, and what warns now."""
    out = console()
    shown = headed(
        f"Months after {rules.last_known}: cost in months of false alarm", "a missed month costs", "warning", "always", "never",
        "hits", "false alarms",
    )  # fmt: skip
    for row in rows_of(result.tables["cost"]):
        shown.add_row(
            f"{row['loss']:g}",
            *(f"{row[name]:,.0f}" for name in ("warned", "always", "never")),
            percent(row["hits"]),
            percent(row["false_alarms"]),
        )
    out.print(shown)
    leads = headed("Spells of dear months", "metal", "ahead from", "warned before")
    for row in rows_of(result.tables["changes"]):
        leads.add_row(
            row["metal"], row["first"], f"{row['lead']:.0f} months" if isfinite(row["lead"]) else "not in time"
        )
    out.print(leads)
    warns = [row["metal"] for row in rows_of(result.tables["index"]) if row["warns"]]
    out.print(
        f"at the end of the data: {', '.join(warns) if warns else 'no metal'} above the threshold {rules.threshold:g}"
    )
