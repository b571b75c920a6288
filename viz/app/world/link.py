"""What the address of the page holds: the world that is shown and how, so that reload, a bookmark or a mailed link bring it back.

A shipped scenario stands there by name; a world of one's own as its scenario file, packed.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

from lodeflow.data.problems import DataError, Problem
from lodeflow.experiments.scenario.model import LIBRARY, Scenario, load_scenario, shipped
from lodeflow.viz.app.server import limits
from lodeflow.viz.app.world.session import Session

LONGEST = 6000
"""Longest packed scenario that an address carries, characters; browsers and mail programs cut longer addresses."""
CALM = "baseline"
"""The scenario that is shown where the address names none."""


@dataclass(frozen=True)
class Link:
    """What an address says; "" or 0 where it says nothing.

    Attributes:
        scenario: name of a shipped scenario.
        own: a scenario file of the visitor's, packed (:func:`pack`).
        month: months simulated.
        metal, tab, lang: what is looked at, and in which language.
        theme: "dark" or "light"; "" as the visitor's system has it.
        what: what happens on arrival: a kind of shock that is fired once, or "play"; "" for nothing.
        country, product: what is singled out on map and charts.
        map: how the map is looked at (:meth:`lodeflow.viz.app.world.look.Look.write`).
        kept: worlds kept beside it (:func:`lodeflow.viz.app.beside.kept.written`).
    """

    scenario: str = ""
    own: str = ""
    month: int = 0
    metal: str = ""
    tab: str = ""
    lang: str = ""
    theme: str = ""
    what: str = ""
    country: str = ""
    product: str = ""
    map: str = ""
    kept: str = ""

    @classmethod
    def read(cls, search: str | None) -> Link:
        """What stands behind the ``?`` of an address; keys that mean nothing here are passed over."""
        known = {field.name for field in fields(cls)}
        given: dict[str, Any] = {key: text for key, text in parse_qsl(search or "") if key in known}
        month = given.pop("month", "0")
        return cls(month=int(month) if month.isascii() and month.isdigit() and len(month) < 6 else 0, **given)

    def write(self) -> str:
        """The part of an address behind the ``?``; what is "" or 0 is left out."""
        return urlencode({field.name: value for field in fields(self) if (value := getattr(self, field.name))})


def packed(scenario: Scenario) -> dict[str, str]:
    """What of a link says which scenario is run; "" for `own` where it would be too long for an address."""
    base = scenario.name.removesuffix("-own")
    if base in shipped() and scenario == _shipped(base):
        return {"scenario": "" if base == CALM else base, "own": ""}
    own = pack(scenario.to_toml())
    return {"scenario": base if base in shipped() else "", "own": own if len(own) <= LONGEST else ""}


def fits(scenario: Scenario) -> bool:
    """Whether an address can hold a scenario whole."""
    held = packed(scenario)
    return bool(held["own"]) or (scenario.name in shipped() and scenario == _shipped(scenario.name))


def restore(link: Link) -> Callable[[Session], None]:
    """A wish that stands where a link says.

    It raises :class:`lodeflow.data.DataError` with what is wrong with the link's scenario; the world stays as it was then.
    """

    def wish(session: Session) -> None:
        if link.own:
            session.load_text(unpack(link.own), "link")
        else:
            session.load_shipped(link.scenario or CALM)
        session.step(min(link.month, session.scenario.world.months))

    return wish


def pack(text: str) -> str:
    """A text in the letters that an address may hold."""
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def unpack(packed_text: str) -> bytes:
    """What :func:`pack` packed; never more than a file that a visitor may upload.

    Raises:
        lodeflow.data.DataError: when it was not packed so, or is too large.
    """
    most = limits.current().upload_bytes
    inflate = zlib.decompressobj()
    try:
        data = base64.urlsafe_b64decode(packed_text + "=" * (-len(packed_text) % 4))
        text = inflate.decompress(data, most)
    except (zlib.error, binascii.Error, ValueError) as error:
        raise DataError([_broken("it was cut short or changed on its way")]) from error
    if not inflate.eof:
        raise DataError([_broken("it was cut short, or its scenario is too large")])
    return text


def _broken(wrong: str) -> Problem:
    right = "Ask for the link again, or for the scenario as a file"
    return Problem("link", None, "", f"the link does not hold a scenario: {wrong}", right)


@cache
def _shipped(name: str) -> Scenario:
    """A scenario of the library, read once; nobody writes to it."""
    return load_scenario(LIBRARY / f"{name}.toml")
