"""Whom a country depends on: the four routes of its supply, and imports by stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lodeflow.experiments.analysis.flows.account import Account, at_border
from lodeflow.experiments.analysis.network.metrics import hhi

if TYPE_CHECKING:
    import pandas as pd

HOME_PRIMARY, ABROAD_PRIMARY = "domestic primary", "imported primary"
HOME_SECONDARY, ABROAD_SECONDARY = "domestic secondary", "imported secondary"
ROUTES = (HOME_PRIMARY, ABROAD_PRIMARY, HOME_SECONDARY, ABROAD_SECONDARY)
"""Supply routes: metal mined and refined at home; metal from ore, intermediates and refined metal that were bought abroad; metal
recycled at home from scrap of its own, and from scrap that was bought abroad."""

FORMS = {"feed": ("feed",), "refined": ("primary metal", "recycled metal"), "products": ("products",)}
FORMS |= {"scrap": ("scrap",), "used goods": ("used goods",)}
"""Movements of each stage that are trade."""
CHAIN, ALL = "ore and metal", "all forms"
"""Feed and refined metal together, as the US Geological Survey counts; every form, products and scrap with them."""
STAGES = ("feed", "refined", "products", "scrap", CHAIN, ALL)
"""Stages at which dependence is told."""


def routes(account: Account, members: Sequence[str]) -> pd.DataFrame:
    """Return the supply of refined metal of a region by route: metal, year, route, tonnes, share, recycled_abroad.

    Counted when it is sent to the makers, reserves and investors of the region. Metal of its own refiners is split by the feed that
    they were sold in the year, metal of its own recyclers by the scrap, group by group. recycled_abroad: t of the imported primary
    route that were refined from scrap abroad; customs see refined metal. Shares sum to 1.
    """
    import pandas as pd

    own_feed = _share_from(account.of("feed"), members, ["to_region"])
    own_scrap = _own_scrap(account, members)
    primary, recycled = (at_border(account.of(name), members) for name in FORMS["refined"])
    keys = ["metal", "year", "from_region"]
    parts = []
    for rows, home, abroad, share in (
        (primary["home"], HOME_PRIMARY, ABROAD_PRIMARY, own_feed),
        (recycled["home"], HOME_SECONDARY, ABROAD_SECONDARY, own_scrap),
    ):
        sold = rows.groupby(keys, observed=True)["tonnes"].sum()
        own = share.reindex(sold.index).fillna(0.0)
        parts += [(home, sold * own), (abroad, sold * (1.0 - own))]
    bought = {kind: rows["imports"].groupby(["metal", "year"])["tonnes"].sum() for kind, rows in
              (("primary", primary), ("recycled", recycled))}  # fmt: skip
    sums = {route: pd.concat([tonnes for name, tonnes in parts if name == route]) for route in ROUTES}
    table = pd.DataFrame({route: tonnes.groupby(level=["metal", "year"]).sum() for route, tonnes in sums.items()})
    index = table.index.union(bought["primary"].index).union(bought["recycled"].index)
    table = table.reindex(index).fillna(0.0)
    for tonnes in bought.values():
        table[ABROAD_PRIMARY] = table[ABROAD_PRIMARY].add(tonnes, fill_value=0.0)
    long = table.reset_index().melt(["metal", "year"], var_name="route", value_name="tonnes")
    long["route"] = pd.Categorical(long["route"], list(ROUTES))
    long = long.sort_values(["metal", "year", "route"], ignore_index=True).astype({"route": str})
    total = long.groupby(["metal", "year"])["tonnes"].transform("sum")
    long["share"] = (long["tonnes"] / total.where(total > 0.0)).fillna(0.0)
    foreign = bought["recycled"].reindex(pd.MultiIndex.from_frame(long[["metal", "year"]])).fillna(0.0).to_numpy()
    long["recycled_abroad"] = foreign * (long["route"] == ABROAD_PRIMARY)
    return long[long["metal"].isin(long.loc[long["tonnes"] > 0.0, "metal"])].reset_index(drop=True)


def _share_from(rows: pd.DataFrame, members: Sequence[str], places: list[str]) -> pd.Series:
    """Share of what comes from a region, by metal, year and the places where it arrives."""
    keys = ["metal", "year", *places]
    total = rows.groupby(keys, observed=True)["tonnes"].sum()
    own = rows[rows["from_region"].isin(members)].groupby(keys, observed=True)["tonnes"].sum()
    share: pd.Series = (own.reindex(total.index).fillna(0.0) / total.where(total > 0.0)).fillna(0.0)
    return share.rename_axis(["metal", "year", "from_region", *places[1:]])


def _own_scrap(account: Account, members: Sequence[str]) -> pd.Series:
    """Share of the scrap of a region's own in what its recyclers recover, by metal, year and country."""
    share = _share_from(account.of("scrap"), members, ["to_region", "product"])
    gained = account.of("recovered").groupby(["metal", "year", "from_region", "product"], observed=True)["tonnes"].sum()
    own = gained * share.reindex(gained.index).fillna(0.0)
    keys = ["metal", "year", "from_region"]
    total = gained.groupby(level=keys).sum()
    result: pd.Series = (own.groupby(level=keys).sum() / total.where(total > 0.0)).fillna(0.0)
    return result


