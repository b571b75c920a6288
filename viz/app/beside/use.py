"""What stands beside the world on screen, given to every chart and table of the page."""

from __future__ import annotations

from lodeflow.data import Tables
from lodeflow.viz.app.beside.band_view import band_context, use_band
from lodeflow.viz.app.beside.shelf import Shelf, shelf_context, use_shelf
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.player import Player


def use_beside(player: Player, frame: Frame, metal: str, tables: Tables) -> Shelf:
    """The kept worlds of a page, and its quick runs (a hook of the component that all charts stand in)."""
    shelf = use_shelf(player, tables)
    shelf_context.provide(shelf)
    band_context.provide(use_band(player, frame, metal))
    return shelf
