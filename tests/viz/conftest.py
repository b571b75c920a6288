"""A run folder made up by hand: DR Congo closes its cobalt exports; copper feels a little, the others nothing."""

import json

import numpy as np
import pandas as pd
import pytest

from lodeflow.experiments.run.hit import COUNTRY, Hit, hits_in, hits_of

MONTHS = pd.date_range("2024-01-01", "2027-12-01", freq="MS")
BAN = pd.Timestamp("2025-02-01")
COUNTRIES = {
    "COD": ("DR Congo", -2.9, 23.7),
    "CHN": ("China", 35.0, 105.0),
    "IDN": ("Indonesia", -2.5, 118.0),
    "AUS": ("Australia", -25.0, 134.0),
    "JPN": ("Japan", 36.5, 138.0),
    "KOR": ("South Korea", 36.5, 127.8),
    "USA": ("United States", 39.5, -98.5),
    "DEU": ("Germany", 51.1, 10.4),
    "FIN": ("Finland", 64.5, 26.3),
    "CAN": ("Canada", 56.0, -96.0),
    "CUB": ("Cuba", 21.5, -79.0),
    "PHL": ("Philippines", 12.8, 122.0),
    "CHL": ("Chile", -33.0, -71.0),
    "PER": ("Peru", -9.2, -75.0),
    "ROW": ("Rest of world", 10.0, -30.0),
}
METALS = {  # name: label, colour, price USD/t, mined t/year
    "lithium": ("Lithium", "#88ccee", 75000, 240e3),
    "cobalt": ("Cobalt", "#0072b2", 33500, 290e3),
    "nickel": ("Nickel", "#009e73", 16800, 3.7e6),
    "copper": ("Copper", "#d55e00", 9100, 23e6),
    "neodymium-praseodymium": ("Neodymium-praseodymium", "#cc79a7", 70000, 95e3),
    "dysprosium-terbium": ("Dysprosium-terbium", "#882255", 330000, 3.2e3),
    "gallium": ("Gallium", "#999933", 300000, 750),
    "germanium": ("Germanium", "#117733", 1500000, 220),
    "graphite": ("Graphite", "#555555", 900, 1.6e6),
}
USERS = {"CHN": 0.55, "JPN": 0.12, "KOR": 0.1, "USA": 0.09, "DEU": 0.06, "FIN": 0.04, "ROW": 0.04}
MINES = {"COD": 0.72, "IDN": 0.1, "AUS": 0.05, "CUB": 0.03, "PHL": 0.03, "CAN": 0.03, "ROW": 0.04}
REFINERS = {"CHN": 0.78, "FIN": 0.09, "JPN": 0.05, "CAN": 0.04, "ROW": 0.04}


def _pulse(strength):
    """0 before the ban, a hump of height `strength` after it."""
    t = np.maximum(np.asarray((MONTHS.year - 2025) * 12 + MONTHS.month - 2, dtype=float), -1) + 1.0
    return strength * (t / 7) * np.exp(1 - t / 7) * (t > 0)


def _world(metal, run):
    """Variables of the world by month: (variable, form) -> values."""
    _, _, price, year = METALS[metal]
    hit = {"cobalt": 1.0, "copper": 0.012}.get(metal, 0.0) if run == "shock" else 0.0
    growth = 1.003 ** np.arange(len(MONTHS))
    flow, pulse = year / 12 * growth, _pulse(hit)
    use = flow * 0.88 * (1 - 0.16 * pulse)
    end_of_life = flow * 0.3
    lag = np.roll(pulse, 4) * (np.arange(len(MONTHS)) > 16)
    out = {
        ("price", "refined"): price * growth**0.5 * np.exp(0.86 * pulse),
        ("price", "ore"): 0.6 * price * np.exp(0.95 * pulse),
        ("production", "refined"): flow * 0.78 * (1 - 0.2 * pulse),
        ("use", "refined"): use,
        ("demand", "refined"): flow * 0.88,
        ("shortage", "refined"): flow * 0.88 * 0.13 * pulse,
        ("stock", "refined"): flow * (2.4 - 1.3 * pulse),
        ("stock_cover", "refined"): 2.7 - 1.5 * pulse,
        ("in_use_stock", "product"): year * 5 + np.cumsum(use * 0.93 - end_of_life),
        ("end_of_life", "product"): end_of_life,
        ("collected", "scrap"): end_of_life * (0.48 + 0.03 * lag),
        ("secondary_supply", "refined"): end_of_life * (0.32 + 0.05 * lag),
        ("eol_recycling_rate", "scrap"): 0.32 + 0.05 * lag,
        ("recycled_content", "refined"): 0.11 + 0.03 * pulse,
        ("hhi", "refined"): 0.55 - 0.1 * pulse,
    }
    if metal not in ("gallium", "germanium"):
        out["production", "ore"] = flow * 0.86 * (1 - 0.3 * pulse)
    if metal == "cobalt" and run == "shock":
        out["price_outside", "refined"] = out["price", "refined"] * np.exp(0.04 * pulse)
        out["price_inside", "refined"] = price * growth**0.5 * np.exp(-0.5 * pulse)
    return {key: np.asarray(values, dtype=float) for key, values in out.items()}


