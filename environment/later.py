"""Parts of Mesa that a run does not need are loaded when somebody touches them.

``import mesa`` loads its spaces and experiments, and with them scipy.spatial and networkx, which take as long as two years of nine
metals. They are there all the same, under the same names: whoever asks for something in them loads them.
"""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from typing import Any

PARTS = ("mesa.space", "mesa.discrete_space", "mesa.experimental")


def load_later() -> None:
    """Put modules in the place of :data:`PARTS` that load themselves at their first use; once Mesa is loaded, do nothing."""
    if "mesa" in sys.modules:
        return
    package = PathFinder.find_spec("mesa")
    if package is None:
        return
    for name in PARTS:
        _put(name, package.submodule_search_locations)


def _put(name: str, path: Any) -> None:
    """Stand for one module until something is asked of it."""
    spec = PathFinder.find_spec(name, path)
    if spec is None or spec.loader is None:
        return
    module, loader = module_from_spec(spec), spec.loader

    def load(attribute: str) -> Any:
        vars(module).pop("__getattr__", None)
        loader.exec_module(module)
        return getattr(module, attribute)

    vars(module)["__getattr__"] = load
    sys.modules[name] = module
