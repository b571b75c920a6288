"""Every word the dashboard shows, in one file per language (`texts/*.toml`); what a language lacks is shown in English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lodeflow.data.loader import fingerprint
from lodeflow.data.plain import plain
from lodeflow.data.quality import illustrative
from lodeflow.environment.calendar import format_month
from lodeflow.environment.shocks.kinds import REGISTRY
from lodeflow.viz import words
from lodeflow.viz.language import ENGLISH as ENGLISH
from lodeflow.viz.language import LANGUAGES as LANGUAGES
from lodeflow.viz.language import words_of as words_of

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.data.catalogue import Variable

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
REST = "ROW"


class Texts:
    """The words of one language.

    Args:
        language: one of :data:`LANGUAGES`.
        tables: names of countries, metals and products, for what the language does not translate.
    """

    def __init__(self, language: str, tables: Tables) -> None:
        self.language = language
        self._words = words_of(ENGLISH) | words_of(language)
        self._names = _table_names(tables)
        self._own = words_of(language)
        self._illustrative = frozenset(illustrative(tables))
        self._tables = tables

    @property
    def fingerprint(self) -> str:
        """sha256 (hex) of the tables, as the manifest of a run has it."""
        return fingerprint(self._tables)

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key with its gaps filled.

        Raises:
            KeyError: when no language has the key.
        """
        text = self._words[key]
        return text.format(**values) if values else text

    def count(self, thing: str, number: int) -> str:
        """A number of things: '1 month', '12 months'; `thing` is a key under ``count``."""
        return self(f"count.{thing}.{'one' if number == 1 else 'other'}", count=f"{number:,}")

    def unit(self, name: str) -> str:
        """A unit in the reader's language; one that no language knows stays as it is."""
        return self._words.get(f"unit.{name}", name)

    def units(self) -> dict[str, str]:
        """All units that have a name, for the charts in the browser."""
        return {key.removeprefix("unit."): text for key, text in self._words.items() if key.startswith("unit.")}

    def has(self, key: str) -> bool:
        """Whether there is a text for a key."""
        return key in self._words

    def name(self, what: str, code: str) -> str:
        """Name of a metal, country, group or product.

        Args:
            what: ``metal``, ``region`` or ``product``.
            code: as in the tables.
        """
        return self._own.get(f"{what}.{code}") or self._names[what].get(code) or code

    def metal(self, code: str) -> str:
        """Name of a metal; it says so where less than half of the metal's tonnage is observed."""
        name = self.name("metal", code)
        return self("illustrative", metal=name) if code in self._illustrative else name

    def metal_within(self, code: str) -> str:
        """Name of a metal inside a sentence."""
        name = self.metal(code)
        return name.lower() if self.language == ENGLISH else name

    def region(self, code: str) -> str:
        """Name of a country or group."""
        return self.name("region", code)

    def kind(self, kind: str) -> str:
        """Name of a kind of shock or policy."""
        return self._words.get(f"kind.{kind}.name") or kind.replace("_", " ").capitalize()

    def kind_help(self, kind: str) -> str:
        """What a kind does, in one sentence."""
        doc = (REGISTRY[kind].__doc__ or "").strip()
        return bare(self._own.get(f"kind.{kind}.help") or doc.split("\n", 1)[0])

    def field(self, name: str) -> str:
        """Name of a field of a form."""
        return self._words.get(f"field.{name}.name") or name.replace("_", " ").capitalize()

    def field_help(self, kind: str, name: str, description: str) -> str:
        """What a field means, with what the registry says where the language has no words of its own."""
        own = self._own.get(f"field.{kind}-{name}.help") or self._own.get(f"field.{name}.help")
        return bare(own or description[:1].upper() + description[1:])

    def month(self, number: int) -> str:
        """A month number as text: 'Mar 2025', '2025年3月'."""
        year, month = number // 12, number % 12
        return self("month", year=year, number=month + 1, name=MONTHS[month])

    def event(self, event: dict[str, Any]) -> str:
        """A shock in words: its label, else who does what with which metals."""
        who, kind = event.get("actor"), self.kind(event["kind"])
        kind = kind[:1].lower() + kind[1:] if who else kind
        usual = " ".join([*([who] if who else []), event["kind"].replace("_", " ")])
        if event["label"] and event["label"] != usual and self.language == ENGLISH:
            return plain(str(event["label"]))
        metals = ", ".join(self.metal_within(metal) for metal in event["metals"])
        what = f"{kind} ({metals})" if metals else kind
        return self("event", who=self.region(who), what=what) if who else what

    def variable(self, one: Variable) -> str:
        """Name of a recorded variable as a title: 'Shortage, per month'."""
        label = words.capital(one.label(self.language))
        return self("per_month", what=label) if one.per else label

    def group(self, code: str) -> str:
        """Name of a product group; its code where the language has none."""
        return self._words.get(f"group.{code}", code.replace("-", " "))

    def region_or_world(self, code: str) -> str:
        """Name of a country, group, or the world."""
        return self("world") if code == "WLD" else self.region(code)


def bare(text: str) -> str:
    """Text without the backticks that mark code in docstrings and messages."""
    return text.replace("`", "")


def _table_names(tables: Tables) -> dict[str, dict[str, str]]:
    countries, metals, products = tables["countries"], tables["metals"], tables["products"]
    return {
        "region": dict(zip(countries["iso3"], countries["name"], strict=True)),
        "metal": dict(zip(metals["metal"], metals["label"], strict=True)),
        "product": dict(zip(products["product"], products["label"], strict=True)),
    }


def month_key(number: int) -> str:
    """A month number as a scenario file writes it."""
    return format_month(number)