def _series(runs):
    parts = []
    for metal in METALS:
        for run in runs:
            for (variable, form), values in _world(metal, run).items():
                shares = {"WLD": 1.0}
                if variable in ("use", "demand", "shortage", "stock"):
                    tilt = {"JPN": 2.2, "KOR": 2.0, "DEU": 1.6} if variable == "shortage" else {}
                    weights = {c: w * tilt.get(c, 0.8 if tilt else 1.0) for c, w in USERS.items()}
                    total = sum(weights.values())
                    shares |= {c: w / total for c, w in weights.items()} | {"EU27": 0.1}
                for region, share in shares.items():
                    frame = pd.DataFrame({"date": MONTHS, "value": values * share})
                    keys = {
                        "run": run,
                        "metal": metal,
                        "form": form,
                        "region": region,
                        "variable": variable,
                        "unit": "t",
                    }
                    parts.append(frame.assign(**keys))
    columns = ["date", "run", "metal", "form", "region", "variable", "value", "unit"]
    return pd.concat(parts, ignore_index=True)[columns]


def _trade(runs):
    rows = []
    for metal in ("cobalt", "copper"):
        year = METALS[metal][3]
        for form, sellers, buyers in (("intermediate", MINES, REFINERS), ("refined", REFINERS, USERS)):
            for run in runs:
                hit = _pulse(1.0) if run == "shock" and metal == "cobalt" else np.zeros(len(MONTHS))
                closed = np.clip(hit * 4, 0, 0.995)
                for seller, s in sellers.items():
                    for buyer, b in buyers.items():
                        factor = 1 - closed if seller == "COD" else 1 - 0.15 * hit
                        factor = (
                            1 + (0.9 if seller == "IDN" else 0.35) * hit
                            if form == "intermediate" and seller != "COD"
                            else factor
                        )
                        tonnes = year / 12 * s * b * factor
                        frame = pd.DataFrame({"date": MONTHS, "tonnes": tonnes, "price": METALS[metal][2]})
                        rows.append(frame.assign(run=run, metal=metal, form=form, exporter=seller, importer=buyer))
    columns = ["date", "run", "metal", "form", "exporter", "importer", "tonnes", "price"]
    return pd.concat(rows, ignore_index=True)[columns]


def _why(runs):
    weights = {
        "stocks": 0.35,
        "expected supply": 0.5,
        "refining capacity": 0.1,
        "own demand": 0.05,
        "substitution": -0.12,
        "cost": 0.02,
        "usual price": 0.01,
        "news": 0.1,
    }
    parts = []
    for metal in METALS:
        for run in runs:
            hit = {"cobalt": 0.86, "copper": 0.01}.get(metal, 0.0) if run == "shock" else 0.0
            for component, weight in weights.items():
                frame = pd.DataFrame({"date": MONTHS, "value": weight * _pulse(hit) + 0.001})
                parts.append(frame.assign(run=run, metal=metal, region="WLD", component=component, unit="ln points"))
    return pd.concat(parts, ignore_index=True)[["date", "run", "metal", "region", "component", "value", "unit"]]


def _ledger(runs):
    flows = {
        "mined": ("source", 0.86), "tailings": ("beside", 0.05), "slag": ("sink", 0.04),
        "refined primary": ("transfer", 0.78),
        "secondary supply": ("transfer", 0.13), "use": ("transfer", 0.9), "new scrap": ("transfer", 0.05),
        "dissipated": ("sink", 0.02), "into use": ("transfer", 0.83), "end of life": ("transfer", 0.3),
        "landfilled": ("sink", 0.12), "collected": ("transfer", 0.15), "recycling loss": ("sink", 0.06),
        "stock: in use": ("stock", 5.0),
    }  # fmt: skip
    parts = [
        pd.DataFrame({"date": MONTHS, "tonnes": share * METALS[metal][3] / 12}).assign(
            run=run, metal=metal, flow=flow, kind=kind
        )
        for metal in METALS
        for run in runs
        for flow, (kind, share) in flows.items()
    ]
    return pd.concat(parts, ignore_index=True)[["date", "run", "metal", "flow", "kind", "tonnes"]]


def _hits(runs):
    """Two products use the metal; magnets lose twice as much as batteries."""
    parts = []
    for metal in METALS:
        normal = _world(metal, "baseline")["use", "refined"]
        for run in runs:
            lost = normal - _world(metal, run)["use", "refined"]
            for product, share, weight in (("ev-battery-nickel", 0.8, 0.67), ("ev-motor", 0.2, 0.33)):
                frame = pd.DataFrame({"date": MONTHS, "tonnes": share * normal - weight * lost})
                parts.append(frame.assign(run=run, metal=metal, product=product))
    first = "2025-02" if len(runs) > 1 else None
    return hits_of(_series(runs), pd.concat(parts, ignore_index=True), first)


