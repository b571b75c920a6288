"""The report's sentences and table rows: plain words made from the numbers of a run."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, isfinite
from typing import Any

import pandas as pd

from lodeflow.experiments.kpis import KPIS
from lodeflow.experiments.run.hit import COUNTRY, PRODUCT, hits_in
from lodeflow.experiments.run.moved import PRICE_MOVED, WHY, price_moved, reasons, reasons_moved, touched_by_policy
from lodeflow.viz import words
from lodeflow.viz.decided import weightiest
from lodeflow.viz.event import Event
from lodeflow.viz.frames import FEED, Labels, Run
from lodeflow.viz.language import foreign, language, say, told

RANKED = 5  # countries and products in the table of who is hit hardest
USERS = 6  # countries in the table of import reliance
MOST = 4  # metals shown in a report


@dataclass(frozen=True)
class Row:
    """One row of summary.csv, read with care: a column that is missing or empty is nan or ''."""

    values: dict[str, Any]

    def number(self, column: str) -> float:
        """Value of a number column; nan if there is none."""
        value = self.values.get(column)
        return float(value) if isinstance(value, int | float) else float("nan")

    def text(self, column: str) -> str:
        """Value of a text column; '' if there is none."""
        value = self.values.get(column)
        return "" if value is None or pd.isna(value) else str(value)

    @property
    def ratio(self) -> float:
        """The ratio to the baseline price that is furthest from 1 (highest or lowest)."""
        high, low = self.number("price_peak_ratio"), self.number("price_low_ratio")
        return low if isfinite(low) and low > 0 and 1 / low > max(high, 1.0) else high


def rows(run: Run) -> dict[str, Row]:
    """The summary by metal."""
    return {str(row["metal"]): Row(row) for row in run.summary.to_dict("records")}  # type: ignore[arg-type]


def headline(run: Run, labels: Labels, shown: list[str]) -> list[str]:
    """Two to five sentences: what happens, what it does to the metals that move most, what stays as it was."""
    if not run.has_shock:
        return _calm(run, labels)
    table = rows(run)
    sentences = [" ".join(filter(None, [_what_happens(run, labels), weightiest(run, labels)]))]
    for metal in shown[:2]:
        if metal in table:
            sentences.append(_metal_sentence(metal, table[metal], labels))
    moved = run.moved(most=len(run.metals))
    more, still = [metal for metal in moved if metal not in shown[:2]], [m for m in run.metals if m not in moved]
    if more:
        names = words.capital(_metals(more, labels))
        sentences.append(
            say("{names} moves too.", names=names) if len(more) == 1 else say("{names} move too.", names=names)
        )
    limit = words.percent(PRICE_MOVED)
    if not moved:
        calm = "No price leaves the world without {cause} by more than {limit}; nobody runs noticeably short."
        sentences.append(say(calm, cause=run.cause, limit=limit))
    elif still:
        stays = "The price of {names} stays within {limit} of the world without {cause}."
        sentences.append(say(stays, names=_metals(still, labels), limit=limit, cause=run.cause))
    sentences += policy_sentences(run, labels)
    return [sentence for sentence in sentences if sentence]


def _metals(names: list[str], labels: Labels) -> str:
    """Metals inside a sentence."""
    return words.listed([labels.metal(name) for name in names] if foreign() else names)


def _what_happens(run: Run, labels: Labels) -> str:
    live = [event for event in run.events if not event.no_effect]
    if not live:
        return "" if weightiest(run, labels) else say("None of the shocks of this run changed anything.")
    return say("{sentence}.", sentence=words.capital(say("; ").join(event_words(event, labels) for event in live[:4])))


def event_words(event: Event, labels: Labels) -> str:
    """'DR Congo: cobalt export ban, February 2025 to October 2025'."""
    if event.start is None:
        return labels.event(event)
    start, end = words.month(event.start), words.month(event.end)
    until = say("{start} to {end}", start=start, end=end) if event.end else say("from {start} on", start=start)
    return say(", ").join([labels.event(event), until])


def _metal_sentence(metal: str, row: Row, labels: Labels) -> str:
    """Price, shortage, who loses most and how long it lasts, for one metal."""
    ratio, parts = row.ratio, []
    if price_moved(ratio):
        low = ratio < 1
        when = words.month(row.text("price_low_date" if low else "price_peak_date"))
        price = (
            say("the price outside the restricting country")
            if row.text("price_where") == "outside"
            else say("the world price")
        )
        move = "{price} falls in {when}" if low else "{price} rises to {peak} in {when}"
        move = say(move, price=price, when=when, peak=words.usd(row.number("price_peak")))
        parts.append(say("{move}, {times} what it would have been", move=move, times=words.times(ratio)))
    lack = row.number("shortage_t")
    if isfinite(lack) and row.number("shortage_pct") >= 0.05:
        share = words.percent(row.number("shortage_pct") / 100)
        parts.append(say("users go short of {tonnes} ({share} of demand)", tonnes=words.tonnes(lack), share=share))
    if row.text("hit_country"):
        parts.append(
            say(
                "{who} is hit hardest and loses {share} ({tonnes}) of its normal use",
                who=labels.region(row.text("hit_country")),
                share=words.percent(row.number("hit_country_pct") / 100),
                tonnes=words.tonnes(row.number("hit_country_t")),
            )
        )
    back = row.number("months_to_recover")
    if parts and ratio != 1:
        parts.append(recovery(back))
    text = say("; ").join(part for part in parts if part)
    return say("{name}: {rest}.", name=labels.metal(metal), rest=text) if text else ""


def recovery(months: float) -> str:
    """How long it took until the price was near that of the world without the shock; NaN: never; 0: it never left."""
    if not isfinite(months):
        return say("the price is not back by the end")
    return (
        say("after {months} the price stays within 5 % again", months=words.count(round(months), "month", "months"))
        if months > 0
        else ""
    )


def _calm(run: Run, labels: Labels) -> list[str]:
    """Without shocks: the period, and the prices that drift most."""
    start, end = run.manifest.get("start", ""), run.manifest.get("end", "")
    changes = {}
    for metal in run.metals:
        price = run.line(metal, "price")
        if len(price) > 1 and price.iloc[0] > 0:
            changes[metal] = float(price.iloc[-1] / price.iloc[0]) - 1
    first = say("A world without shocks from {start} to {end}.", start=words.month(start), end=words.month(end))
    if not changes:
        return [first]
    strongest = sorted(changes, key=lambda m: abs(changes[m]), reverse=True)[:3]
    moves = [f"{labels.metal(metal).lower()} {words.percent(changes[metal], sign=True)}" for metal in strongest]
    return [
        first,
        say("The prices that change most from the first to the last month: {moves}.", moves=words.listed(moves)),
    ]


def summary_table(run: Run, labels: Labels) -> tuple[list[str], list[list[str]]]:
    """Header and rows of the report's main table, as text with units in the header."""
    header = [
        "Metal",
        "First price (USD/t)",
        "Peak price (USD/t)",
        "Peak in",
        "Price ÷ without shock" if run.has_shock else "Price ÷ first price",
        "Shortage (t)",
        "Shortage (% of demand)",
        "Months to recover",
        "Hit hardest",
        "Recycled at end of life (%)",
        "Recycled content (%)",
    ]
    table = rows(run)
    order = [metal for metal in run.metals if metal in table]
    header = [say(name) for name in header]
    return header, [_summary_cells(metal, table[metal], labels) for metal in order]


