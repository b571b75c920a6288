"""Countries and metals in the spellings of the trade: none leads to a wrong one."""

from __future__ import annotations

import pytest

from lodeflow.data.names import advice, metal, metal_in, place
from lodeflow.data.problems import did_you_mean

SPELLINGS = {
    "Congo, Dem. Rep.": "COD",
    "DRC": "COD",
    "D.R. Congo": "COD",
    "Dem. Rep. of the Congo": "COD",
    "Congo (Kinshasa)": "COD",
    "Congo, D.R.": "COD",
    "Democratic Republic of the Congo": "COD",
    "Congo, Democratic Republic of the": "COD",
    "Zaire": "COD",
    "刚果（金）": "COD",
    "Congo, Rep.": "COG",
    "Congo (Brazzaville)": "COG",
    "Taiwan": "TWN",
    "Taiwan, Province of China": "TWN",
    "Other Asia, nes": "TWN",
    "S19": "TWN",
    "490": "TWN",
    "China": "CHN",
    "CHINA": "CHN",
    "China3": "CHN",
    "中国": "CHN",
    "China, Hong Kong SAR": "HKG",
    "Hong Kong SAR, China": "HKG",
    "Korea, Rep.": "KOR",
    "Republic of Korea": "KOR",
    "Korea, Republic of": "KOR",
    "South Korea": "KOR",
    "Dem. People's Rep. of Korea": "PRK",
    "Korea, North": "PRK",
    "Russian Federation": "RUS",
    "Russia4": "RUS",
    "USA": "USA",
    "United States": "USA",
    "United States of America": "USA",
    "U.S.": "USA",
    "842": "USA",
    "USA, Puerto Rico and US Virgin Islands": "USA",
    "UK": "GBR",
    "United Kingdom": "GBR",
    "Turkey": "TUR",
    "Türkiye": "TUR",
    "Turkiye": "TUR",
    "Côte d'Ivoire": "CIV",
    "Cote d'Ivoire": "CIV",
    "Ivory Coast": "CIV",
    "Burma": "MMR",
    "Viet Nam": "VNM",
    "Vietnam": "VNM",
    "Lao PDR": "LAO",
    "Iran, Islamic Rep.": "IRN",
    "Bolivia (Plurinational State of)": "BOL",
    "Slovak Republic": "SVK",
    "Czech Rep.": "CZE",
    "Macedonia, North": "MKD",
    "New Caledonia": "NCL",
    "Guinea": "GIN",
    "Papua New Guinea": "PNG",
    "699": "IND",
    "DE": "DEU",
    "澳大利亚": "AUS",
    "智利": "CHL",
    "deu": "DEU",
    "United Rep. of Tanzania": "TZA",
}
NO_COUNTRY = {
    "Congo": "doubtful",
    "Korea": "doubtful",
    "USSR": "former",
    "Yugoslavia": "former",
    "Serbia and Montenegro": "former",
    "Czechoslovakia": "former",
    "Belgium-Luxembourg": "former",
    "EU28": "group",
    "European Union": "group",
    "World total (rounded)": "group",
    "Ruritania": "unknown",
    "Germny": "unknown",
    "Niger River": "unknown",
    "GREC": "unknown",
    "": "unknown",
}


def test_sixty_spellings_lead_to_their_country_or_to_none() -> None:
    found = {name: place(name).code for name in SPELLINGS}
    wrong = {name: code for name, code in found.items() if code and code != SPELLINGS[name]}
    assert len(SPELLINGS) >= 60
    assert not wrong
    assert sum(found[name] == code for name, code in SPELLINGS.items()) >= len(SPELLINGS) - 5


@pytest.mark.parametrize(("name", "kind"), NO_COUNTRY.items())
def test_what_is_no_country_is_none(name: str, kind: str) -> None:
    assert place(name).kind == kind


def test_every_iso_code_and_name_is_its_own_country() -> None:
    import pycountry

    for country in pycountry.countries:
        assert place(country.alpha_3).code == country.alpha_3
        assert place(country.alpha_2).code == country.alpha_3
        assert place(country.name).code in (country.alpha_3, "") or place(country.name).kind == "doubtful"


def test_names_of_the_tables_are_understood() -> None:
    from lodeflow import data

    for iso3, name in data.labels("countries", "iso3", "name").items():
        assert place(name).code == iso3, name


def test_advice_names_the_country_that_is_meant() -> None:
    places = {
        "CHN": "China",
        "USA": "United States",
        "DEU": "Germany",
        "COD": "DR Congo",
        "GRC": "Greece",
        "COG": "Congo Republic",
    }
    assert did_you_mean("DRC", places, places) == "Did you mean 'COD' (DR Congo)?"
    assert did_you_mean("Congo, Dem. Rep.", places, places) == "Did you mean 'COD' (DR Congo)?"
    assert "COD (DR Congo, Kinshasa) or COG" in did_you_mean("Congo", places, places)
    assert "in ROW" in advice("Gabon", places)
    assert did_you_mean("Germny", places, places) == "Did you mean 'DEU' (Germany)?", (
        "a slip of the hand is still named"
    )


METALS = {"cobalt": "Co", "nickel": "Ni", "graphite": "C", "neodymium-praseodymium": "Nd-Pr", "lithium": "Li"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Co", "cobalt"),
        ("CO", "cobalt"),
        ("COBALT", "cobalt"),
        ("钴", "cobalt"),
        ("Natural graphite", "graphite"),
        ("NdPr", "neodymium-praseodymium"),
        ("kobalt", ""),
        ("copper", ""),
    ],
)
def test_metals_by_name_symbol_and_capitals(text: str, name: str) -> None:
    assert metal(text, METALS)[0] == name


def test_doubtful_metals_say_why() -> None:
    assert "neodymium-praseodymium or dysprosium-terbium" in metal("rare earths", METALS)[1]
    assert metal_in("Cobalt: mine production, by country", METALS) == "cobalt"
    assert metal_in("Cobalt and nickel", METALS) == ""
