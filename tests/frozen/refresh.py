"""Run the frozen worlds anew and keep their results: ``python -m tests.frozen.refresh``, after a change that is meant."""

from __future__ import annotations

import sys

from lodeflow import data
from tests.frozen.worlds import NAMES, RESULTS, arithmetic, differences, read, results, start, write


def main() -> int:
    """Refresh every world; say what changed."""
    tables = data.load()
    for name in NAMES:
        now = results(start(name, tables).run())
        known = (RESULTS / f"{name}.digests.csv").exists()
        changed = differences(read(name), now, exact=True) if known else ["new"]
        write(name, now)
        print(f"{name}: {'as before' if not changed else f'{len(changed)} channels changed'}")
        print("".join(f"    {line}\n" for line in changed[:12]), end="")
    (RESULTS / "arithmetic.txt").write_text(f"{arithmetic()}\n", encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main())