def _summary_cells(metal: str, row: Row, labels: Labels) -> list[str]:
    low, high = row.number("price_low_ratio"), row.number("price_peak_ratio")
    span = f"{low:.2f} – {high:.2f}" if isfinite(low) else f"{high:.2f}" if isfinite(high) else "–"
    peak = price_moved(high)
    back, loser = row.number("months_to_recover"), row.text("hit_country")
    share = row.number("shortage_pct")
    loss = say(", ").join([labels.region(loser), words.percent(row.number("hit_country_pct") / 100)])
    return [
        labels.metal(metal),
        words.significant(row.number("price_base")),
        words.significant(row.number("price_peak")) if peak else "–",
        (words.month(row.text("price_peak_date")) if peak else "") or "–",
        span,
        f"{row.number('shortage_t'):,.0f}" if isfinite(row.number("shortage_t")) else "–",
        f"{share:.1f}" if isfinite(share) else "–",
        f"{back:.0f}" if isfinite(back) else "–",
        loss if loser else "–",
        *(_points(row.number(column)) for column in ("recycling_rate", "recycled_content")),
    ]


def _points(share: float) -> str:
    return f"{100 * share:.1f}" if isfinite(share) else "–"


def why_table(run: Run, labels: Labels, shown: list[str]) -> tuple[list[str], list[list[str]]]:
    """Header and rows of the table of causes: each that moved a bid as per cent of it, and all of them multiplied."""
    every, causes = reasons(run.summary), reasons_moved(run.summary)
    table = rows(run)
    body = []
    for metal in shown:
        if metal in table and causes:
            values = [table[metal].number(cause) for cause in causes]
            known = [value for value in map(table[metal].number, every) if isfinite(value)]
            cells = [words.percent(exp(value) - 1, sign=True) if isfinite(value) else "–" for value in values]
            when = words.month(table[metal].text("why_date") or table[metal].text("price_peak_date"))
            body.append([labels.metal(metal), when or "–", *cells, words.percent(exp(sum(known)) - 1, sign=True)])
    names = [words.capital(say(cause.removeprefix(WHY).replace("_", " "))) for cause in causes]
    return [say("Metal"), say("In"), *names, say("All together")], body


