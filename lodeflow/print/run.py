"""What `lodeflow run` shows: the months while it runs, and afterwards what a minister's adviser wants to know, in plain words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.table import Table

from lodeflow.data.plain import plain
from lodeflow.experiments.run.hit import COUNTRY, PRODUCT, hits_in
from lodeflow.experiments.run.indicators import largest_changes, suppliers_changed
from lodeflow.experiments.run.moved import (
    PRICE_MOVED,
    USE_MOVED,
    WHY,
    cause,
    has_moved,
    market_moved,
    reasons,
    reasons_moved,
    touched_by_policy,
)
from lodeflow.print import payers
from lodeflow.print.decisions import print_decisions
from lodeflow.print.table import rows_of
from lodeflow.print.terminal import PlainConsole, console, say
from lodeflow.viz.words import count, dollars, month, percent, times, tonnes, usd

if TYPE_CHECKING:
    from lodeflow.experiments.run.results import Outcome
    from lodeflow.experiments.run.what_if import Progress
    from lodeflow.viz import Labels

TOLD = 0.1
"""Least change of exports that is told, t; less reads as 0 t."""
RANKED = 3
"""Countries and products that are named as the hardest hit."""


@contextmanager
def month_progress(name: str) -> Iterator[Progress]:
    """Show months, months/s and the time left on stderr; yields the function to call after each month."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("months"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=PlainConsole(stderr=True)) as bar:
        from lodeflow.environment.market.clearing import telling

        task = bar.add_task(name, total=None, rate="building the world")

        def advance(done: int, total: int) -> None:
            speed = bar.tasks[task].speed
            bar.update(task, completed=done, total=total, rate=f"{speed:,.0f} months/s" if speed else "")

        with telling(lambda line: say(line, err=True)):
            yield advance


def print_outcome(outcome: Outcome, labels: Labels) -> None:
    """Print the tables of an outcome: metals that moved, why, who replaced whom, and the rest in one line.

    labels: the names of countries.
    """
    from lodeflow.viz.event import Event

    out = console()
    compared = outcome.scenario.compared
    without = cause(shock.kind for shock in outcome.scenario.shocks)
    out.print(f"\n{plain(outcome.scenario.title or outcome.scenario.name)}", style="bold", end="")
    base = f"base year {outcome.manifest['base_year']}, " if "base_year" in outcome.manifest else ""
    out.print(f"  ({outcome.manifest['start']} to {outcome.manifest['end']}, {base}seed {outcome.manifest['seed']})\n")
    print_decisions(out, outcome.decisions, labels)
    moved = outcome.summary[[not compared or has_moved(row) for row in rows_of(outcome.summary)]]
    if len(moved):
        out.print(_effects(moved, compared, labels, without))
    priced = moved[[not compared or market_moved(row) for row in rows_of(moved)]]
    if len(priced):
        out.print(_reasons(priced, compared, without))
    for metal in moved["metal"]:
        _print_hits(out, outcome, metal, labels)
        _print_suppliers(out, outcome, metal, labels)
        _print_money(out, outcome, metal, labels)
    _print_policies(out, outcome)
    _print_rest(out, outcome.summary, set(moved["metal"]), compared)
    for event in outcome.events:
        for line in event.get("found", ()):
            out.print(f"{labels.event(Event.read(event))}: {plain(line)}")
        if event["no_effect"]:
            why = f": {plain(event['reason'])}" if event.get("reason") else ""
            out.print(f"Note: {labels.event(Event.read(event))} had no effect in this run{why}.", style="yellow")


def _effects(summary: pd.DataFrame, compared: bool, labels: Labels, without: str) -> Table:
    reference = f"without {without}" if compared else "at the start"
    table = Table(
        title="What happens",
        title_justify="left",
        caption=f"times: the price over that {reference}; outside: outside the country that restricts trade; "
        "shortage and use lost also in % of demand; "
        "hit hardest: the country that loses the largest share of its own normal use",
        caption_justify="left",
    )
    for heading in ("metal", "price peak", "when", "price low", "shortage", "use lost", "back to normal"):
        table.add_column(heading, no_wrap=heading == "metal")
    for heading in ("hit hardest", "recycling rate", "recycled content"):
        table.add_column(heading)
    for row in rows_of(summary):
        table.add_row(
            row["metal"],
            f"{times(row['price_peak_ratio'])}\n{usd(row['price_peak'])}{_where(row)}",
            month(row["price_peak_date"]),
            f"{times(row['price_low_ratio'])}\n{month(row['price_low_date'])}",
            f"{tonnes(row['shortage_t'])}\n{percent(row['shortage_pct'] / 100)}",
            f"{tonnes(row['use_lost_t'])}\n{percent(row['use_lost_pct'] / 100)}",
            _recovery(row["months_to_recover"], compared),
            _hit(row, labels),
            _against(row, "recycling_rate", compared),
            _against(row, "recycled_content", compared),
        )
    return table


def _where(row: dict[str, Any]) -> str:
    """Say that a price is the one outside the restricting country."""
    return "\noutside" if row["price_where"] == "outside" else ""


