"""What a measure on the desk would do: the world on screen forked, and run on with it and without it in the background."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.data import catalogue
from lodeflow.data.problems import DataError
from lodeflow.environment.records.indicators import WORLD
from lodeflow.experiments import kpis
from lodeflow.experiments.effect import Effect, Series
from lodeflow.experiments.run.hit import NO_COUNTRY, Hit, ranked
from lodeflow.viz.app import figures
from lodeflow.viz.app.beside.kept import light
from lodeflow.viz.app.server import limits
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.world.chart import Chart, Line
from lodeflow.viz.app.world.session import Session
from lodeflow.viz.app.world.track import View

if TYPE_CHECKING:
    from lodeflow.viz.app.world.player import Player
    from lodeflow.viz.app.world.session import Branch

log = logging.getLogger(__name__)
STILL = 0.5
"""Time for which a form stays as it is before it is tried, s."""
PIECE = 6
"""Months simulated between two pictures."""
_places: dict[int, threading.BoundedSemaphore] = {}
_door = threading.Lock()


@dataclass(frozen=True, eq=False)
class Preview:
    """A measure tried out.

    Attributes:
        state: ``running``, ``done`` or ``failed``.
        problems: why it cannot be tried, one line each.
        start: months simulated before it, of `first` + `months` ahead that were tried.
        first: number of the month in which the run starts.
        ahead: views of the world with the measure and without it, without their columns.
        cost: what the measure makes somebody pay by its own rules, USD by metal.
    """

    state: str = "running"
    problems: tuple[str, ...] = ()
    start: int = 0
    first: int = 0
    ahead: tuple[View, View] | None = None
    cost: dict[str, float] | None = None


def _room() -> threading.BoundedSemaphore:
    """The places for previews on this server, as many as its limits say."""
    with _door:
        most = limits.current().previews
        return _places.setdefault(most, threading.BoundedSemaphore(most))


class Trial:
    """Tries a measure a little later, and tells more and more of it.

    Nothing here waits in the thread of the caller, and the world on screen is touched only by its own player, which forks it.

    Args:
        player: whose world is forked.
        raw: fields of the measure, as under ``[[shocks]]`` in a scenario file; without ``start``: from now on.
        publish: called, in threads of its own, with every new :class:`Preview`; not after :meth:`cancel`.
        still: s to wait before it begins.
    """

    def __init__(
        self, player: Player, raw: dict[str, Any], publish: Callable[[Preview], None], still: float = STILL
    ) -> None:
        self._player, self._raw, self._publish, self._still = player, raw, publish, still
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lodeflow-preview", daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """End it after the month being simulated."""
        self._ended.set()

    def join(self, timeout: float) -> bool:
        """Wait until it has ended; whether it has."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _tell(self, preview: Preview) -> None:
        if not self._ended.is_set():
            self._publish(preview)

    def _run(self) -> None:
        if self._ended.wait(self._still):
            return
        try:
            branch = self._branch()
            if branch is not None:
                with _room():
                    self._follow(branch)
        except DataError as error:
            self._tell(Preview("failed", tuple(f"{one.column}: {one.wrong}".strip(" :") for one in error.problems)))
        except (ArithmeticError, ValueError):
            log.info("a preview could not be made", exc_info=True)
            self._tell(Preview("failed"))

    def _branch(self) -> Branch | None:
        """The fork that the player makes between two months; None when it is no longer wanted."""
        held: list[Branch | BaseException] = []
        ready = threading.Event()

        def wish(session: Session) -> None:
            try:
                held.append(session.branch(self._raw))
            except (DataError, ValueError, ArithmeticError) as error:
                held.append(error)
            finally:
                ready.set()

        self._player.ask(wish)
        while not ready.wait(0.2):
            if self._ended.is_set() or self._player.status.closed:
                return None
        if isinstance(held[0], BaseException):
            raise held[0]
        return held[0]

    def _follow(self, branch: Branch) -> None:
        until = min(branch.start + limits.current().preview_months, branch.scenario.world.months)
        for t in range(branch.start, until + 1):
            if self._ended.is_set():
                return
            for track in branch.tracks:
                track.step_to(t)
            if t == until or (t > branch.start and (t - branch.start) % PIECE == 0):
                views = light(branch.tracks[0].view(t)), light(branch.tracks[1].view(t))
                cost = branch.tracks[0].world.recorder.paid(len(branch.scenario.shocks) - 1)[1]
                self._tell(Preview("done" if t == until else "running", (), branch.start, branch.first, views, cost))


