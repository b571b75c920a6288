"""The pages for Mesa and networkx users run as they stand."""

from __future__ import annotations

import re
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


def test_the_page_for_networkx_users_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = run("networkx.md", tmp_path, monkeypatch)
    assert "Frozen graph can't be modified" in capsys.readouterr().out
    assert len(names["desks"]) > 50
    page = (ROOT / "docs" / "networkx.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z ]+)` \| `([^`]+)`", page, re.MULTILINE)
    assert {name: names["G"].nodes[name]["kind"] for _, name in rows} == {name: kind for kind, name in rows}
    assert {kind for kind, _ in rows} == set(names["kind"].values()), "every kind of node stands in the table"