def _recovery(months: float, compared: bool) -> str:
    """Write the months until the price stays within 5 % of the world without the shock."""
    if not compared:
        return "–"
    if math.isnan(months):
        return "not in this run"
    return f"after {count(round(months), 'month', 'months')}" if months else "never left"


def _hit(row: dict[str, Any], labels: Labels) -> str:
    """Name the country that loses most of its own normal use."""
    if not row["hit_country"]:
        return "–"
    share, lost = percent(row["hit_country_pct"] / 100), tonnes(row["hit_country_t"])
    return f"{labels.region(row['hit_country'])}\nloses {share}, {lost}"


def _against(row: dict[str, Any], column: str, compared: bool) -> str:
    place = "" if row["recycling_region"] == "WLD" else "EU: "
    text = place + percent(row[column])
    return f"{text}\nwithout {percent(row[f'{column}_baseline'])}" if compared else text


def _reasons(summary: pd.DataFrame, compared: bool, without: str) -> Table:
    reference = f"the same month without {without}" if compared else "the base price"
    table = Table(
        title="Why the price moved, at its largest move",
        title_justify="left",
        caption=f"the factors multiply to the bid against {reference}; the price follows the bid with a delay",
        caption_justify="left",
    )
    every, shown = reasons(summary), reasons_moved(summary)
    for heading in ("metal", "when", *(column.removeprefix(WHY).replace("_", " ") for column in shown), "bid in all"):
        table.add_column(heading)
    for row in rows_of(summary):
        whole = math.fsum(row[column] for column in every)
        factors = [f"× {math.exp(part):.2f}" for part in (*(row[column] for column in shown), whole)]
        table.add_row(row["metal"], month(row["why_date"]), *factors)
    return table


def _print_hits(out: PlainConsole, outcome: Outcome, metal: str, labels: Labels) -> None:
    """Rank who loses the largest share of its own normal use: countries and products."""
    for who, word, name in ((COUNTRY, "countries", labels.region), (PRODUCT, "products", labels.product)):
        hits = hits_in(outcome.hits, metal, who)[:RANKED]
        if hits:
            places = [f"{name(hit.name)} {percent(hit.share)} ({tonnes(hit.tonnes)})" for hit in hits]
            out.print(f"{metal}, {word} hit hardest (share of their own normal use lost): {'; '.join(places)}")


def _print_money(out: PlainConsole, outcome: Outcome, metal: str, labels: Labels) -> None:
    """Say who gains and who pays most, where the account of money was made."""
    kpis = outcome.kpis[outcome.kpis["metal"] == metal].set_index("kpi")
    if "gains_most" not in kpis.index:
        return
    ends = []
    for name, verb in (("gains_most", "gains"), ("pays_most", "pays")):
        if kpis.loc[name, "text"]:
            usd = dollars(float(str(kpis.loc[f"{name}_usd", "value"])))
            ends.append(f"{labels.region(str(kpis.loc[name, 'text']))} {verb} {usd}")
    if ends:
        out.print(f"Money for {labels.metal(metal).lower()}, receipts less payments: {', '.join(ends)}.")


def _print_policies(out: PlainConsole, outcome: Outcome) -> None:
    """Say what policies do to recycling, and how much metal need not be refined from ore."""
    events = [(event["kind"], event["metals"]) for event in outcome.events]
    for row in rows_of(outcome.summary):
        if touched_by_policy(row, events):
            more, ore = (
                f"{tonnes(sign * row[f'{name}_t'], sign=True)} ({percent(sign * row[f'{name}_pct'] / 100, sign=True)})"
                for name, sign in (("recycled_more", 1.0), ("primary_avoided", -1.0))
            )
            cost = payers.cost(outcome.events, row["metal"], row["primary_avoided_t"])
            said = f"recycled metal {more}, metal from ore {ore}{f'; {cost}' if cost else ''}"
            out.print(f"{row['metal']}, by the end of the run: {said}")
    for line in payers.bearers(outcome.events):
        out.print(plain(line))


def _print_suppliers(out: PlainConsole, outcome: Outcome, metal: str, labels: Labels) -> None:
    """Say who replaced whom: whose exports fell and whose rose in the year after the first shock."""
    first_month = outcome.scenario.first_month
    if first_month is None:
        return
    change = suppliers_changed(outcome.trade[outcome.trade["metal"] == metal], first_month)
    parts = []
    for word, side in zip(("less", "more"), largest_changes(change), strict=True):
        told = side[side.abs() >= TOLD]
        places = [f"{labels.region(str(place))} {tonnes(value, sign=True)}" for place, value in told.items()]
        if places:
            parts.append(f"{word}: {', '.join(places)}")
    if parts:
        out.print(f"{metal}, exports of the first 12 months, {'; '.join(parts)}")


def _print_rest(out: PlainConsole, summary: pd.DataFrame, moved: set[str], compared: bool) -> None:
    rest = [metal for metal in summary["metal"] if metal not in moved]
    if rest and compared:
        who = "All metals" if not moved else f"{len(rest)} other metal{'s' if len(rest) > 1 else ''}"
        limits = f"{percent(PRICE_MOVED)} in price and {percent(USE_MOVED)} in use"
        out.print(f"{who} ({', '.join(rest)}) moved by less than {limits}.")
