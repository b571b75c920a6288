"""Exposure to a scenario: what is at risk, when it stops, what it costs, and which measure helps most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.experiments.analysis.exposure.measures import OF_POSITION, Measure, candidates, changed, policy
from lodeflow.experiments.analysis.exposure.path import delivered, follow, with_policy
from lodeflow.experiments.analysis.exposure.position import Position
from lodeflow.experiments.analysis.flows import origin
from lodeflow.experiments.analysis.flows.account import Account, account_of

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables
    from lodeflow.experiments.run.results import Outcome
    from lodeflow.experiments.run.what_if import Progress
    from lodeflow.experiments.scenario.scenario import Scenario

TABLES = ("metals", "months", "makers", "measures")
ENTRIES = frozenset({"manifest.json", *(f"{name}.csv" for name in TABLES)})
NOTHING = "nothing is done"


@dataclass(frozen=True)
class Exposure:
    """How a scenario hits a position.

    metals: metal, use (t/month), stock (t), cover (days), restricted (who restricts it), at_risk_metal (t/year of what is used that
    was mined or refined by who restricts), at_risk_products (t/year of the same in its products that the country imports), lacking
    (t), lacking_share (of the use from the first news on), days_first, days_stop (until less than half of a month's use is there;
    empty: never), cost (USD); months: metal, date, stock, bought, lacking (t), cost (USD); makers: product, wanted, made, short,
    unit of the country's makers in the run itself, where others are free to buy elsewhere; measures: measure, title, kind, lacking
    (t, all metals), lacking_share (of the worst metal), days_stop, cost, saved (share of the lacking tonnes), rank.
    """

    scenario: str
    position: Position
    metals: pd.DataFrame
    months: pd.DataFrame
    makers: pd.DataFrame
    measures: pd.DataFrame
    made_from: dict[str, Any]

    def write(self, folder: str | Path, overwrite: bool = False) -> Path:
        """Write the tables as CSV. Raises DataError if the folder may not be written."""
        from lodeflow.experiments.run.results import write_folder

        def fill(place: Path) -> None:
            for name in TABLES:
                getattr(self, name).to_csv(place / f"{name}.csv", index=False, float_format="%.6g", date_format="%Y-%m")

        return write_folder(Path(folder), fill, self.made_from, ENTRIES, overwrite)


def baseline_account(outcome: Outcome) -> tuple[Account, int]:
    """Return the account of the year of the first news without the shocks, and how many months of the year the run holds."""
    year = int((outcome.scenario.first_month or outcome.scenario.world.start)[:4])
    assert outcome.movements is not None
    dates = outcome.products["date"].drop_duplicates()
    return account_of(outcome.movements, run="baseline").part(years=[year]), int((dates.dt.year == year).sum())


def actors_of(scenario: Scenario, metal: str, tables: Tables) -> list[str]:
    """Return who restricts a metal in a scenario: actors of shocks that are no policies and touch it, groups as countries."""
    from lodeflow.environment.shocks.kinds import REGISTRY

    groups, found = tables.groups, []
    for shock in scenario.shocks:
        actor = getattr(shock, "actor", None)
        if actor and not REGISTRY[shock.kind].policy and shock.touches(metal):
            members = groups.loc[groups["group"] == actor, "iso3"]
            found += [actor] if members.empty else [*members]
    return sorted(set(found))


def measured(outcome: Outcome, position: Position, made: Outcome | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what lacks and costs by metal, and the same by month; made: the run with a policy."""
    import pandas as pd

    rows, months = [], []
    first = outcome.scenario.first_month or outcome.scenario.world.start
    for metal, need in position.metals.items():
        coming = delivered(outcome, metal, position.country)
        if made is not None:
            coming = with_policy(coming, outcome, made, metal, position.country)
        path = follow(need, coming)
        dates = pd.date_range(f"{first}-01", periods=len(path.stock), freq="MS")
        table = {"date": dates, "stock": path.stock, "bought": path.bought, "lacking": path.lacking, "cost": path.cost}
        months.append(pd.DataFrame(table).assign(metal=metal))
        lacking = float(path.lacking.sum())
        rows.append(
            {
                "metal": metal,
                "use": need.use,
                "stock": need.stock,
                "lacking": lacking,
                "lacking_share": lacking / (need.use * len(path.lacking)),
                "days_first": path.first_days,
                "days_stop": path.days,
                "cost": float(path.cost.sum()),
            }
        )
    told = pd.concat(months, ignore_index=True)
    return pd.DataFrame(rows), told[["metal", "date", "stock", "bought", "lacking", "cost"]]


