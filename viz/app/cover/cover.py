"""The first page, whole in one answer: it needs neither the server behind it nor a network, so it is there at once."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.viz.language import LANGUAGES, words_of

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from lodeflow.viz.app.server.door import Application, Receive, Send

FOLDER = Path(__file__).parent
FIRST = "cover."
"""What the keys of this page's texts begin with."""


@cache
def page() -> bytes:
    """The page with its texts in every language and the stories."""
    told = (FOLDER / "stories.json").read_text(encoding="utf-8")
    metals = {one["metal"] for one in json.loads(told)["stories"]}
    texts = json.dumps({code: _texts(code, metals) for code in LANGUAGES}, ensure_ascii=False)
    html = (FOLDER / "cover.html").read_text(encoding="utf-8")
    return html.replace("{{texts}}", _safe(texts)).replace("{{stories}}", _safe(told)).encode()


def first_story() -> str:
    """Name of the scenario that the first page plays first."""
    return str(json.loads((FOLDER / "stories.json").read_text(encoding="utf-8"))["stories"][0]["name"])


def _texts(language: str, metals: set[str]) -> dict[str, str]:
    """The words of this page: its own, names of the metals, and the name of the language."""
    words = words_of(language)
    own = {key.removeprefix(FIRST): text for key, text in words.items() if key.startswith(FIRST)}
    names = {f"metal.{name}": words.get(f"metal.{name}", name) for name in metals}
    return own | names | {"name": LANGUAGES[language]}


def _safe(text: str) -> str:
    """JSON that may stand inside a script."""
    return text.replace("</", "<\\/")


class Cover:
    """Answers a call of the bare address with the first page; everything else goes on to the server.

    Args:
        app: the server.
    """

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        if not is_first(scope):
            await self.app(scope, receive, send)
            return
        body = page()
        headers = [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-cache")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def is_first(scope: MutableMapping[str, Any]) -> bool:
    """Whether a request asks for the first page: the bare address, with nothing behind a question mark."""
    asked = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
    return asked and scope["path"] == "/" and not scope.get("query_string")
