"""The names that a scenario may use: metals, hosts, countries, groups, products, parameters, as in the tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lodeflow.data.limits import Rules, rules_of
from lodeflow.environment.governments.tempers import temper_rules
from lodeflow.environment.layout import WORLD

if TYPE_CHECKING:
    from lodeflow.data import Tables


@dataclass(frozen=True)
class Names:
    """What exists in the tables, each with a plain label (code -> label)."""

    metals: dict[str, str]
    hosts: dict[str, str]
    """Metals that only carry others, such as zinc: their mines can fail, but they have no market."""
    countries: dict[str, str]
    groups: dict[str, list[str]]
    """Members (ISO 3166 alpha-3) of each group of countries."""
    products: dict[str, str]
    rules: Rules
    """What may be set under [parameters]."""
    feed_forms: dict[str, str]
    """Form in which a metal's feed is traded; "" where it has no feed market."""
    two_forms: frozenset[str]
    """Metals whose feed leaves some countries as ore and others as an intermediate."""
    unions: dict[str, str]
    """Unions whose members act as one."""
    tempers: Rules
    """What may be set under [governments.temper]."""

    @property
    def places(self) -> dict[str, str]:
        """Countries, groups, and the world."""
        groups = {group: f"group of {len(members)}" for group, members in self.groups.items()}
        return self.countries | groups | {WORLD: "all countries"}

    @property
    def governments(self) -> dict[str, str]:
        """Who may decide: countries, and unions that act as one."""
        return self.countries | self.unions

    def members(self, place: str) -> list[str]:
        """The countries of a group, or the country itself; nothing for an unknown name."""
        if place in self.countries:
            return [place]
        if place == WORLD:
            return list(self.countries)
        return self.groups.get(place, [])


def names_in(tables: Tables) -> Names:
    """Read all names from the tables."""
    metals, production = tables["metals"], tables["production"]
    hosts = sorted(set(production.loc[production["stage"] == "host", "metal"]) - set(metals["metal"]))
    flows = tables["trade_flows"]
    return Names(
        metals=dict(zip(metals["metal"], metals["label"], strict=True)),
        hosts={host: host for host in hosts},
        countries=dict(zip(tables["countries"]["iso3"], tables["countries"]["name"], strict=True)),
        groups={str(group): list(rows["iso3"]) for group, rows in tables["groups"].groupby("group")},
        products=dict(zip(tables["products"]["product"], tables["products"]["label"], strict=True)),
        rules=rules_of(tables),
        feed_forms={
            metal: str(form or "") for metal, form in zip(metals["metal"], metals["feed_form"].fillna(""), strict=True)
        },
        unions=dict(tables["bloc_terms"].loc[tables["bloc_terms"]["one"], ["bloc", "name"]].itertuples(index=False)),
        tempers=tables.remember(temper_rules) if hasattr(tables, "remember") else temper_rules(tables),
        two_forms=frozenset(flows.loc[flows["form"] == "ore", "metal"]) | frozenset(tables["feed_forms"]["metal"]),
    )