def _summary(runs, hits):
    rows = []
    for metal in METALS:
        base, main = _world(metal, "baseline"), _world(metal, runs[-1])
        ratio = main["price", "refined"] / base["price", "refined"]
        peak, moved = int(ratio.argmax()), ratio.max() > 1.03
        lack = main["shortage", "refined"].sum()
        hit = next(iter(hits_in(hits, metal, COUNTRY)), Hit("", 0.0, 0.0))
        lost = (base["use", "refined"] - main["use", "refined"]).sum()
        demand = base["demand", "refined"][MONTHS >= BAN].sum()
        rows.append(
            {
                "metal": metal,
                "price_base": base["price", "refined"][0],
                "price_peak": main["price", "refined"][peak],
                "price_peak_ratio": ratio[peak],
                "price_low_ratio": ratio.min(),
                "price_peak_date": f"{MONTHS[peak]:%Y-%m}",
                "shortage_t": lack,
                "shortage_pct": 100 * lack / demand,
                "use_lost_t": lost,
                "use_lost_pct": 100 * lost / demand,
                "months_to_recover": 28 if moved else (0 if len(runs) > 1 else np.nan),
                "hit_country": hit.name,
                "hit_country_pct": 100 * hit.share,
                "hit_country_t": hit.tonnes,
                "recycling_region": "WLD",
                "recycling_rate": 0.32,
                "recycling_rate_baseline": 0.31,
                "recycled_content": 0.12,
                "recycled_content_baseline": 0.12,
                "recycled_more_t": 1200.0,
                "recycled_more_pct": 4.0,
                "primary_avoided_t": 1100.0,
                "primary_avoided_pct": 0.3,
                "why_date": f"{MONTHS[peak]:%Y-%m}",
                "why_stocks": 0.3 if moved else 0.0,
                "why_expected_supply": 0.52 if moved else 0.0,
                "why_own_demand": 0.04 if moved else 0.0,
                "why_substitution": -0.1 if moved else 0.0,
                "why_cost": 0.02 if moved else 0.0,
                "why_news": 0.08 if moved else 0.0,
            }
        )
    return pd.DataFrame(rows)


EVENTS = [
    {"kind": "export_ban", "label": "cobalt export ban", "actor": "COD", "metals": ["cobalt"], "announced": "2025-02",
     "start": "2025-02", "end": "2025-10", "no_effect": False},
    {"kind": "export_quota", "label": "cobalt export quota", "actor": "COD", "metals": ["cobalt"],
     "announced": "2025-09", "start": "2025-11", "end": None, "no_effect": False},
    {"kind": "export_ban", "label": "gallium export ban", "actor": "CUB", "metals": ["gallium"], "announced": "2025-03",
     "start": "2025-03", "end": "2026-03", "no_effect": True},
]  # fmt: skip
SCENARIO = 'name = "drc-cobalt-export-ban"\nstart = "2024-01"\nend = "2027-12"\n\n[[shock]]\nkind = "export_ban"\n'


def build(folder, runs=("baseline", "shock"), title="DR Congo closes its cobalt exports"):
    """Write a run folder of the synthetic world; `runs` = ("baseline",) leaves the shock out."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in (("series", _series), ("trade", _trade), ("why", _why), ("ledger", _ledger)):
        make(runs).to_parquet(folder / f"{name}.parquet")
    hits = _hits(runs)
    hits.to_csv(folder / "hits.csv", index=False)
    _summary(runs, hits).to_csv(folder / "summary.csv", index=False)
    events = EVENTS if "shock" in runs else []
    (folder / "events.json").write_text(json.dumps(events), encoding="utf-8")
    (folder / "scenario.toml").write_text(SCENARIO, encoding="utf-8")
    manifest = {
        "scenario": {"name": "drc-cobalt-export-ban", "title": title, "description": "No cobalt leaves the country."},
        "seed": 7,
        "start": "2024-01",
        "end": "2027-12",
        "versions": {"lodeflow": "0.1.0", "mesa": "3.3.1", "numpy": "2.4.6"},
        "data_hash": "abc123",
        "wall_seconds": 3.2,
        "created": "2026-11-22T15:00:00Z",
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def make_run():
    return build


@pytest.fixture(scope="session")
def countries():
    rows = [(code, *place) for code, place in COUNTRIES.items()]
    return pd.DataFrame(rows, columns=["iso3", "name", "lat", "lon"])


@pytest.fixture(scope="session")
def metals():
    rows = [(metal, label, color) for metal, (label, color, _, _) in METALS.items()]
    return pd.DataFrame(rows, columns=["metal", "label", "color"])


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return build(tmp_path_factory.mktemp("runs") / "shock")


@pytest.fixture(scope="session")
def quiet_folder(tmp_path_factory):
    return build(tmp_path_factory.mktemp("runs") / "quiet", runs=("baseline",), title="Nothing happens")


@pytest.fixture(scope="session")
def labels(countries, metals):
    from lodeflow.viz.frames import Labels

    return Labels.of(countries, metals)


@pytest.fixture
def run(folder):
    from lodeflow.viz.frames import Run

    return Run.read(folder)