def policy_sentences(run: Run, labels: Labels) -> list[str]:
    """What policies do to recycling, one sentence per metal that they touch."""
    events = [(event.kind, event.metals) for event in run.events if not event.no_effect]
    return [
        _policy_sentence(row, labels)
        for row in rows(run).values()
        if "recycled_more_t" in row.values and touched_by_policy(row.values, events)
    ]


def _policy_sentence(row: Row, labels: Labels) -> str:
    """Recycled metal, the rate at end of life and metal from ore that is not needed."""
    place = row.text("recycling_region")
    where = "" if place in ("", "WLD") else say(" in {place}", place=labels.region(place))
    more, less = row.number("recycled_more_t"), row.number("primary_avoided_t")
    rates = [words.percent(row.number(name)) for name in ("recycling_rate", "recycling_rate_baseline")]
    return say(
        "{name}: the policy brings {more} of recycled metal by the end of the run ({share}) {kept} {less} from ore "
        "({less_share}); {rate} of what reaches its end of life is recycled{where}, {before} without it.",
        name=labels.metal(row.text("metal")),
        more=words.tonnes(more, sign=True),
        share=words.percent(row.number("recycled_more_pct") / 100, sign=True),
        kept=say("and avoids") if less >= 0 else say("and asks for another"),
        less=words.tonnes(abs(less)),
        less_share=words.percent(abs(row.number("primary_avoided_pct")) / 100),
        rate=rates[0],
        where=where,
        before=rates[1],
    )


def hits_table(run: Run, labels: Labels, shown: list[str]) -> tuple[list[str], list[list[str]]]:
    """Header and rows of who loses most of its own normal use: countries and products side by side."""
    body = []
    for metal in shown:
        sides = [
            (hits_in(run.hits, metal, COUNTRY), labels.region),
            (hits_in(run.hits, metal, PRODUCT), labels.product),
        ]
        for rank in range(min(RANKED, max(len(hits) for hits, _ in sides))):
            cells = [labels.metal(metal) if rank == 0 else "", f"{rank + 1}"]
            for hits, name in sides:
                hit = hits[rank] if rank < len(hits) else None
                cells += (
                    ["–"] * 3
                    if hit is None
                    else [words.capital(name(hit.name)), words.percent(hit.share), words.tonnes(hit.tonnes)]
                )
            body.append(cells)
    own, lost = say("Share of own use lost"), say("Use lost")
    return [say("Metal"), say("Rank"), say("Country"), own, lost, say("Product"), own, lost], body


