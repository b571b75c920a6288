"""Lists of critical raw materials, recomputed for a state and a year, with who entered and left and why.

A metal is listed where one of three holds (rules and their values: table `list_rules`; ODD 7.18):

    supply risk   sum over countries of share^2 x instability, the riskier stage, at least `risk_least`
    kept          it stood on the last list of the same state
    others        at least `others_least` other states have it on their latest lists

share: of world output two years before; instability: 1 less the percentile of political stability. Importance to the economy, the
other axis of such lists, is passed by all fourteen metals of the table: states assess none that they do not need.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lodeflow.data.problems import DataError, Problem, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables

STYLES = {"EU": "EU27", "US": "USA", "Japan": "JPN"}
"""States in whose style lists are recomputed, as users name them."""
FITTED = (("EU27", 2010), ("EU27", 2014), ("EU27", 2017), ("USA", 2018))
"""Lists that the rules were set on."""
JUDGED = (("EU27", 2020), ("EU27", 2023), ("USA", 2022), ("JPN", 2009))
"""Lists that the rules have not seen."""
MIDDLING = 50.0
"""Percentile of political stability of a place that the table does not hold."""
COLUMNS = ("metal", "listed", "supply_risk", "was_listed", "others", "why")


@dataclass(frozen=True)
class Rules:
    """The rules of the table `list_rules`, see there for their meaning and unit."""

    risk_least: float
    kept: float
    others_least: float
    lag: int

    @classmethod
    def of(cls, tables: Tables) -> Rules:
        """The shipped values."""
        values = dict(zip(tables.list_rules["rule"], tables.list_rules["value"], strict=True))
        return cls(values["risk_least"], values["kept"], values["others_least"], int(values["lag"]))


def instability(tables: Tables, year: int) -> pd.Series:
    """Return how unstable countries are, 0 to 1 (index iso3): 1 less the percentile of political stability, nearest year."""
    table = tables.stability
    own = _nearest(table, year).set_index("iso3")["percentile"]
    return 1.0 - own / 100.0


def _nearest(table: pd.DataFrame, year: int) -> pd.DataFrame:
    """The rows of the year that lies nearest, of two the first."""
    away = (table["year"] - year).abs()
    return table[table["year"] == table["year"][away == away.min()].min()]


def weighted_hhi(shares: pd.Series, unstable: pd.Series) -> float:
    """Return the sum of squared shares times instability, 0 to 1; both by iso3; unknown places are middling."""
    return float((shares**2 * unstable.reindex(shares.index).fillna(1.0 - MIDDLING / 100.0)).sum())


def supply_risk(tables: Tables, metal: str, year: int) -> float:
    """Return the supply risk of a metal of the table `supply_shares` (nearest year), the riskier stage, 0 to 1."""
    own = tables.supply_shares[tables.supply_shares["metal"] == metal]
    own = _nearest(own, year)
    unstable = instability(tables, year)
    return max(weighted_hhi(rows.set_index("iso3")["share"], unstable) for _, rows in own.groupby("stage"))


def last_list(tables: Tables, state: str, year: int) -> dict[str, bool] | None:
    """Return the latest list of a state before a year: whether each metal stands on it; None where there is none."""
    own = tables.critical_lists[
        (tables.critical_lists["jurisdiction"] == state) & (tables.critical_lists["year"] < year)
    ]
    if own.empty:
        return None
    own = own[own["year"] == own["year"].max()]
    return {str(metal): bool(listed) for metal, listed in zip(own["metal"], own["listed"], strict=True)}


def recomputed(tables: Tables, state: str, year: int, rules: Rules | None = None) -> pd.DataFrame:
    """Return the list of a state as the rules give it, from what was known before the year: columns COLUMNS, one row a metal.

    Args:
        tables: ``supply_shares``, ``stability``, ``critical_lists``, ``list_rules``.
        state: EU27 or iso3, or a name of STYLES.
        year: of the list.
        rules: others than those of the table.

    Raises:
        DataError: for a state without any list.
    """
    import pandas as pd

    state, rules = STYLES.get(state, state), rules or Rules.of(tables)
    states = sorted(set(tables.critical_lists["jurisdiction"].astype(str)))
    if state not in states:
        known = [*STYLES, *states]
        raise DataError([Problem("lists", None, "state", f"no list of {state!r} is known", did_you_mean(state, known))])
    before = last_list(tables, state, year)
    others = [found for name in states if name != state and (found := last_list(tables, name, year)) is not None]
    rows = []
    for metal in sorted(set(tables.supply_shares["metal"].astype(str))):
        risk = supply_risk(tables, metal, year - rules.lag)
        was, count = bool(before and before.get(metal)), sum(found.get(metal, False) for found in others)
        reasons = {
            f"supply risk {risk:.2f}": risk >= rules.risk_least,
            "on the last list": was and rules.kept >= 1.0,
            f"on {count} lists of others": count >= rules.others_least,
        }
        why = ", ".join(text for text, holds in reasons.items() if holds)
        rows.append((metal, bool(why), risk, was, count, why or f"supply risk {risk:.2f}, on {count} lists of others"))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def real_list(tables: Tables, state: str, year: int) -> pd.Series:
    """Return the published list: whether each metal stands on it (index metal)."""
    own = tables.critical_lists[
        (tables.critical_lists["jurisdiction"] == state) & (tables.critical_lists["year"] == year)
    ]
    return own.set_index("metal")["listed"].astype(bool).sort_index()


def balanced(said: pd.Series, real: pd.Series) -> float:
    """Return the mean of the shares of listed and of unlisted metals that were said rightly, 0 to 1; 1/2 is a coin."""
    said = said.reindex(real.index)
    return float((said[real].mean() + (~said[~real]).mean()) / 2.0)


def scores(tables: Tables, cases: tuple[tuple[str, int], ...] = JUDGED, rules: Rules | None = None) -> pd.DataFrame:
    """Return how well lists are told: state, year, rule, same_as_last (balanced accuracy, 1), wrong (metals); last row: all.

    same_as_last: what the last list of the state says; nothing is listed where there is none.
    """
    import pandas as pd

    rows, parts = [], []
    for state, year in cases:
        real = real_list(tables, state, year)
        said = recomputed(tables, state, year, rules).set_index("metal")["listed"]
        before = last_list(tables, state, year) or {}
        last = pd.Series({metal: before.get(str(metal), False) for metal in real.index})
        wrong = ", ".join(str(metal) for metal in real.index if said[metal] != real[metal])
        rows.append((state, str(year), balanced(said, real), balanced(last, real), wrong))
        parts.append(pd.DataFrame({"real": real, "said": said, "last": last}).reset_index(drop=True))
    both = pd.concat(parts, ignore_index=True).astype(bool)
    rows.append(("all", "", balanced(both["said"], both["real"]), balanced(both["last"], both["real"]), ""))
    return pd.DataFrame(rows, columns=["state", "year", "rule", "same_as_last", "wrong"])


def changes(tables: Tables, state: str, year: int) -> pd.DataFrame:
    """Return who enters and leaves against the last list of a state: metal, change (enters, leaves), why."""
    code = STYLES.get(state, state)
    table = recomputed(tables, code, year)
    moved = table[table["listed"] != table["was_listed"]]
    words = moved["listed"].map({True: "enters", False: "leaves"})
    return moved.assign(change=words)[["metal", "change", "why"]].reset_index(drop=True)
