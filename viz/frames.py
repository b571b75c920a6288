"""The frames of one run as the charts want them: a run folder (or an `Outcome`), and the names of metals and places."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import log
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lodeflow.data.guard import parse_toml
from lodeflow.data.plain import plain, plain_lines
from lodeflow.data.problems import DataError
from lodeflow.experiments.run.indicators import FILE as KPI_FILE
from lodeflow.experiments.run.indicators import read_kpis
from lodeflow.experiments.run.moved import cause, market_moved
from lodeflow.experiments.run.read import read_hits
from lodeflow.experiments.run.results import read_table
from lodeflow.viz import words
from lodeflow.viz.coded import coded, rows_by
from lodeflow.viz.described import described
from lodeflow.viz.event import Event
from lodeflow.viz.language import foreign, language, named, say
from lodeflow.viz.observed import Observed

WORLD = "WLD"
AGGREGATES = (WORLD, "EU27")  # sums of other regions: never added to them
FORMS = ("refined", "product", "intermediate", "ore", "feed", "mixed", "scrap")  # preference when a chart names no form
FEED = ("ore", "intermediate", "feed")
KIND_WORDS = {"epr": "extended producer responsibility"}
"""Kinds whose name is no word."""
NAMES = {WORLD: "World", "ROW": "Rest of world", "EU27": "EU27"}
FRAMES = ("series", "trade", "why", "ledger")
MONEY = ("date", "run", "metal", "entry", "payer", "payer_kind", "payee", "payee_kind", "usd")  # that charts read
FILES = ("manifest.json", "series.parquet", "trade.parquet", "why.parquet", "ledger.parquet", "summary.csv")


@dataclass(frozen=True)
class Labels:
    """What the tables know: names, places and colours (a missing entry falls back to its code), and observed prices."""

    countries: dict[str, str] = field(default_factory=dict)
    places: dict[str, tuple[float, float]] = field(default_factory=dict)  # iso3 -> (lon, lat) in degrees
    metals: dict[str, str] = field(default_factory=dict)
    colors: dict[str, str] = field(default_factory=dict)  # metal -> hex colour
    products: dict[str, str] = field(default_factory=dict)
    observed: Observed = field(default_factory=Observed)  # empty: no observed price is drawn

    @classmethod
    def of(
        cls,
        countries: pd.DataFrame | None = None,
        metals: pd.DataFrame | None = None,
        products: pd.DataFrame | None = None,
        observed: Observed | None = None,
    ) -> Labels:
        """From the data tables `countries` (iso3, name, lat, lon), `metals` (metal, label, color), `products`; all optional."""
        places, names, labels, colors = {}, {}, {}, {}
        if countries is not None:
            names = {str(k): str(v) for k, v in zip(countries["iso3"], countries["name"], strict=True)}
            spots = zip(countries["iso3"], countries["lon"], countries["lat"], strict=True)
            places = {str(k): (float(x), float(y)) for k, x, y in spots if pd.notna(x) and pd.notna(y)}
        if metals is not None:
            labels = {str(k): str(v) for k, v in zip(metals["metal"], metals["label"], strict=True)}
            colors = {str(k): str(v) for k, v in zip(metals["metal"], metals["color"], strict=True)}
        uses = {} if products is None else dict(zip(products["product"], products["label"], strict=True))
        own = {
            what: {code: named(what, code, name) for code, name in known.items()}
            for what, known in (("region", names), ("metal", labels), ("product", uses))
        }
        return cls(own["region"], places, own["metal"], colors, own["product"], observed or Observed())

    @classmethod
    def shipped(
        cls,
        countries: pd.DataFrame | None = None,
        metals: pd.DataFrame | None = None,
        products: pd.DataFrame | None = None,
        observed: Observed | None = None,
    ) -> Labels:
        """As `of`, but tables that are not given come from the shipped data; observed prices only with the first two of them."""
        ours = countries is None or metals is None
        if ours or products is None:
            from lodeflow import data

            tables = data.shared()
            countries = tables["countries"] if countries is None else countries
            metals = tables["metals"] if metals is None else metals
            products = tables["products"] if products is None else products
            observed = Observed.of(tables) if observed is None and ours else observed
        return cls.of(countries, metals, products, observed)

    def marked(self, illustrative: Iterable[str]) -> Labels:
        """The same, but headings of these metals say that less than half of their tonnage is observed."""
        return replace(
            self,
            metals=self.metals | {name: say("{metal} (illustrative)", metal=self.metal(name)) for name in illustrative},
        )

    def region(self, code: str) -> str:
        """Name of a country, 'World', 'Rest of world', or the code itself."""
        return named("region", code, NAMES[code]) if code in NAMES else self.countries.get(code, code)

    def event(self, event: Event) -> str:
        """What happens, with who does it in front: 'DR Congo: export ban'."""
        name, label = self.region(event.actor), event.label
        if foreign():
            return self._event(event)
        if event.actor and label.startswith(f"{event.actor} "):
            label = label.removeprefix(f"{event.actor} ")
            label = KIND_WORDS.get(label, label)
        elif not event.actor or ":" in label or name.lower() in label.lower():
            return label
        return f"{name}: {label}"

    def _event(self, event: Event) -> str:
        """What happens in another language: who does what with which metals; its own label is English."""
        kind = named("kind", event.kind, event.label)
        what = (
            say("{what} ({metals})", what=kind, metals=words.series([*map(self.metal, event.metals)]))
            if event.metals
            else kind
        )
        return say("{who}: {what}", who=self.region(event.actor), what=what) if event.actor else what

    def metal(self, name: str) -> str:
        """Label of a metal for headings."""
        return self.metals.get(name, name.capitalize())

    def product(self, name: str) -> str:
        """Name of a product inside a sentence, without what its label explains in brackets."""
        label = re.split(r" \(|（", self.products.get(name, name.replace("-", " ")))[0]
        return label if label[1:2].isupper() else label[:1].lower() + label[1:]


@dataclass
class Run:
    """The frames of one run, indexed for drawing. Build it with `Run.read(folder)` or `Run.of(outcome)`."""

    series: pd.DataFrame
    trade: pd.DataFrame
    why: pd.DataFrame
    ledger: pd.DataFrame
    summary: pd.DataFrame
    hits: pd.DataFrame  # metal, who, rank, name, share, tonnes: see lodeflow.experiments.run.hit
    kpis: pd.DataFrame  # metal, kpi, value, without, text, unit, worse, what: see lodeflow.experiments.run.indicators
    events: list[Event]
    manifest: dict[str, Any]
    scenario_text: str = ""
    money: pd.DataFrame | None = None  # who pays whom: see lodeflow.environment.records.money
    decisions: pd.DataFrame | None = None
    bands: pd.DataFrame | None = None  # date, run, metal, variable, region, low, middle, high, runs: see `band`

    @classmethod
    def read(
        cls,
        folder: Path | str,
        manifest: dict[str, Any] | None = None,
        frames: Mapping[str, pd.DataFrame] | None = None,
    ) -> Run:
        """Read a run folder; a `manifest` stands in for a manifest.json that is not written yet.

        frames: its series, trade, why and ledger, where they are still in memory. Raises FileNotFoundError naming every
        file that is missing.
        """
        folder = Path(folder)
        there = {*(f"{name}.parquet" for name in frames or ()), *(["manifest.json"] if manifest is not None else [])}
        names = [name for name in FILES if name not in there]
        missing = [name for name in names if not (folder / name).is_file()]
        if missing:
            raise FileNotFoundError(f"{folder} is not a complete run folder: no {', '.join(missing)}")
        bands, money, decided = (folder / f"{name}.parquet" for name in ("band", "money", "decisions"))
        events, toml = folder / "events.json", folder / "scenario.toml"
        frames = frames or {name: read_table(folder / f"{name}.parquet") for name in FRAMES}
        return cls(
            **{name: frames[name] for name in FRAMES},
            summary=pd.read_csv(folder / "summary.csv"),
            hits=read_hits(folder / "hits.csv"),
            kpis=read_kpis(folder / KPI_FILE),
            events=[Event.read(row) for row in json.loads(events.read_text("utf-8"))] if events.is_file() else [],
            manifest=json.loads((folder / "manifest.json").read_text("utf-8")) if manifest is None else manifest,
            scenario_text=toml.read_text("utf-8") if toml.is_file() else "",
            money=pd.read_parquet(money, columns=list(MONEY)) if money.is_file() else None,
            decisions=read_table(decided) if decided.is_file() else None,
            bands=pd.read_parquet(bands) if bands.is_file() else None,
        )

    @classmethod
    def of(cls, outcome: Any) -> Run:
        """From an object with the attributes series, trade, why, ledger, summary, hits, kpis, money, manifest, events (dicts)."""
        names = (*FRAMES, "summary", "hits", "kpis", "manifest", "money", "decisions")
        return cls(**{name: getattr(outcome, name) for name in names}, events=[Event.read(e) for e in outcome.events])

    def account(self, metal: str) -> pd.DataFrame:
        """The account of money of a metal; empty where none was made."""
        table = pd.DataFrame(columns=list(MONEY)) if self.money is None else self.money
        return table[table["metal"] == metal]

    @cached_property
    def about(self) -> dict[str, str]:
        """Title and description of the scenario, from its text or the manifest; the name where there is no title."""
        try:
            text = parse_toml(self.scenario_text.encode(), "scenario.toml")
        except DataError:
            text = {}
        own = self.manifest.get("scenario")
        known = {**(own if isinstance(own, dict) else {"name": own}), **{k: v for k, v in text.items() if v}}
        title = known.get("title") or known.get("name") or say("unnamed")
        description = described(str(known.get("name")), str(known.get("description") or ""), language())
        return {
            "title": plain(named("scenario_title", str(known.get("name")), str(title))),
            "description": plain_lines(description),
        }

    @cached_property
    def has_shock(self) -> bool:
        """True if a shock run stands beside the baseline."""
        return bool((self.series["run"] == "shock").any())

    @property
    def cause(self) -> str:
        """What the worlds differ by, in words: "the shock" or "the policy"."""
        return say(cause(event.kind for event in self.events))

    @property
    def main(self) -> str:
        """The run the charts tell about."""
        return "shock" if self.has_shock else "baseline"

    @cached_property
    def metals(self) -> list[str]:
        """Metals with a price or a production series, in the order in which they appear."""
        shown = self.series.loc[self.series["variable"].isin(["price", "production"]), "metal"]
        return [str(metal) for metal in shown.unique()]

    @cached_property
    def _rows_of(self) -> dict[tuple[str, str, str], np.ndarray]:
        """Row numbers of the series by metal, variable and run."""
        return {(m, v, r): rows for (m, v, r), rows in rows_by(self.series, ("metal", "variable", "run")).items()}

    @cached_property
    def _columns(self) -> dict[str, np.ndarray]:
        """Values, and codes of date, region and form, of the series."""
        codes = {name: coded(self.series[name]) for name in ("date", "region", "form")}
        self._names = {name: names for name, (_, names) in codes.items()}
        return {name: own for name, (own, _) in codes.items()} | {"value": self.series["value"].to_numpy(float)}

    @cached_property
    def _tables(self) -> dict[tuple[str, ...], pd.DataFrame]:
        """Tables that were asked for before."""
        return {}

    def table(self, metal: str, variable: str, run: str | None = None, form: str | None = None) -> pd.DataFrame:
        """Months x regions of one variable; with no `form` the first of refined, product, ... that exists."""
        key = (metal, variable, run or self.main, form or "")
        if key not in self._tables:
            self._tables[key] = self._pivot(key[:3], form)
        return self._tables[key]

    def _pivot(self, key: tuple[str, str, str], form: str | None) -> pd.DataFrame:
        rows, columns = self._rows_of.get(key), self._columns
        if rows is None or not len(rows):
            return pd.DataFrame(index=pd.DatetimeIndex([], name="date"))
        present = self._forms_in(rows)
        chosen = form or next((f for f in FORMS if f in present), min(present))
        rows = rows[columns["form"][rows] == present.get(chosen, -1)]
        (dates, date), (regions, region) = (
            np.unique(columns[name][rows], return_inverse=True) for name in ("date", "region")
        )
        values, known = np.zeros((len(dates), len(regions))), np.zeros((len(dates), len(regions)), bool)
        np.add.at(values, (date, region), columns["value"][rows])
        known[date, region] = True
        wide = np.where(known, values, np.nan)
        index = pd.DatetimeIndex(self._names["date"][dates], name="date")
        return pd.DataFrame(wide, index, pd.Index(self._names["region"][regions].astype(str), name="region"))

    def _forms_in(self, rows: np.ndarray | None) -> dict[str, int]:
        """Forms that some rows of the series hold, with their codes."""
        if rows is None:
            return {}
        codes = np.unique(self._columns["form"][rows])
        return {str(self._names["form"][code]): int(code) for code in codes}

    def line(
        self, metal: str, variable: str, run: str | None = None, region: str = WORLD, form: str | None = None
    ) -> pd.Series:
        """One variable of one region by month; empty if the run does not hold it."""
        wide = self.table(metal, variable, run, form)
        return wide[region].dropna() if region in wide else pd.Series(dtype=float, index=pd.DatetimeIndex([]))

    def band(self, metal: str, variable: str, run: str | None = None, region: str = WORLD) -> pd.DataFrame:
        """Band of a series by month, columns low, high (5 and 95 % of many runs), runs; empty where none was run."""
        if self.bands is None:
            return pd.DataFrame(columns=["low", "high", "runs"], index=pd.DatetimeIndex([]))
        rows = self.bands[(self.bands["metal"] == metal) & (self.bands["variable"] == variable)]
        rows = rows[(rows["run"] == (run or self.main)) & (rows["region"] == region)]
        return rows.set_index("date")[["low", "high", "runs"]].sort_index()

    def feed(self, metal: str, variable: str, run: str | None = None) -> pd.Series:
        """World series of the mined form (ore, else intermediate)."""
        lines = (self.line(metal, variable, run, form=form) for form in FEED)
        return next((line for line in lines if len(line)), pd.Series(dtype=float, index=pd.DatetimeIndex([])))

    def forms(self, metal: str, variable: str) -> list[str]:
        """Forms in which the main run holds a variable, in the usual order of preference."""
        present = self._forms_in(self._rows_of.get((metal, variable, self.main)))
        return [form for form in FORMS if form in present]

    def side_price(self, metal: str, side: str, form: str = "refined") -> pd.Series:
        """Price 'outside' or 'inside' the banning country (USD/t) with the shock; empty if no country bans."""
        wide = self.table(metal, f"price_{side}", form=form)
        if wide.empty:
            return pd.Series(dtype=float, index=pd.DatetimeIndex([]))
        region = next((code for code in (WORLD, self.actor(metal)) if code in wide), wide.columns[0])
        return wide[region].dropna()

    def acts(self, metal: str) -> list[Event]:
        """Events with a start that touch `metal` and had an effect, in time order; else all that had an effect."""
        live = [self._about(event) for event in self.events if event.start is not None and not event.no_effect]
        return sorted([e for e in live if e.touches(metal)] or live, key=lambda e: e.start or pd.Timestamp.min)

    def _about(self, event: Event) -> Event:
        """What happens to a host, such as zinc, is about the one metal of a run that holds one metal alone."""
        of_host = len(self.metals) == 1 and event.metals and not event.touches(self.metals[0])
        return replace(event, metals=()) if of_host else event

    def actor(self, metal: str) -> str:
        """Country of the first event that touches `metal`; empty if none names one."""
        return next((event.actor for event in self.acts(metal) if event.touches(metal) and event.actor), "")

    def touched(self, metal: str) -> bool:
        """True if an event that had an effect names `metal` (or all metals); else what moves it is a side effect."""
        return any(event.touches(metal) for event in self.acts(metal))

    def named(self, metal: str) -> bool:
        """True if an event that had an effect names this very metal."""
        return any(metal in event.metals for event in self.acts(metal))

    def first_news(self, metal: str) -> pd.Timestamp | None:
        """Month in which the first event that touches `metal` (else any) is announced or starts; None without one."""
        dates = [stamp for e in self.acts(metal) for stamp in (e.announced, e.start) if stamp is not None]
        return min(dates, default=None)

    def focus(self, metal: str, before: int = 12, after: int = 48) -> tuple[pd.Timestamp, pd.Timestamp] | None:
        """Months worth showing: `before` months ahead of the first news to `after` months past it; None = all."""
        news = self.first_news(metal)
        return None if news is None else (news - pd.DateOffset(months=before), news + pd.DateOffset(months=after))

    def peak(self, metal: str) -> tuple[pd.Timestamp, float, float] | None:
        """Month, price (USD/t) and ratio to the baseline where the price is furthest from it; None without both."""
        outside = self.has_shock and len(self.line(metal, "price_outside")) > 0
        variable = "price_outside" if outside else "price"  # as the indicators do: lodeflow.experiments.effect
        base, shock = (self.line(metal, variable, name) for name in ("baseline", self.main))
        base = base if len(base) else self.line(metal, "price", "baseline")
        ratio = (shock / base).dropna()
        if ratio.empty:
            return None
        date, value = furthest(ratio)
        return date, float(shock[date]), value

    @cached_property
    def _rows(self) -> dict[str, dict[str, Any]]:
        """The summary by metal."""
        return {str(row["metal"]): dict(row) for row in self.summary.to_dict("records")}  # type: ignore[arg-type]

    def lack(self, metal: str) -> tuple[float, float]:
        """Shortage beyond the baseline's since the first news: (t in all, share of the demand without the shock)."""
        if not self.has_shock or metal not in self._rows:
            return 0.0, 0.0
        row = self._rows[metal]
        return float(row["shortage_t"]), float(row["shortage_pct"]) / 100

    def moved(self, most: int = 4) -> list[str]:
        """Metals whose price or use moved (lodeflow.experiments.run.moved), strongest first."""
        scores = {}
        for metal, row in self._rows.items():
            if market_moved(row):
                away = max(distance(row["price_peak_ratio"]), distance(row["price_low_ratio"]))
                scores[metal] = away + abs(row["use_lost_pct"]) / 100
        return sorted(scores, key=scores.__getitem__, reverse=True)[:most]


def distance(ratio: float) -> float:
    """How far a price ratio is from 1 (ln points), the same for doubling and halving."""
    return abs(log(max(ratio, 1e-9)))


def furthest(ratio: pd.Series) -> tuple[pd.Timestamp, float]:
    """Month and value where a price ratio is furthest from 1; the first of several."""
    at = int(ratio.map(distance).to_numpy().argmax())
    return pd.Timestamp(ratio.index[at]), float(ratio.iloc[at])