# ---- what is shown ----------------------------------------------------------------------------------------------------
def effect_of(preview: Preview, metal: str) -> Effect | None:
    """The metal with the measure and without it, from the first month that was tried; None before anything is known."""
    if preview.ahead is None or metal not in preview.ahead[0].world.layout.metals:
        return None
    tried, calm = (_series(view, metal) for view in preview.ahead)
    price = ("price", metal, WORLD)
    outside = ("price_outside", metal, WORLD)
    key = outside if outside in tried else price
    reference = calm.get(key, calm[price])
    return Effect(metal, tried, calm, tried[key], reference, preview.start)


def _series(view: View, metal: str) -> Series:
    return {
        (catalogue.named(key.variable, key.form), metal, key.region): values[: view.t]
        for key, values in view.series.items()
        if key.metal == metal
    }


def hit(preview: Preview, effect: Effect) -> list[Hit]:
    """Countries that lose the largest share of their own use by the measure, the hardest hit first."""
    sums = [
        {
            region: float(values[preview.start :].sum())
            for (name, _, region), values in series.items()
            if name == "use" and region not in NO_COUNTRY
        }
        for series in (effect.shock, effect.baseline)
    ]
    return ranked(sums[0], sums[1])


def extra_paid(effect: Effect) -> float:
    """What all buyers pay more for what they use with the measure than at the prices without it, USD."""
    dearer = effect.path(effect.shock, "price") - effect.path(effect.baseline, "price")
    return float((dearer * effect.path(effect.shock, "use")).sum())


def rows(preview: Preview, metal: str, texts: Texts) -> list[tuple[str, str]]:
    """Cost and effect in words: (name, value), costs first."""
    effect = effect_of(preview, metal)
    if effect is None:
        return []
    peak = kpis.price_peak(effect)
    lows = kpis.price_low(effect)
    far = peak if peak - 1.0 >= 1.0 - lows else lows
    first = next(iter(hit(preview, effect)), Hit("", 0.0, 0.0))
    name = texts.region(first.name) if first.name else ""
    bill = (preview.cost or {}).get(metal, 0.0)
    return [
        (texts("preview.extra"), figures.money(extra_paid(effect), texts, sign=True)),
        *([(texts("preview.bill"), figures.money(bill, texts))] if bill else []),
        (texts("preview.price"), f"{figures.ratio(far)} ×"),
        (texts("preview.lost"), figures.tonnes(kpis.use_lost_t(effect), texts, sign=True)),
        (
            texts("preview.short"),
            figures.tonnes(effect.beyond("shortage", effect.total(effect.baseline, "demand")), texts, sign=True),
        ),
        (texts("preview.recycled"), figures.tonnes(effect.beyond("secondary_supply"), texts, sign=True)),
        (texts("preview.hit"), figures.loss(name, first.share, first.tonnes, texts)),
    ]


def chart(preview: Preview, metal: str, texts: Texts) -> Chart | None:
    """Price with the measure and without it, from a year before it; 1 is the price without it in the month before."""
    effect = effect_of(preview, metal)
    if effect is None:
        return None
    one = float(effect.reference[max(preview.start - 1, 0)])
    lines = [
        Line(texts("preview.without"), "base", np.asarray(effect.reference) / one, dashed=True),
        Line(texts("preview.with"), "live", np.asarray(effect.price) / one),
    ]
    return Chart("preview-price", texts("preview.chart"), "index", lines)
