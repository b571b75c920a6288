"""Where plug-ins are named, apart from `plugins.py`: to know that there are none takes no registry of kinds."""

from __future__ import annotations

import os
from importlib.metadata import entry_points

GROUP = "lodeflow.plugins"
"""Entry point group of packages: every entry names a module that declares shocks or indicators."""
VARIABLE = "LODEFLOW_PLUGINS"
"""Environment variable with the files that were named."""


def any_named() -> bool:
    """Whether a file is named in the environment or an installed package offers a plug-in."""
    return bool(os.environ.get(VARIABLE) or entry_points(group=GROUP))
