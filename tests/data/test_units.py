"""Units are read, converted with their factor, or refused; none passes in silence."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from lodeflow.data.units import UnitError, tonnes, usd_per_tonne

READ = [
    ("t", "cobalt", "Co", 1.0),
    ("t Co", "cobalt", "Co", 1.0),
    ("metric tons, cobalt content", "cobalt", "Co", 1.0),
    ("kt", "cobalt", "Co", 1e3),
    ("thousand tonnes", "cobalt", "Co", 1e3),
    ("Mt/year", "copper", "Cu", 1e6),
    ("kg", "gallium", "Ga", 1e-3),
    ("lb", "cobalt", "Co", 0.45359237e-3),
    ("million lb", "cobalt", "Co", 453.59237),
    ("short tons", "copper", "Cu", 0.90718474),
    ("t/month", "copper", "Cu", 12.0),
    ("kt LCE", "lithium", "Li", 187.85),
    ("t carbonate", "lithium", "Li", 0.18785),
    ("t lithium hydroxide", "lithium", "Li", 0.16539),
    ("t Li2O", "lithium", "Li", 0.46454),
    ("t oxide", "germanium", "Ge", 0.69417),
    ("t Nd2O3", "neodymium-praseodymium", "Nd-Pr", 0.85736),
    ("t REO @ 17 %", "neodymium-praseodymium", "Nd-Pr", 0.17),
    ("kt ore, 1.2 %", "nickel", "Ni", 12.0),
    ("t Nd+Pr", "neodymium-praseodymium", "Nd-Pr", 1.0),
    ("t Al2O3", "alumina", "Al2O3", 1.0),
    ("troy oz", "platinum", "Pt", 31.1034768e-6),
]
SLIPS = [
    ("kt", "cobalt", "Co"),
    ("Mt", "cobalt", "Co"),
    ("kg", "cobalt", "Co"),
    ("lb", "cobalt", "Co"),
    ("carats", "cobalt", "Co"),
    ("g", "cobalt", "Co"),
    ("mt", "cobalt", "Co"),
    ("MT", "cobalt", "Co"),
    ("Kt", "cobalt", "Co"),
    ("tons", "cobalt", "Co"),
    ("oz", "platinum", "Pt"),
    ("t LCE", "lithium", "Li"),
    ("t LCE", "cobalt", "Co"),
    ("t hydroxide", "cobalt", "Co"),
    ("t ore", "nickel", "Ni"),
    ("t gross weight", "graphite", "C"),
    ("t REO", "neodymium-praseodymium", "Nd-Pr"),
    ("t Ni", "cobalt", "Co"),
    ("USD", "cobalt", "Co"),
    ("%", "cobalt", "Co"),
    ("thousand", "cobalt", "Co"),
    ("", "cobalt", "Co"),
    ("GWh", "lithium", "Li"),
    ("wmt", "nickel", "Ni"),
]


@pytest.mark.parametrize(("unit", "metal", "symbol", "factor"), READ)
def test_units_are_read_with_their_factor(unit: str, metal: str, symbol: str, factor: float) -> None:
    found = tonnes(unit, metal, symbol)
    assert found.value == pytest.approx(factor, rel=1e-4)
    assert bool(found.words) == (factor != 1.0), "a factor is shown"


@pytest.mark.parametrize(("unit", "metal", "symbol"), SLIPS)
def test_no_slip_passes_in_silence(unit: str, metal: str, symbol: str) -> None:
    refused = None
    try:
        found = tonnes(unit, metal, symbol)
    except UnitError as error:
        refused = error
    if refused is not None:
        assert refused.wrong
        assert refused.right
        return
    assert found.value != 1.0
    assert f"1 {unit} = {found.value:.6g} t {symbol}" in found.words


@pytest.mark.parametrize(
    ("unit", "factor"),
    [("USD/t", 1.0), ("USD/kg", 1e3), ("US$/lb", 2204.6226), ("cents per pound", 22.046226), ("USD/t LCE", 5.3234)],
)
def test_prices(unit: str, factor: float) -> None:
    assert usd_per_tonne(unit, "lithium", "Li").value == pytest.approx(factor, rel=1e-4)


@pytest.mark.parametrize("unit", ["CNY/t", "EUR/kg", "USD", "USD/mt", "t", ""])
def test_prices_that_are_not_read(unit: str) -> None:
    with pytest.raises(UnitError):
        usd_per_tonne(unit, "lithium", "Li")


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(unit: str) -> None:
    for read in (tonnes, usd_per_tonne):
        try:
            assert read(unit, "lithium", "Li").value > 0.0 or "0" in unit
        except UnitError:
            continue
