"""Parts of packages that a run does not need are loaded when somebody touches them.

``import mesa`` loads its spaces and experiments, and with them scipy.spatial and networkx, which take as long as two years of nine
metals; numba asks whether scipy.linalg is there, and with it numpy.f2py. They are there all the same, under the same names: whoever
asks for something in them loads them.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from types import FrameType
from typing import Any

PARTS = ("mesa.space", "mesa.discrete_space", "mesa.experimental", "scipy.linalg")
CALLERS = 2
"""Frames that Mesa's loggers look at: their own, and that of the module or class that they are named after."""


def load_later() -> None:
    """Put modules in the place of :data:`PARTS` that load themselves at their first use; those that are loaded stay as they are."""
    for name in PARTS:
        package = PathFinder.find_spec(name.partition(".")[0])
        if package is not None and name not in sys.modules:
            _put(name, package.submodule_search_locations)


def load_mesa() -> None:
    """Load Mesa quickly: without its :data:`PARTS`, and without the source text of every caller.

    Its loggers are named after the module and class in which they are made. To learn these names they ask for all frames of the
    stack, with their lines of source, for which Python searches every file that is loaded.
    """
    load_later()
    with _nearest_callers():
        import mesa  # noqa: F401


@contextmanager
def _nearest_callers() -> Iterator[None]:
    """Let `inspect.stack` and `inspect.getouterframes` give the nearest :data:`CALLERS` frames only, without their source."""

    def nearest(frame: FrameType | None, context: int = 1) -> list[inspect.FrameInfo]:
        found: list[inspect.FrameInfo] = []
        while frame is not None and len(found) < CALLERS:
            code = frame.f_code
            found.append(inspect.FrameInfo(frame, code.co_filename, frame.f_lineno, code.co_name, None, None))
            frame = frame.f_back
        return found

    usual = inspect.getouterframes
    inspect.getouterframes = nearest
    try:
        yield
    finally:
        inspect.getouterframes = usual


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
