"""Plays a visitor's world in a thread of its own: one queue of wishes, one frame at a time, never faster than it is drawn."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from lodeflow.data.problems import DataError
from lodeflow.environment.shocks.plugged import PluginError
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.session import Session

SPEEDS = (1, 2, 6, 12, 24)
"""Months per second that a visitor can choose."""
FRAME_SECONDS = 1 / 6
"""Least time between two frames, s."""
PATIENCE = 3.0
"""How long to wait for the browser to draw a frame before going on without its word, s."""

log = logging.getLogger(__name__)
Wish = Callable[[Session], object]


@dataclass(frozen=True)
class Status:
    """What the page knows of its player. It never changes; a new one is published instead.

    Attributes:
        frame: the last frame; None until the world stands.
        playing: whether months go by.
        busy: whether something longer than a month is being done.
        speed: months per second.
        problems: what was wrong with the last wish, one line each.
        failure: "" or the key of the text that says why the run cannot go on.
        closed: whether the player has ended.
    """

    frame: Frame | None = None
    playing: bool = False
    busy: bool = True
    speed: int = SPEEDS[2]
    problems: tuple[str, ...] = ()
    failure: str = ""
    closed: bool = False


class Player:
    """Owns a session and the only thread that touches it.

    Args:
        make: builds the session, in the thread.
        publish: called in the thread with every new status.
    """

    def __init__(self, make: Callable[[], Session], publish: Callable[[Status], None]) -> None:
        self._make, self._publish = make, publish
        self._wishes: queue.SimpleQueue[Wish | None] = queue.SimpleQueue()
        self._drawn, self._shown_at, self._last_step = 0, 0.0, 0.0
        self.status = Status()
        self._thread = threading.Thread(target=self._run, name="lodeflow-player", daemon=True)
        self._thread.start()

    # ---- wishes: may be called from any thread ----------------------------------------------------------------------
    def ask(self, wish: Wish) -> None:
        """Do something with the session as soon as the month being simulated is over."""
        self._wishes.put(wish)

    def play(self) -> None:
        """Let months go by."""
        self.ask(lambda _: self._set(playing=True, problems=()))

    def pause(self) -> None:
        """Stop after the month being simulated."""
        self.ask(lambda _: self._set(playing=False))

    def step(self) -> None:
        """Pause and simulate one month."""
        self.ask(_paused(self, lambda session: session.step()))

    def change(self, wish: Wish, pause: bool = False) -> None:
        """Change the run (fire, undo, rewind, load); what is wrong with it is published.

        Args:
            wish: what to do.
            pause: whether to stop playing as well.
        """
        self.ask(_paused(self, wish) if pause else _changed(self, wish))

    def set_speed(self, months_per_second: int) -> None:
        """Choose how fast months go by."""
        self.ask(lambda _: self._set(speed=months_per_second))

    def clear_problems(self) -> None:
        """Forget what was wrong with the last wish."""
        self.ask(lambda _: self._set(problems=()))

    def drawn(self, number: int) -> None:
        """The browser has drawn a frame; only now the next month may come."""
        self.ask(lambda _: self._set_drawn(number))

    def close(self) -> None:
        """End the thread and let the session go."""
        self._wishes.put(None)

    def join(self, timeout: float) -> bool:
        """Wait until the thread has ended; whether it has."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    # ---- the thread -------------------------------------------------------------------------------------------------
    def _run(self) -> None:
        try:
            session = self._make()
            self._show(session, busy=False)
        except Exception:
            log.exception("a world could not be built")
            self._set(failure="failure.build", busy=False)
            return
        while True:
            try:
                wish = self._wishes.get(timeout=self._wait())
            except queue.Empty:
                self._attempt(session, lambda s: s.step(self._months_per_frame()))
                continue
            if wish is None:
                self.status = replace(self.status, playing=False, closed=True, frame=None)
                return
            try:
                wish(session)
            except Exception:
                log.exception("a wish failed")
                self._set(failure="failure.unexpected", playing=False, busy=False)

    def _wait(self) -> float | None:
        """Seconds until the next month is due; None while nothing is to be done without a wish."""
        status = self.status
        if not status.playing or status.frame is None or status.frame.over:
            return None
        now = time.monotonic()
        if self._drawn < status.frame.number and now < self._shown_at + PATIENCE:
            return self._shown_at + PATIENCE - now
        return max(self._last_step + self._months_per_frame() / status.speed - now, 0.0)

    def _months_per_frame(self) -> int:
        return max(round(self.status.speed * FRAME_SECONDS), 1)

    def _attempt(self, session: Session, wish: Wish, **state: bool) -> None:
        """Do something that gives a new frame; keep what was wrong with it."""
        began = time.monotonic()
        problems: tuple[str, ...] = ()
        failure = ""
        try:
            wish(session)
        except DataError as error:
            problems = tuple(_line(problem.column, problem.wrong, problem.right) for problem in error.problems)
            if isinstance(error, PluginError):
                state["playing"] = False
                problems = tuple(
                    f"{Path(problem.file).name}, {problem.row}: {problem.wrong}" for problem in error.problems
                )
        except ArithmeticError:
            log.warning("a run left the range of the model", exc_info=True)
            failure = "failure.numbers"
        self._last_step = max(began, self._last_step)
        if failure:
            state["playing"] = False
        self._show(session, busy=False, problems=problems, failure=failure, **state)

    def _show(self, session: Session, **state: object) -> None:
        frame = session.frame()
        self._shown_at = time.monotonic()
        playing = self.status.playing and not frame.over
        self._set(**{"frame": frame, "playing": playing, **state})

    def _set(self, **state: object) -> None:
        self.status = replace(self.status, **state)  # type: ignore[arg-type]
        self._publish(self.status)

    def _set_drawn(self, number: int) -> None:
        self._drawn = max(self._drawn, number)


def _changed(player: Player, wish: Wish) -> Wish:
    def do(session: Session) -> None:
        player._set(busy=True, problems=(), failure="")
        player._attempt(session, wish)

    return do


def _paused(player: Player, wish: Wish) -> Wish:
    def do(session: Session) -> None:
        player._set(busy=True, playing=False, problems=(), failure="")
        player._attempt(session, wish, playing=False)

    return do


def _line(column: str, wrong: str, right: str) -> str:
    """One problem as one line."""
    hint = right if right[-1:] in ("", "?", ".") else f"{right}."
    return f"{column}: {wrong}. {hint}".strip(" :") if column else f"{wrong}. {hint}".strip()
