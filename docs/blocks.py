"""Generated blocks of a page: what stands between `<!-- begin NAME -->` and `<!-- end NAME -->` is written by a program."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping


def rewritten(text: str, blocks: Mapping[str, Callable[[], str]]) -> str:
    """Return a text with every block written anew. Raises ValueError if one does not stand in it exactly once."""
    for name, make in blocks.items():
        pattern = re.compile(rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
        if len(pattern.findall(text)) != 1:
            raise ValueError(f"the block {name!r} must stand in the text exactly once")
        block = make()
        text = pattern.sub(lambda found, block=block: f"{found[1]}{block}\n{found[2]}", text)  # type: ignore[misc]
    return text
