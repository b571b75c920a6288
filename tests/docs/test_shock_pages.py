"""The pages of kinds and of scenarios are as the program writes them, and their pictures are there."""

from __future__ import annotations

from docs import make_gallery, make_shocks
from lodeflow.environment.shocks.kinds import REGISTRY
from lodeflow.experiments.scenario.model import shipped

LEAST_NAMES = 25


def test_the_page_of_kinds_is_current() -> None:
    assert make_shocks.PAGE.read_text(encoding="utf-8") == make_shocks.page(), "run `python -m docs.make_shocks`"


def test_the_gallery_is_current() -> None:
    assert make_gallery.PAGE.read_text(encoding="utf-8") == make_gallery.page(), "run `python -m docs.make_gallery`"


def test_every_kind_and_every_scenario_has_a_picture() -> None:
    kinds = {kind for kind, model in REGISTRY.items() if model.card is not None}
    assert kinds <= {path.stem for path in make_shocks.PICTURES.glob("*.png")}
    assert set(shipped()) <= {path.stem for path in make_gallery.PICTURES.glob("*.png")}


def test_the_registry_names_what_analysts_ask_for() -> None:
    assert sum(not model.policy for model in REGISTRY.values()) >= LEAST_NAMES