def dependence(account: Account, members: Sequence[str], stages: Sequence[str] = STAGES) -> pd.DataFrame:
    """Return how a region depends on others by stage, metal and year; stages: those of `STAGES` that are wanted.

    metal, year, stage; home, imports, exports, used (t): what is bought at home, comes in, goes out and is used at the stage;
    net: (imports - exports) / used, 1; share: imports / (imports + home), 1; hhi: of the imports by country; first, first_share:
    the largest supplier and its part of the imports.

    Stages: feed of refiners, refined metal of makers, products of users, scrap of recyclers; `CHAIN`: feed and refined metal over
    what makers use and refiners lose; `ALL`: every form over what comes into use: what users would have to do without.
    """
    import pandas as pd

    used = _used(account, members)
    rows: list[dict[str, Any]] = []
    parts = {stage: {CHAIN: ("feed", "refined"), ALL: tuple(FORMS)}.get(stage, (stage,)) for stage in stages}
    needed = {form: names for form, names in FORMS.items() if any(form in forms for forms in parts.values())}
    traded = account.of(*(name for names in FORMS.values() for name in names))
    for (metal, year), own in traded.groupby(["metal", "year"], sort=False):
        sides = {stage: at_border(own[own["movement"].isin(names)], members) for stage, names in needed.items()}
        for stage, forms in parts.items():
            told = _of_stage([sides[form] for form in forms], float(used[stage].get((metal, year), 0.0)))
            rows.append({"metal": metal, "year": year, "stage": stage} | told)
    return pd.DataFrame(rows)


def _of_stage(sides: list[dict[str, pd.DataFrame]], used: float) -> dict[str, Any]:
    import pandas as pd

    home, imports, exports = (float(sum(side[name]["tonnes"].sum() for side in sides)) for name in
                              ("home", "imports", "exports"))  # fmt: skip
    bought = pd.concat([side["imports"] for side in sides])
    by_country = (
        bought.groupby("from_region", observed=True)["tonnes"].sum().sort_values(ascending=False, kind="stable")
    )
    return {
        "home": home,
        "imports": imports,
        "exports": exports,
        "used": used,
        "net": (imports - exports) / used if used > 0.0 else 0.0,
        "share": imports / (imports + home) if imports + home > 0.0 else 0.0,
        "hhi": hhi(by_country),
        "first": str(by_country.index[0]) if imports > 0.0 else "",
        "first_share": float(by_country.iloc[0] / imports) if imports > 0.0 else 0.0,
    }


def _used(account: Account, members: Sequence[str]) -> dict[str, pd.Series]:
    """What a region uses at every stage, t by metal and year."""
    flows = account.flows
    here = flows[flows["from_region"].isin(members)]

    def total(rows: pd.DataFrame, *movements: str) -> pd.Series:
        own: pd.Series = rows[rows["movement"].isin(movements)].groupby(["metal", "year"])["tonnes"].sum()
        return own

    slag = total(here, "slag")
    makers = total(here, "new scrap", "dissipated", "products")
    users = total(flows[flows["to_region"].isin(members)], "products")
    return {
        "feed": total(here, "refined", "slag"),
        "refined": makers,
        "products": users,
        "scrap": total(here, "recovered", "rejects"),
        CHAIN: makers.add(slag, fill_value=0.0),
        ALL: users,
    }


def suppliers(account: Account, members: Sequence[str]) -> pd.DataFrame:
    """Return who supplies a region: metal, year, stage, country, tonnes, share of the imports of the stage."""
    import pandas as pd

    parts = []
    for stage, names in FORMS.items():
        rows = at_border(account.of(*names), members)["imports"]
        sums = rows.groupby(["metal", "year", "from_region"], observed=True)["tonnes"].sum().reset_index()
        parts.append(sums.assign(stage=stage))
    table = pd.concat(parts, ignore_index=True).rename(columns={"from_region": "country"})
    total = table.groupby(["metal", "year", "stage"])["tonnes"].transform("sum")
    table["share"] = table["tonnes"] / total
    order = ["metal", "year", "stage", "tonnes"]
    table = table.sort_values(order, ascending=[True, True, True, False], kind="stable", ignore_index=True)
    return table[["metal", "year", "stage", "country", "tonnes", "share"]]


def embodied(account: Account, members: Sequence[str]) -> pd.DataFrame:
    """Return metal in products: metal, year, made, imports, exports, into_use (t), leaving share of what is made, 1.

    ``into_use = made + imports - exports``: what a country makes of a metal is not what stays in it.
    """
    import pandas as pd

    sides = at_border(account.of("products"), members)
    sums = {name: rows.groupby(["metal", "year"])["tonnes"].sum() for name, rows in sides.items()}
    table = pd.DataFrame(sums).fillna(0.0)
    table["made"], table["into_use"] = table["home"] + table["exports"], table["home"] + table["imports"]
    table["leaving"] = (table["exports"] / table["made"].where(table["made"] > 0.0)).fillna(0.0)
    return table.reset_index()[["metal", "year", "made", "imports", "exports", "into_use", "leaving"]]


def rivals(account: Account, first: str, second: str, limit: float = 0.5) -> pd.DataFrame:
    """Return the metals on which two countries both depend by more than `limit` in ore and metal: metal, year, both shares.

    Both then buy from the same third countries: rivals.
    """
    one, other = (dependence(account, [name]) for name in (first, second))
    keys = ["metal", "year"]
    chain = (table[table["stage"] == CHAIN].set_index(keys)["net"] for table in (one, other))
    both = next(chain).to_frame(first).join(next(chain).rename(second), how="inner")
    return both[(both[first] > limit) & (both[second] > limit)].reset_index()
