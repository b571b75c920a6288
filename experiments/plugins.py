"""Plug-ins: a user's own shocks, policies and indicators, from a Python file or from an installed package.

A file is named by `--plugin FILE`, by :func:`use`, or in the environment variable ``LODEFLOW_PLUGINS`` (several with the
separator of paths), which every process that the program starts takes over. A package names its module in the entry point group
``lodeflow.plugins``. Both are looked for when a name of a kind is first needed, not before. What is loaded is loaded whole or not
at all: after a fault the registry is as it was.
"""

from __future__ import annotations

import hashlib
import inspect
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from lodeflow.data.problems import Problem
from lodeflow.environment.shocks import plugged
from lodeflow.environment.shocks.kinds import REGISTRY, Shock
from lodeflow.environment.shocks.plugged import PluginError
from lodeflow.experiments.kpis import KPIS, Kpi
from lodeflow.experiments.plugin_names import GROUP, VARIABLE

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

KIND = re.compile(r"[a-z][a-z0-9_]*")
"""What the name of a kind looks like."""


@dataclass(frozen=True)
class Plugin:
    """A plug-in that is loaded.

    file: where it stands; sha256: of its text; kinds: kinds of shocks and policies that it adds; kpis: indicators that it adds;
    package: whether an installed package offers it.
    """

    file: Path
    sha256: str
    kinds: tuple[str, ...]
    kpis: tuple[str, ...]
    package: bool = False


@dataclass(frozen=True)
class Added:
    """What a module declares: classes of shocks and policies, and indicators."""

    classes: list[type[Shock]]
    kpis: list[Kpi]


_loaded: dict[str, Plugin] = {}
"""Plug-ins by the sha256 of their text: a copy of a file is the same plug-in."""
_seen: list[str] = []
"""Values of the environment variable that were read; one entry once entry points were looked for, too."""


def kinds() -> dict[str, type[Shock]]:
    """Return the registry of kinds with those of all plug-ins; their indicators are loaded with them.

    Raises:
        PluginError: when a plug-in that was named or is installed has a fault.
    """
    named = os.environ.get(VARIABLE, "")
    if not _seen:
        _use_packages()
    if named not in _seen[-1:]:
        use(Path(part) for part in named.split(os.pathsep) if part)
        _seen.append(named)
    return REGISTRY


def loaded() -> list[Plugin]:
    """Return the plug-ins that are loaded, by file."""
    return sorted(_loaded.values(), key=lambda plugin: str(plugin.file))


def fingerprints() -> dict[str, str]:
    """Return the sha256 of every plug-in that is loaded, by the name of its file."""
    return {plugin.file.name: plugin.sha256 for plugin in loaded()}


def name(files: Iterable[str | Path]) -> None:
    """Name files for this process and those that it starts; they are loaded when a kind is first needed."""
    before = [part for part in os.environ.get(VARIABLE, "").split(os.pathsep) if part]
    new = [str(Path(file).expanduser().absolute()) for file in files]
    os.environ[VARIABLE] = os.pathsep.join(dict.fromkeys([*before, *new]))


def use(files: Iterable[str | Path], alone: bool = False) -> list[Plugin]:
    """Load plug-in files and return what they add; one that is loaded already is not loaded again.

    files: Python files; alone: whether those named in the environment are left out from now on, as in a worker that has its
    own copies. Raises PluginError with the file, and the line where there is one, of everything that is wrong.
    """
    if alone:
        _seen[:] = [*_seen, os.environ.get(VARIABLE, "")]
    problems: list[Problem] = []
    found = []
    for file in files:
        try:
            found.append(_use_file(Path(file).expanduser().absolute()))
        except PluginError as error:
            problems += error.problems
    if problems:
        raise PluginError(problems)
    return found


def at_home(error: PluginError) -> PluginError:
    """Return what a worker said of its copy of a file as said of the file itself."""
    files = {plugin.file.name: str(plugin.file) for plugin in loaded()}
    return PluginError(
        replace(problem, file=files.get(Path(problem.file).name, problem.file)) for problem in error.problems
    )


def forget() -> None:
    """Take all plug-ins out of the registry again; they may be loaded anew."""
    for plugin in _loaded.values():
        _remove(plugin)
    _loaded.clear()
    _seen.clear()
    plugged.FILES.clear()


def _remove(plugin: Plugin) -> None:
    """Take out of the registries what a plug-in added."""
    for registry, names in ((REGISTRY, plugin.kinds), (KPIS, plugin.kpis)):
        for name in names:
            registry.pop(name, None)


# ---- inside ---------------------------------------------------------------------------------------------------------
def _use_file(path: Path) -> Plugin:
    try:
        text = path.read_bytes()
    except OSError as error:
        right = "Name a Python file with a shock, a policy or an indicator"
        raise PluginError([Problem(str(path), None, "", f"cannot be read ({error.strerror})", right)]) from None
    digest = hashlib.sha256(text).hexdigest()
    if digest in _loaded:
        return _loaded[digest]
    for old in [key for key, plugin in _loaded.items() if plugin.file == path]:  # it was changed since
        _remove(_loaded.pop(old))
    if path.name in fingerprints():
        right = "Rename one of the two: batches keep them side by side"
        raise PluginError([Problem(str(path), None, "", f"there is a plug-in {path.name} already", right)])
    module = ModuleType(f"lodeflow_plugin_{re.sub(r'[^A-Za-z0-9_]', '_', path.stem)}_{digest[:8]}")
    module.__file__ = str(path)
    with _whole(str(path), module.__name__) as new:
        sys.modules[module.__name__] = module  # annotations of its classes are looked up there
        exec(compile(text, str(path), "exec"), vars(module))
        _check(str(path), new())
    return _note(path, digest, new())


