"""How the run on screen is cited, and the code that shows it in a page of somebody else."""

from __future__ import annotations

import solara

from lodeflow.viz.app.server import limits
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.widgets import Plain, Share
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.stamp import bibtex, citation

FRAME = '<iframe src="{address}" title="Lodeflow" width="100%" height="900" style="border:0"></iframe>'
"""Code of a frame; the browser puts the address in."""


@solara.component
def Cite(frame: Frame, texts: Texts) -> None:
    """Citation as text and as BibTeX, and the code of a frame where the server lets other pages show it."""
    with solara.Div(classes=["lf-panel", "lf-cite"]):
        Plain(texts("stamp.title"), tag="h2")
        Plain(texts("stamp.help"), "lf-help")
        parts = {"text": citation(frame, texts), "bibtex": bibtex(frame, texts)}
        if limits.current().frames:
            parts["embed"] = FRAME
        for name, content in parts.items():
            Share(label=texts(f"stamp.{name}"), copy=texts("stamp.copy"), copied=texts("stamp.copied"), content=content)
        if "embed" not in parts:
            Plain(texts("stamp.embed_off"), "lf-help")
