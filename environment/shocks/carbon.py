"""Prices of energy and of carbon, and a charge on the carbon of imports: what they add to unit costs and duties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from lodeflow.agents import guards
from lodeflow.data.footprint import MINING, RECYCLING, REFINING, STAGES
from lodeflow.environment.market.contracts import base_prices
from lodeflow.environment.shocks.bills import Bill
from lodeflow.environment.shocks.card import Card
from lodeflow.environment.shocks.imports import IMPORT_PROMISES, OnImports
from lodeflow.environment.shocks.kept import kept
from lodeflow.environment.shocks.shock import Shock

if TYPE_CHECKING:
    from lodeflow.environment.shocks.effects import Effects
    from lodeflow.environment.state import State

USD_PER_GJ, USD_PER_T_CO2 = "USD/GJ", "USD/t CO2e"
MINE, MELT, SCRAP = (STAGES.index(stage) for stage in (MINING, REFINING, RECYCLING))


def calendar_year(month: int) -> int:
    """Calendar year of a month number."""
    return month // 12


def emitted(world: State, year: int) -> np.ndarray:
    """Greenhouse gases of a tonne by metal, stage and country, t CO2e/t, 0 where unknown, shape (metals, stages, countries)."""
    return kept(world, ("emitted", year), lambda: np.nan_to_num(world.blueprint.factors.of_year(year)))


PROMISES: dict[str, Any] = {
    "example": {"actor": "CHN"},
    "metals": ("copper",),
    "writes": ("levers", "output_kept_ahead", "refining_kept_ahead", "bills"),
    "quantity": "refined output lost",
    "signs": {"world price": 1, "refined output lost": 1},
    "months": 24,
    "notice": 4,
}
"""What a price on stages promises: metal gets dearer, and less is refined where it holds."""


class _OnStages(Shock):
    """What a country's mines, refineries and recyclers pay on top, by their own use of energy or their own emissions."""

    billed: ClassVar[tuple[str, str]]
    """Entry of the account of money, and who is paid."""
    actor: str = Field(description="country or group whose plants pay")
    metals: list[str] = Field(default_factory=list, description="metals concerned; empty: all")

    def usd_per_t(self, world: State, month: int) -> np.ndarray:
        """What a tonne costs more at full strength, USD/t, shape (metals, stages, countries)."""
        raise NotImplementedError

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Raise unit costs of all stages now and ahead, and enter who is paid."""
        entry, payee = self.billed
        usd = self.usd_per_t(world, month) * self.concerned(world)
        force, belief = self.intensity(month), self.belief(month, world)
        miners, refiners, recyclers = world.miners, world.refiners, world.recyclers
        mined, melted = usd[miners.metal, MINE, miners.country], usd[refiners.metal, MELT, refiners.country]
        recovered = usd[:, SCRAP, :][:, recyclers.country].T
        effects.add_mine_cost(mined, force, belief)
        effects.add_refinery_cost(melted, force, belief)
        effects.add_recycling_cost(recovered, force)
        effects.add_process_cost(of_processes(world, usd[:, SCRAP, :]), force)
        parts = (("mine", "mined", mined), ("refiner", "refined", melted), ("recycler", "recovered", recovered.ravel()))
        for payer, basis, rate in parts if force > 0.0 else ():
            effects.bill(Bill(entry, {payer: 1.0}, payee, basis, rate > 0.0, force * rate[rate > 0.0]))

    def concerned(self, world: State) -> np.ndarray:
        """1 for the metals and countries concerned, else 0, shape (metals, 1, countries)."""
        layout = world.layout
        metals = np.array([not self.metals or name in self.metals for name in layout.metals])
        found: np.ndarray = metals[:, None, None] & layout.marked(self.actors(world))[None, None]
        return found

    def unreached(self, world: State) -> list[str]:
        """Metals of which no source gives energy and emissions."""
        unknown = [name for name in world.blueprint.factors.unknown if not self.metals or name in self.metals]
        return [f"no source gives energy and emissions of {name}: it pays nothing" for name in unknown]

    def powerless(self, world: State) -> str:
        """A price of nothing, or nobody who pays."""
        return "it costs nothing, or nobody there makes its metals"


def of_processes(world: State, usd: np.ndarray) -> np.ndarray:
    """What added processes cost more per t of each metal in the scrap: ``usd / energy x own energy x yield``, USD/t. ODD 7.15.

    A process pays as recycling does for every GJ, by its own GJ. Shape (n, processes, metals).

    Args:
        world: the world.
        usd: what recycling a t of metal costs more, USD/t, shape (metals, countries).
    """
    figures, general = world.blueprint.processes, world.blueprint.factors.energy[:, SCRAP]
    per_gj = np.divide(usd, general[:, None], out=np.zeros(usd.shape), where=general[:, None] > 0.0)
    country = world.recyclers.country[figures.plants]
    found: np.ndarray = per_gj.T[country][:, None, :] * figures.energy * figures.yields
    return found


class EnergyPrice(_OnStages):
    """Energy gets dearer in a country: its mines, refineries and recyclers pay more for what they use.

    State: unit costs of stages. Monotone in the rise. Signs: less is mined and refined there, prices rise.
    """

    card: ClassVar[Card | None] = Card(
        source="assumption: a rise of the price of energy, such as that of gas in Europe in 2022 (World Bank Pink Sheet)",
        strength="rise",
        unit=USD_PER_GJ,
        steps=(5.0, 20.0, 60.0),
        **PROMISES,
    )
    billed: ClassVar[tuple[str, str]] = ("energy price", "supplier")
    kind: Literal["energy_price"] = "energy_price"
    rise: float = Field(
        ge=0, le=1000, description="what a unit of energy costs more", json_schema_extra={"unit": USD_PER_GJ}
    )

    def usd_per_t(self, world: State, month: int) -> np.ndarray:
        """``rise x energy``, USD/t, shape (metals, stages, countries)."""
        factors = world.blueprint.factors
        return self.rise * np.repeat(np.nan_to_num(factors.energy)[:, :, None], len(factors.regions), axis=2)


class CarbonPrice(_OnStages):
    """A country prices what its mines, refineries and recyclers emit; its government is paid.

    State: unit costs of stages. Monotone in the price. Signs: less is mined and refined there, more where power is clean.
    """

    policy: ClassVar[bool] = True
    card: ClassVar[Card | None] = Card(
        source="assumption: an emissions trading scheme that covers metals, as those of the EU and China begin to",
        strength="price",
        unit=USD_PER_T_CO2,
        steps=(50.0, 150.0, 500.0),
        **PROMISES,
    )
    billed: ClassVar[tuple[str, str]] = ("carbon price", "government")
    kind: Literal["carbon_price"] = "carbon_price"
    price: float = Field(ge=0, le=10000, description="price of emissions", json_schema_extra={"unit": USD_PER_T_CO2})

    def usd_per_t(self, world: State, month: int) -> np.ndarray:
        """``price x emissions``, USD/t, shape (metals, stages, countries)."""
        return self.price * emitted(world, calendar_year(month))


class BorderCharge(OnImports):
    """A country charges the carbon of its imports above a benchmark, less what was paid for carbon where they come from.

    State: duty on edges into the country. Monotone in the price. Signs: the metal gets dearer at home, imports fall and turn to
    clean and to recognised sellers. Lots with a green certificate of a partner that is recognised go free.
    """

    policy: ClassVar[bool] = True
    card: ClassVar[Card | None] = Card(
        source="assumption: a border adjustment on metals, as that of the EU on aluminium and steel (Regulation 2023/956)",
        strength="price",
        unit=USD_PER_T_CO2,
        steps=(100.0, 300.0, 900.0),
        **IMPORT_PROMISES,
    )
    kind: Literal["border_charge"] = "border_charge"
    price: float = Field(
        ge=0, le=10000, description="charge on emissions above the benchmark", json_schema_extra={"unit": USD_PER_T_CO2}
    )
    benchmark: float = Field(
        0.0, ge=0, le=1e6, description="emissions of a tonne that go free", json_schema_extra={"unit": "t CO2e/t"}
    )
    recognises: list[str] = Field(
        default_factory=list, description="countries or groups whose green certificates are recognised; empty: none"
    )
    certified: float = Field(
        1.0, ge=0, le=1, description="share of their lots with a certificate", json_schema_extra={"unit": "1"}
    )

    @property
    def places(self) -> list[str]:
        """Countries and groups that it names, those whose certificates are recognised among them."""
        return [*super().places, *self.recognises]

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Charge the edges into the country, now and as far ahead as it is believed."""
        belief, force = self.belief(month, world), self.intensity(month)
        for market in self.markets:
            mask = self._charged(world, market)
            if mask.any():
                effects.charge(market, mask, force, belief, duty=self.duty(world, market, mask, month))

    def _charged(self, world: State, market: str) -> np.ndarray:
        """Edges that it charges, boolean, shape (E,)."""
        named = self.actor, self.form, *self.metals, "from", *self.partners
        return kept(world, ("charged", market, *named), lambda: self.edges(world, market, self.metals))

    def duty(self, world: State, market: str, mask: np.ndarray, month: int) -> np.ndarray:
        """``free x max(price - paid at origin, 0) x max(embodied - benchmark, 0) / base price``, shape (edges of the mask,)."""
        table, year = world.markets[market], calendar_year(month)
        seller = table.seller_country[mask]
        owed = np.maximum(self.price - paid_at_origin(world, month)[table.metal[mask], seller], 0.0)
        carried = kept(world, ("embodied", market, year), lambda: embodied(world, market, year))[mask]
        charged = np.ones(len(seller))
        if self.recognises:
            named = np.concatenate([world.layout.country_indices(name) for name in self.recognises])
            charged[world.layout.marked(named)[seller]] -= self.certified
        found: np.ndarray = (
            charged * owed * np.maximum(carried - self.benchmark, 0.0) / base_prices(world, market)[mask]
        )
        return found

    def powerless(self, world: State) -> str:
        """A price of nothing, or imports that carry nothing above the benchmark."""
        return "its price is 0" if not self.price else "it imports nothing that carries more than the benchmark"