def _use_packages() -> None:
    """Load what installed packages offer; reading their entry points takes some milliseconds and imports nothing."""
    from importlib.metadata import entry_points

    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.value):
        _use_package(entry)


def _use_package(entry: EntryPoint) -> None:
    import importlib

    known = set(sys.modules)
    name = entry.dist.name if entry.dist is not None else entry.name
    where = f"{name} ({entry.value})"
    with _whole(where, entry.module) as new:
        module = importlib.import_module(entry.module)
        if entry.module not in known:
            _check(str(module.__file__), new())
    file = Path(str(module.__file__))
    _note(file, hashlib.sha256(file.read_bytes()).hexdigest(), _in_module(entry.module), package=True)


def _in_module(module: str) -> Added:
    """What stands in a module or below it, also where it was imported before."""

    def within(place: str) -> bool:
        return place == module or place.startswith(f"{module}.")

    kpis = [one for one in KPIS.values() if within(one.compute.__module__)]
    return Added([cls for cls in REGISTRY.values() if within(cls.__module__)], kpis)


@contextmanager
def _whole(where: str, module: str) -> Iterator[Callable[[], Added]]:
    """Yield what says what is new; after a fault the registries and the modules are as they were."""
    kinds, kpis, blame = dict(REGISTRY), dict(KPIS), {*plugged.FILES, where}

    def new() -> Added:
        classes = [cls for kind, cls in REGISTRY.items() if kinds.get(kind) is not cls]
        return Added(classes, [one for name, one in KPIS.items() if kpis.get(name) is not one])

    try:
        yield new
        taken = [kind for kind, cls in kinds.items() if REGISTRY.get(kind) is not cls]
        if taken:
            right = "Give it a name of its own"
            problems = [Problem(where, None, "", f"there is a kind {kind!r} already", right) for kind in taken]
            raise PluginError(problems)
    except (Exception, SystemExit) as error:
        REGISTRY.clear()
        REGISTRY.update(kinds)
        KPIS.clear()
        KPIS.update(kpis)
        sys.modules.pop(module, None)
        if isinstance(error, PluginError):
            raise
        raise PluginError([_fault(error, where, blame)]) from error


def _fault(error: BaseException, where: str, files: set[str]) -> Problem:
    """What went wrong while a plug-in was loaded: at its line, or at that of the module that it imports."""
    if isinstance(error, SyntaxError):
        wrong = f"is no Python ({error.msg})"
        return Problem(error.filename or where, f"line {error.lineno}", "", wrong, "Mend the plug-in")
    known = plugged.blamed(error, files)
    if known is not None:
        return known
    frame = traceback.extract_tb(error.__traceback__)[-1]
    text = f"{type(error).__name__}: {' '.join(str(error).split())}"
    return Problem(where, None, "", f"{text} ({frame.filename}, line {frame.lineno})", "Mend or uninstall the plug-in")


def _check(file: str, added: Added) -> None:
    """Refuse classes that could not be run or shown."""
    problems = []
    if not added.classes and not added.kpis:
        right = "Give a class that derives from Shock and has a kind, or a function under kpi: see docs/extending.md"
        problems.append(Problem(file, None, "", "declares no shock, no policy and no indicator", right))
    for cls in added.classes:
        kind = str(cls.model_fields["kind"].default)
        place = f"class {cls.__name__}"
        if not KIND.fullmatch(kind):
            problems.append(Problem(file, place, "", f"{kind!r} is no name for a kind", "Use a to z, 0 to 9 and _"))
        if cls.act is Shock.act:
            right = "Give it act(self, world, effects, month)"
            problems.append(Problem(file, place, "", "does not say what it does", right))
        if not (cls.__doc__ or "").strip():
            problems.append(Problem(file, place, "", "has no docstring", "Say in one line what it does"))
        try:
            cls.model_rebuild(force=True)  # else a wrong field would be found at first use
        except Exception as error:
            line = f"line {inspect.getsourcelines(cls)[1]}"
            wrong = f"{type(error).__name__}: {' '.join(str(error).split())}"
            problems.append(Problem(file, line, "", wrong, "Mend the plug-in"))
    if problems:
        raise PluginError(problems)


def _note(file: Path, digest: str, added: Added, package: bool = False) -> Plugin:
    """Remember a plug-in, and in its classes where they come from."""
    for cls in added.classes:
        cls.source = getattr(sys.modules.get(cls.__module__), "__file__", None) or str(file)
    plugged.FILES.update([str(file), *(cls.source for cls in added.classes)])
    plugged.FILES.update(one.file for one in added.kpis)
    kinds = tuple(str(cls.model_fields["kind"].default) for cls in added.classes)
    plugin = Plugin(file, digest, kinds, tuple(one.name for one in added.kpis), package)
    _loaded[digest] = plugin
    return plugin
