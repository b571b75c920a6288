"""The pages for Mesa and networkx users run as they stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.docs.test_docs import ROOT, blocks

pytest.importorskip("altair", reason="Mesa's page needs the extra `mesa`")


def run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run the Python blocks of a page in order, in an empty folder; returns the names that they leave."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "page"}
    exec(compile("\n".join(blocks(ROOT / "docs" / page, "python")), f"docs/{page}", "exec"), names)
    return names


@pytest.mark.filterwarnings("ignore:.*use_state.*found despite early return:UserWarning")
def test_the_page_for_mesa_users_runs_and_opens_the_world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import ipyvuetify
    import ipywidgets
    import solara

    names = run("mesa.md", tmp_path, monkeypatch)
    assert "Miner.output is worked out anew every month" in capsys.readouterr().out
    shown = names["world"]
    _, page = solara.render(solara.AppLayout(children=[names["page"]]), handle_error=False)
    try:

        def press(label: str) -> None:
            next(b for b in page.find(ipyvuetify.Btn).widgets if label in b.children).click()

        press("Step")
        assert shown.t == 1
        assert len(page.find(ipywidgets.Image).widgets) == 2, "the map and the price"
        page.find(ipyvuetify.Slider).widgets[-1].v_model = 5
        press("Reset")
        press("Step")
        assert shown.t == 1, "a new world is shown"
    finally:
        page.close()
