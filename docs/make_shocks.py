"""Writes docs/shocks-and-policies.md and its pictures from the registry: `python -m docs.make_shocks` (about a minute)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from docs.make_tables import markdown
from docs.small_picture import Line, draw
from lodeflow import data
from lodeflow.environment import World, build
from lodeflow.environment.shocks.card import Card
from lodeflow.environment.shocks.kinds import REGISTRY, Shock
from lodeflow.experiments.promises import QUANTITIES, Sides, beside, example, settings
from lodeflow.experiments.scenario.check import field_range

PAGE = Path(__file__).with_name("shocks-and-policies.md")
PICTURES = Path(__file__).with_name("images") / "kinds"
HEAD = """# Shocks and policies

Every kind of shock and policy: what it does, its fields with unit and range, where the idea comes from, and what it promises. A
familiar name is its kind with other values left out. The page and its pictures are written by `python -m docs.make_shocks` from the
registry; tests hold every kind to its signs, to what grows with its strength, and to the effects that it writes.
[odd.md](odd.md), section 7.13, has the equations; [extending.md](extending.md) adds a kind.

Dates, announcement (`announce`), end and extensions, `recovery_months`, `permanent` and `credibility` are the same for all:
[odd.md](odd.md), section 7.1. An `actor` and `partners` are countries, groups, or `WLD` for the world.
"""
WORDS = {1: "up", -1: "down"}
ENDINGS = (" blocked", " lost", " gained", " spared")


def page() -> str:
    """The page: shocks, then policies, each kind with the names that it has."""
    parts = [HEAD]
    for policy, title in ((False, "Shocks"), (True, "Policies")):
        own = {kind: model for kind, model in REGISTRY.items() if model.policy is policy and model.card is not None}
        rows = [
            (f"[`{kind}`](#{kind})", _first(model), f"`{model.alias_of}`" * bool(model.alias_of))
            for kind, model in own.items()
        ]
        parts += [f"## {title}\n", markdown(("kind", "what it is", "a name of"), rows) + "\n"]
        parts += [_kind(kind, model) for kind, model in own.items()]
    return "\n".join(parts)


def _first(model: type[Shock]) -> str:
    return (model.__doc__ or "").strip().splitlines()[0]


def _kind(kind: str, model: type[Shock]) -> str:
    """What the page says of one kind."""
    card = model.card
    assert card is not None
    lines = [f"### {kind}\n", f"{_first(model)}\n"]
    if model.alias_of:
        lines.append(f"`{model.alias_of}` with {_left_out(model)}.\n")
    else:
        lines += [markdown(("field", "unit", "range", "meaning"), _fields(model)) + "\n"]
    moves = "; ".join(f"{name} {WORDS[sign]}" for name, sign in card.signs.items())
    lines += [
        f"- Strength: `{card.strength}`, {card.unit}. The stronger, the more: {card.quantity}.",
        f"- It moves: {moves}.",
        f"- State it touches: {', '.join(f'`{name}`' for name in card.writes)}.",
        f"- Source: {card.source}.\n",
        f"```toml\n{_toml(kind, card)}\n```\n",
        f"![What {kind} does in a quiet world](images/kinds/{kind}.png)\n",
    ]
    return "\n".join(lines)


def _left_out(model: type[Shock]) -> str:
    """Fields that a name gives other values than its kind, as a scenario file would."""
    base = REGISTRY[model.alias_of].model_fields
    changed = {name: info.default for name, info in model.model_fields.items() if name != "kind"}
    own = {name: value for name, value in changed.items() if _differs(base[name], value, model.model_fields[name])}
    return ", ".join(f"`{name} = {_value(value)}`" for name, value in own.items()) or "metals that must be named"


def _differs(base: Any, value: Any, info: Any) -> bool:
    return not info.is_required() and info.default_factory is None and base.default != value


def _fields(model: type[Shock]) -> list[tuple[str, str, str, str]]:
    """The fields of a kind's own."""
    rows = []
    for name, info in model.model_fields.items():
        if name in Shock.model_fields:
            continue
        low, high = field_range(info)
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        span = "" if low is None or high is None else f"{low:g} to {high:g}"
        rows.append((f"`{name}`", str(extra.get("unit", "")), span, info.description or ""))
    return rows


def _toml(kind: str, card: Card) -> str:
    """The example, as it stands in a scenario file."""
    shock = example(kind)
    fields = {"kind": kind, **card.example, card.strength: getattr(shock, card.strength)}
    fields |= {"announce": shock.announce} if card.notice else {}
    fields |= {"start": shock.start, "end": shock.end}
    return "\n".join(["[[shocks]]", *(f"{name} = {_value(value)}" for name, value in fields.items())])


def _value(value: Any) -> str:
    """A value as TOML has it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        return f"[{', '.join(_value(one) for one in value)}]"
    if isinstance(value, dict) or hasattr(value, "model_dump"):
        pairs = value if isinstance(value, dict) else value.model_dump()
        return f"{{ {', '.join(f'{name} = {_value(one)}' for name, one in pairs.items())} }}"
    return str(value)


class _Lines(Sides):
    """Sides that keep the last two lines whose means were asked for."""

    def mean(self, read: Any) -> float:
        """Keep both lines."""
        vars(self)["lines"] = (read(self.shaken), read(self.calm))
        return 0.0


def picture(kind: str) -> None:
    """Draw what a kind does in the world of its example: what it promises first, with and without it."""
    card = REGISTRY[kind].card
    assert card is not None
    shock = example(kind)
    shaken = build(data.shared(), settings(kind), [shock, *beside(kind)]).run()
    calm = World(shaken.blueprint, beside(kind), shaken.expectation).run()
    sides = _Lines(shaken, calm, shock, shaken.layout.metal_index[card.metals[-1 if "heavy" in kind else 0]])
    ends = ("reserve", "price before it starts", "recycling capacity")  # have no line by month
    names = [name for name in (*card.signs, card.quantity) if name not in ends] or ["metal recovered", "world price"]
    panels = []
    for name in _different(names)[:2]:
        QUANTITIES[name](sides)
        with_it, without = vars(sides)["lines"]
        price = "price" in name or "ask" in name
        scale = 100.0 if price else 1.0
        unit = "base = 100" if price else "USD a month" if "freight" in name else "t a month"
        panels.append((_plain(name), unit, Line(scale * with_it, scale * without)))
    metal = sides.shaken.layout.metals[sides.metal]
    draw(PICTURES / f"{kind}.png", f"{kind.replace('_', ' ')}: {metal}", shaken.first_month, sides.months, panels)


def _different(names: list[str]) -> list[str]:
    """Names whose lines differ: "exports" and "exports blocked" are one line."""
    return list({_plain(name): name for name in reversed(names)}.values())[::-1]


def _plain(name: str) -> str:
    for ending in ENDINGS:
        name = name.removesuffix(ending)
    return name


def main() -> None:
    """Write the page and draw its pictures."""
    PAGE.write_text(page(), encoding="utf-8")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with np.errstate(all="ignore"):
        for kind, model in REGISTRY.items():
            if model.card is not None:
                picture(kind)
    print(f"docs/{PAGE.name} and {len(list(PICTURES.glob('*.png')))} pictures")


if __name__ == "__main__":
    main()
