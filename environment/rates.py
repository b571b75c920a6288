"""Rates by metal that stay what they are during a run."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lodeflow.environment.parameters import Parameters


@dataclass(frozen=True)
class Rates:
    """Rates of the metals, shape (metals,) each.

    Attributes:
        price: base price, USD/t of metal content.
        cover: normal stocks, months, by place (``mine``, ``feed``, ``refined``, ``manufacturer``).
        eta: scarcity response of the price.
        short_run, long_run: elasticity of use to the price within a month and after substitution, positive.
        supply_elasticity: of mines above the anchor.
        treatment_charge: share of the refined price that refiners keep in the base year.
        reserve: metal in the ground at the start, t.
        usual: ln of the mean price of the years up to the base year over that of the base year, ln points.
        year_end: ln of the price at the end of the base year over its mean, ln points.
    """

    price: np.ndarray
    cover: dict[str, np.ndarray]
    eta: np.ndarray
    short_run: np.ndarray
    long_run: np.ndarray
    supply_elasticity: np.ndarray
    treatment_charge: np.ndarray
    reserve: np.ndarray
    usual: np.ndarray
    year_end: np.ndarray


def rates_of(
    parameters: Parameters,
    price: np.ndarray,
    cover: dict[str, np.ndarray],
    reserve: np.ndarray,
    usual: np.ndarray | None = None,
    year_end: np.ndarray | None = None,
) -> Rates:
    """Rates from parameters, base prices, normal stocks, reserves, usual and last prices of a world; None: as in the base year."""
    eta = parameters.by_metal("eta")
    return Rates(
        price=price,
        cover=cover,
        eta=eta,
        short_run=parameters["short_run_share"] * eta,
        long_run=np.minimum(eta, parameters["long_run_elasticity_max"]),
        supply_elasticity=parameters.by_metal("supply_elasticity"),
        treatment_charge=parameters.by_metal("treatment_charge"),
        reserve=reserve,
        usual=np.zeros_like(price) if usual is None else usual,
        year_end=np.zeros_like(price) if year_end is None else year_end,
    )


def at_anchor(rates: Rates) -> Rates:
    """The same rates at an anchor that stays where it is: how prices and use answer to each other, all 1, does not act there."""
    one, still = np.ones_like(rates.eta), np.zeros_like(rates.eta)
    return replace(rates, eta=one, short_run=one, long_run=one, supply_elasticity=one, usual=still, year_end=still)