def paid_at_origin(world: State, month: int) -> np.ndarray:
    """Carbon price in force by metal and country, USD/t CO2e, shape (metals, countries); several add up."""
    layout = world.layout
    found = np.zeros((len(layout.metals), len(layout.countries)))
    for shock in world.shocks:
        if isinstance(shock, CarbonPrice):
            found += shock.price * shock.intensity(month) * shock.concerned(world)[:, 0]
    return found


def embodied(world: State, market: str, year: int) -> np.ndarray:
    """Emissions that a tonne carries over each edge, t CO2e/t, shape (E,): mined where contracts of the base month lead from.

    Feed: its mining. Refined: its refining, and the mining of the seller's feed over its yield; recycled metal: its recycling.
    """
    rates, feed = emitted(world, year), world.markets["feed"]
    mining = rates[feed.metal, MINE, feed.seller_country]
    if market == "feed":
        return mining
    table, refiners, secondary = world.markets["refined"], world.refiners, world.secondary
    bought = np.maximum(feed.by_buyer(feed.base), guards.LEAST)
    ore = feed.by_buyer(feed.base * mining) / bought / refiners.yield_
    melted = rates[refiners.metal, MELT, refiners.country] + ore
    seller = np.append(melted, rates[secondary.metal, SCRAP, secondary.country])
    found: np.ndarray = seller[table.seller]
    return found