def reliance_table(run: Run, labels: Labels, shown: list[str]) -> tuple[list[str], list[list[str]]]:
    """Header and rows of net import reliance by stage and in all: the largest users of each metal, mean of the last year."""
    body = []
    for metal in shown:
        use = run.table(metal, "use").tail(12).sum().drop(["WLD", "ROW"], errors="ignore")
        for region in use.nlargest(USERS).index:
            cells = [reliance_words(run, metal, str(region), stage) for stage in ("feed", "refined", "all")]
            if set(cells) != {"–"}:
                body.append([labels.metal(metal), labels.region(str(region)), *cells])
    return [
        say(head) for head in ("Metal", "Country", "Feed of refiners", "Refined metal of makers", "All forms")
    ], body


def reliance_words(run: Run, metal: str, region: str, stage: str) -> str:
    """Net import reliance in the last 12 months in words: a share, or that more leaves than comes in."""
    forms = FEED if stage == "feed" else (stage,)
    lines = (run.line(metal, "net_import_reliance", region=region, form=form) for form in forms)
    line = next((line for line in lines if len(line)), None)
    if line is None:
        return "–"
    value = float(line.tail(12).mean())
    return words.percent(value) if value > -0.0005 else say("net exporter")


def kpi_table(run: Run, labels: Labels, shown: list[str]) -> tuple[list[str], list[list[str]]]:
    """Header and rows of all indicators, one column a metal; that of the world without the shock beside a state."""
    own = run.kpis[run.kpis["metal"].isin(shown)]
    rows = {(row["kpi"], row["metal"]): row for row in own.to_dict("records")}
    what = dict(zip(own["kpi"], own["what"], strict=True))
    body = [
        [
            words.capital(kpi_words(str(name), str(text))),
            *(_kpi_cell(rows.get((name, metal)), labels) for metal in shown),
        ]
        for name, text in what.items()
    ]
    return [say("Indicator"), *(labels.metal(metal) for metal in shown)], body


def kpi_words(name: str, meaning: str) -> str:
    """What an indicator means, in the reader's language; meaning: as the run folder has it."""
    return KPIS[name].label(language()) if foreign() and name in KPIS else meaning


def _kpi_cell(row: dict[Any, Any] | None, labels: Labels) -> str:
    """An indicator in words."""
    if row is None:
        return "–"
    if row["text"]:
        return labels.region(str(row["text"]))
    known = KPIS.get(str(row["kpi"]))
    shown_in = known.shown_in if known else str(row["unit"])
    without = float(row["without"])
    amount = words.amount(float(row["value"]), shown_in)
    if not isfinite(without):
        return amount
    return say("{amount} ({without} without)", amount=amount, without=words.amount(without, shown_in))


def event_rows(run: Run, labels: Labels) -> list[dict[str, Any]]:
    """The shocks and policies of the run, for the report: text cells and whether each had an effect."""
    return [
        {
            "label": labels.event(event) if foreign() else event.label,
            "actor": labels.region(event.actor) if event.actor else "–",
            "metals": words.listed([labels.metal(metal).lower() for metal in event.metals]) or say("all"),
            "announced": words.month(event.announced) or "–",
            "start": words.month(event.start) or "–",
            "end": words.month(event.end) or say("open"),
            "no_effect": event.no_effect,
            "reason": told(event.reason),
            "found": [told(line) for line in event.found],
        }
        for event in run.events
    ]