def exposure(
    outcome: Outcome,
    position: Position,
    tables: Tables,
    account: Account,
    measures: Sequence[Measure] | None = None,
    progress: Progress | None = None,
) -> Exposure:
    """Return the exposure of a position to a scenario that was run.

    Args:
        outcome: the run with and without its shocks.
        position: who asks.
        tables: the loaded tables.
        account: from :func:`baseline_account`.
        measures: candidates; those of the table if left out. Policies are run anew.
        progress: told of the months of those runs.

    Raises:
        DataError: where the tables or a policy cannot be used.
    """
    metals, months = measured(outcome, position)
    restricted = {metal: actors_of(outcome.scenario, metal, tables) for metal in position.metals}
    risk = {metal: risk_of(account, metal, actors) for metal, actors in restricted.items()}
    at_risk = [_at_risk(account, position, metal, risk[metal]) for metal in metals["metal"]]
    metals = metals.assign(
        cover=metals["stock"] / metals["use"] * 365.25 / 12.0,
        restricted=[", ".join(restricted[metal]) for metal in metals["metal"]],
        at_risk_metal=[one for one, _ in at_risk],
        at_risk_products=[other for _, other in at_risk],
    )
    ranked = _ranked(outcome, position, tables, candidates(tables) if measures is None else measures, risk, progress)
    return Exposure(
        outcome.scenario.name,
        position,
        metals,
        months,
        _makers(outcome, position),
        ranked,
        {
            **{name: outcome.manifest[name] for name in ("scenario", "seed", "start", "end", "versions", "data_hash")},
            "inputs": {"run": outcome.manifest["inputs"], "position": position.model_dump(mode="json")},
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
        },
    )


def risk_of(account: Account, metal: str, actors: Sequence[str]) -> dict[str, float]:
    """Return the share of each country's refined metal that some countries mined or refined, 1; the last year of the account."""
    if not actors:
        return {}
    one = account.part([metal])
    came = origin.origins(one, one.years[-1:])
    mined = came[(came["kind"] == origin.MINED) & came["origin"].isin(actors) & (came["stage"] == "refined metal")]
    share = mined.groupby("region")["share"].sum()
    return {str(name): float(part) for name, part in share.items()} | dict.fromkeys(actors, 1.0)


def _at_risk(account: Account, position: Position, metal: str, risk: dict[str, float]) -> tuple[float, float]:
    """Metal that was mined or refined by who restricts, t/year: in what is used, and in products that the country imports."""
    if not risk:
        return 0.0, 0.0
    need, one = position.metals[metal], account.part([metal], account.years[-1:])
    used = 12.0 * need.use * sum(share * risk.get(name, 0.0) for name, share in need.suppliers.items())
    sold = one.of("primary metal", "recycled metal")
    tonnes = sold["tonnes"] * sold["from_region"].map(risk).fillna(0.0) * (sold["movement"] == "primary metal")
    making = tonnes.groupby(sold["to_region"]).sum() / sold.groupby("to_region")["tonnes"].sum()
    goods = one.of("products")
    goods = goods[(goods["to_region"] == position.country) & (goods["from_region"] != position.country)]
    goods = goods[goods["product"].isin(position.products)] if position.products else goods
    return used, float((goods["tonnes"] * goods["from_region"].map(making).fillna(0.0)).sum())


def _makers(outcome: Outcome, position: Position) -> pd.DataFrame:
    """What the country's makers of the products wanted and made from the first news on, with the shocks."""
    first = outcome.scenario.first_month or outcome.scenario.world.start
    rows = outcome.products
    main = "shock" if "shock" in set(rows["run"]) else "baseline"
    rows = rows[(rows["run"] == main) & (rows["region"] == position.country) & (rows["date"] >= f"{first}-01")]
    rows = rows[rows["product"].isin(position.products)]
    return rows.groupby(["product", "unit"], observed=True)[["wanted", "made", "short"]].sum().reset_index()


def _ranked(
    outcome: Outcome,
    position: Position,
    tables: Tables,
    measures: Sequence[Measure],
    risk: dict[str, dict[str, float]],
    progress: Progress | None,
) -> pd.DataFrame:
    """The measures, the one that leaves least lacking first, then the cheapest."""
    import pandas as pd

    from lodeflow.experiments.run.what_if import run_scenario

    rows = [_row("none", NOTHING, "", outcome, position)]
    for measure in measures:
        name, title = measure.name, measure.title
        if measure.acts_on in OF_POSITION:
            rows.append(_row(name, title, "own", outcome, changed(position, measure, risk)))
        elif (other := policy(outcome.scenario, measure, position, tables)) is not None:
            rows.append(_row(name, title, "policy", outcome, position, run_scenario(other, progress, tables)))
    table = pd.DataFrame(rows)
    before = float(table["lacking"].iloc[0])
    table["saved"] = 1.0 - table["lacking"] / before if before > 0.0 else 0.0
    table = table.sort_values(["lacking", "cost"], kind="stable", ignore_index=True)
    return table.assign(rank=range(1, len(table) + 1))


def _row(
    name: str, title: str, kind: str, outcome: Outcome, position: Position, made: Outcome | None = None
) -> dict[str, Any]:
    metals, _ = measured(outcome, position, made)
    row = {"measure": name, "title": title, "kind": kind, "lacking": float(metals["lacking"].sum())}
    row |= {"lacking_share": float(metals["lacking_share"].max()), "days_stop": float(metals["days_stop"].min())}
    return row | {"cost": float(metals["cost"].sum())}
