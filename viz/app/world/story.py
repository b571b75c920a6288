"""What a frame says in words and in four numbers: how dear, how short, how long stocks last, who is hit."""

from __future__ import annotations

from dataclasses import dataclass

from lodeflow.viz import words
from lodeflow.viz.app.texts import REST, Texts
from lodeflow.viz.app.world.network import FELT
from lodeflow.viz.app.world.session import Frame


@dataclass(frozen=True)
class Tile:
    """One number with its name and what it would be without the shocks.

    Attributes:
        id: name for tests.
        name, value, note: as shown.
        state: ``same``, ``more`` (better) or ``less`` (worse).
    """

    id: str
    name: str
    value: str
    note: str
    state: str = "same"


def _last(frame: Frame, run: str, variable: str, metal: str, form: str) -> float:
    values = getattr(frame, run).line(variable, metal, form)
    return float(values[-1]) if values is not None and len(values) else float("nan")


def price_now(frame: Frame, metal: str) -> tuple[float, float]:
    """Price of the refined metal in the last month, USD/t: with the shocks (outside a restricting country), and without."""
    outside = _last(frame, "live", "price_outside", metal, "refined")
    live = outside if outside == outside else _last(frame, "live", "price", metal, "refined")
    return live, _last(frame, "base", "price", metal, "refined")


def hardest_hit(frame: Frame, metal: str) -> tuple[str, float]:
    """Country whose use fell most since the start against the world without the shocks, and by how much in all, t."""
    live, base = (view.regions("use", metal, "refined") for view in (frame.live, frame.base))
    lost = {code: float((base[code] - live[code]).sum()) for code in live if code in base and code != REST}
    code = max(lost, key=lost.__getitem__, default="")
    return (code, lost[code]) if code and lost[code] > 0 else ("", 0.0)


def tiles(frame: Frame, metal: str, texts: Texts) -> list[Tile]:
    """The four numbers of the last month."""
    if frame.t == 0:
        return []
    return [
        _price(frame, metal, texts),
        _shortage(frame, metal, texts),
        _cover(frame, metal, texts),
        _hit(frame, metal, texts),
    ]


def _price(frame: Frame, metal: str, texts: Texts) -> Tile:
    live, base = price_now(frame, metal)
    ratio = live / base
    note = texts("tile.price_note", ratio=f"{ratio:.2f}") if frame.fired else texts("tile.calm")
    state = "less" if ratio > 1 + FELT else "more" if ratio < 1 - FELT else "same"
    return Tile("price", texts("tile.price"), words.usd(live), note, state)


def _shortage(frame: Frame, metal: str, texts: Texts) -> Tile:
    short, wanted = (_last(frame, "live", name, metal, "refined") for name in ("shortage", "demand"))
    share = short / wanted if wanted > 0 else 0.0
    note = texts("tile.shortage_note", share=words.percent(share))
    return Tile("shortage", texts("tile.shortage"), words.tonnes(short), note, "less" if share > 0.005 else "same")


def _cover(frame: Frame, metal: str, texts: Texts) -> Tile:
    live, base = (_last(frame, run, "stock_cover", metal, "refined") for run in ("live", "base"))
    note = texts("tile.cover_note", months=f"{base:.1f}")
    state = "less" if live < base * (1 - FELT) else "more" if live > base * (1 + FELT) else "same"
    return Tile("cover", texts("tile.cover"), texts("tile.cover_value", months=f"{live:.1f}"), note, state)


def _hit(frame: Frame, metal: str, texts: Texts) -> Tile:
    code, lost = hardest_hit(frame, metal)
    total = frame.base.line("use", metal, "refined")
    if not code or total is None or lost < 0.0005 * float(total.sum()):
        return Tile("hit", texts("tile.hit"), texts("tile.nobody"), texts("tile.hit_calm"))
    return Tile("hit", texts("tile.hit"), texts.region(code), texts("tile.hit_note", tonnes=words.tonnes(lost)), "less")


def sentence(frame: Frame, metal: str, texts: Texts) -> str:
    """One line on what is going on."""
    if frame.t == 0:
        return texts("story.start")
    active = [fired for fired in frame.fired if fired.state in ("known", "active")]
    if not frame.fired:
        return texts("story.calm", metal=texts.metal(metal))
    live, base = price_now(frame, metal)
    what = "; ".join(texts.event(fired.event) for fired in active[:2]) or texts("story.over")
    key = "story.dear" if live > base * (1 + FELT) else "story.cheap" if live < base * (1 - FELT) else "story.same"
    return texts(key, what=what, metal=texts.metal_within(metal), price=words.usd(live), times=f"{live / base:.2f}")
