"""News and beliefs: every known shock writes its effects, and agents learn what restrictions let through."""

from __future__ import annotations

from lodeflow.environment.month.phase import phase
from lodeflow.environment.month.state import Month
from lodeflow.environment.shocks.effects import Effects, nothing
from lodeflow.environment.shocks.plugged import blaming, check_written
from lodeflow.environment.state import State


@phase(
    last={
        "world": "anchor",
        "desks": "price use",
        "in_use": "collected collection history position",
        "markets.feed": "built normal weight",
        "markets.refined": "built normal spread weight",
        "minds": "had_effect learned news",
        "miners": "planned potential reserve",
        "ore_desks": "ask",
        "recyclers": "recovered",
        "refiners": "ask bid output",
        "secondary": "ask",
    },
    writes={
        "effects": "added added_ahead bills build_kept buys cap_ahead cap_now charges collection content delay_months "
        "demand_ahead demand_now duty exposed fees floor found freight had_effect held host_kept "
        "host_kept_ahead learned levers lowered mine_limit news output_kept output_kept_ahead owned process_cost purchases "
        "purchases_ahead reach_ahead recovery recycled_kept_ahead refining_kept_ahead replaced restricts "
        "scrap_open stage_kept tax_ahead tax_now taxes",
        "minds": "had_effect learned news",
    },
)
def hear_news(world: State, month: Month) -> None:
    """Let every known shock write its effects; find out whether the month brings news. ODD 7.1, 7.13.

    ``learned = learned + learning (let through - learned)``, a share of normal flow, shape (E,) of each restriction. Without
    shocks the neutral effects of the first month stand for all.
    """
    if world.t > 0 and not world.shocks:
        return
    effects, minds = Effects(world), world.minds
    month.effects = written = effects.written
    for number, shock in sorted(enumerate(world.shocks), key=lambda one: not one[1].before_others):
        effects.shock = number
        with blaming():
            key = shock.news_key(month.number)
            if shock.known(month.number):
                shock.act(world, effects, month.number)
        if shock.source:
            check_written(written, nothing(world), shock.source)
        changed = minds.news.get(number) != key
        written.news |= changed and (number in written.had_effect or number in minds.had_effect)
        minds.news[number] = key
    minds.learned |= written.learned
    minds.had_effect |= written.had_effect
