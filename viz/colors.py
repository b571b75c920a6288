"""The colours of every picture, in report, notebook and dashboard: one meaning each. What needs no matplotlib reads them here."""

from __future__ import annotations

# Okabe-Ito colours: told apart by colour-blind readers.
BASELINE = "#7a7a7a"  # the world without the shock: grey, dashed
SHOCK = "#d55e00"  # the world with the shock; losses
INSIDE = "#0072b2"  # inside the banning country; gains
INK = "#222222"
FAINT = "#d9d9d9"
OTHERS = "#c8c8c8"
COMPONENTS = {
    "stocks": "#0072b2",
    "expected supply": "#d55e00",
    "refining capacity": "#f0e442",
    "own demand": "#009e73",
    "substitution": "#cc79a7",
    "cost": "#e69f00",
    "usual price": "#332288",
    "news": "#56b4e9",
}
SERIES = {
    "feed": "#e69f00",
    "refined": "#0072b2",
    "all": "#000000",
    "end_of_life": "#e69f00",
    "collected": "#56b4e9",
    "secondary_supply": "#009e73",
    "eol_recycling_rate": "#009e73",
    "recycled_content": "#cc79a7",
}
"""Stages and variables where several stand in one picture: feed (ore, intermediates), refined metal, all forms; recycling."""

RISK = {
    "concentration": INSIDE,
    "politics": SHOCK,
    "host": COMPONENTS["substitution"],
    "technology": COMPONENTS["cost"],
    "capacity": COMPONENTS["refining capacity"],
    "reserves": BASELINE,
    "route": COMPONENTS["usual price"],
    "stocks": COMPONENTS["news"],
    "recycling": SERIES["secondary_supply"],
}
"""Causes of supply risk."""
GRADES = {"today": SERIES["secondary_supply"], "higher_price": SERIES["collected"], "in_principle": FAINT}
"""Metal above the ground by what can be recovered."""

DECISIONS = {
    "restrict": SHOCK,
    "retaliate": "#000000",
    "tariff": "#882255",
    "lift": "#009e73",
    "side": "#cc79a7",
    "support": "#e69f00",
    "stockpile": INSIDE,
    "release": "#56b4e9",
}
"""What governments decide, by kind."""

ACCOUNT = {
    "on": "#b9c6d6",
    "in": INSIDE,
    "out": SERIES["feed"],
    "lost": SHOCK,
    "stock": OTHERS,
    "back": SERIES["secondary_supply"],
}
"""Bands of a flow account: what goes on, comes in, goes out, is lost, lies in stock, and comes back as scrap."""

# Paul Tol's "muted" colours for places; a place keeps its colour in every chart.
PLACES = ("#cc6677", "#332288", "#ddcc77", "#117733", "#88ccee", "#882255", "#44aa99", "#999933", "#aa4499")
PLACE = dict(zip(("CHN", "USA", "IDN", "COD", "JPN", "AUS", "KOR", "DEU", "IND"), PLACES, strict=True))

KEPT = {"A": "#0072b2", "B": "#007a5a", "C": "#a6467f", "D": "#332288"}
"""Worlds that a visitor keeps beside the one on screen, by letter."""
DASHES = {"A": "9 4", "B": "2.5 3.5", "C": "9 3 2 3", "D": "16 4"}
"""How their lines are dashed (drawn, left out, in px of the picture), so that no colour is needed to tell them apart."""

ROLES = {"base": BASELINE, "live": SHOCK, "inside": INSIDE}
"""Colours of the lines of a dashboard chart that have a role instead of a place or variable."""
DARK = {
    "#000000": "#f0f0f0",
    "#7a7a7a": "#a8a8a8",
    "#d55e00": "#ff8a3d",
    "#0072b2": "#5ab4e8",
    "#332288": "#9d93ff",
    "#882255": "#d977a5",
    "#117733": "#54b872",
    "#cc6677": "#e58a98",
    "#999933": "#c2c25a",
    "#aa4499": "#d57bc8",
    "#007a5a": "#2fc79b",
    "#a6467f": "#f09ac8",
    "#009e73": "#2fc79b",
    "#44aa99": "#5cc9b7",
}
"""What stands for a colour on dark paper, where it is too dark to be seen."""
