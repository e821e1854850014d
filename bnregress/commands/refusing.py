"""Refuses what is plainly wrong before a command's own modules are imported, which takes longer than all this."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from bnregress.commands.configuration.option import Arguments
from bnregress.commands.refusing_places import is_place, refuse_builds, refuse_places
from bnregress.errors import UsageError
from bnregress.planning.finetune import wanted
from bnregress.suite.registry import PROPERTIES

#: Commands that take names of paths, all but bisect several and as selectors.
NAMING = ("plan", "run", "gate", "bisect")


def refuse(command: str, arguments: Arguments) -> None:
    """Refuse names that are none, and files that are not there; the commands look again, for others call them too.

    Args:
        command: its name.
        arguments: what it was given.

    Raises:
        UsageError: a selector fits nothing, a file or interpreter is not there, or a module is not.
        NothingToDoError: no cell fits all selectors.
    """
    refuse_places(command, arguments)
    # A plan may be made where the module is not.
    if command != "plan" and (target := getattr(arguments, "model", None)):
        from bnregress.checking.target import require_module  # noqa: PLC0415

        require_module(target)
    if (known := getattr(arguments, "known", None)) is not None:
        with_numpy_later("bnregress.suite.checks")
        importlib.import_module("bnregress.judging.known.entries").load_known(known)
    if getattr(arguments, "suite", None) == PROPERTIES and (given := getattr(arguments, "finetune", None)) is not None:
        wanted(PROPERTIES, given)
    # An environment that a person brings is no release of the catalog.
    if command in NAMING and not getattr(arguments, "environment", None) and not getattr(arguments, "results", None):
        _refuse_names(arguments)
    refuse_builds(arguments)
    if command == "explain":
        with_numpy_later("bnregress.suite.checks")
        importlib.import_module("bnregress.commands.explained").explained(getattr(arguments, "name", ""))


def _refuse_names(arguments: Arguments) -> None:
    with_numpy_later("bnregress.suite.paths")
    from bnregress.cells.selector import choose  # noqa: PLC0415
    from bnregress.planning.selection import select_cells  # noqa: PLC0415
    from bnregress.releases.catalog import load_catalog  # noqa: PLC0415
    from bnregress.suite.paths import PATHS  # noqa: PLC0415

    catalog = load_catalog()
    _refuse_sides(arguments, catalog)
    paths = getattr(arguments, "path", ())
    if isinstance(paths, str):
        if paths not in PATHS:
            choose([paths], PATHS, "path")
        if (check := getattr(arguments, "check", None)) is not None:
            with_numpy_later("bnregress.suite.checks")
            from bnregress.suite.registry import checks_of  # noqa: PLC0415

            choose([check], checks_of(getattr(arguments, "suite", "")), "check")
        return
    # Looking through the ids of all cells takes a second.
    choose([cell.partition("/")[0] for cell in getattr(arguments, "select", ()) if "/" in cell], catalog, "release")
    groups = {id: path.group for id, path in PATHS.items()}
    chosen = getattr(arguments, "select", ()) or ("group:default",)
    select_cells(chosen, paths, getattr(arguments, "variant", ()), catalog, groups, getattr(arguments, "suite", ""))


def _refuse_sides(arguments: Arguments, catalog: Mapping[str, Any]) -> None:
    """Refuse ends that are no releases; what is made when it is asked for, and commits, their command looks up."""
    from bnregress.cells.selector import choose  # noqa: PLC0415

    if getattr(arguments, "repository", None) is not None:
        return
    first, last = getattr(arguments, "first", None), getattr(arguments, "last", None)
    if first is not None and first == last:
        raise UsageError(f"--from and --to are both {first}. Give two releases.")
    for attribute in ("before", "after", "first", "last"):
        side = getattr(arguments, attribute, None)
        if side is not None and not is_place(side) and not any(mark in side for mark in "-@+"):
            choose([side], catalog, "release")


def with_numpy_later(name: str) -> None:
    """Import a module, the `numpy` of which is imported when first used: names and statements need none."""
    if "numpy" in sys.modules or name in sys.modules:
        importlib.import_module(name)
        return
    sys.modules["numpy"] = _Later("numpy")
    try:
        importlib.import_module(name)
    finally:
        if isinstance(sys.modules.get("numpy"), _Later):
            del sys.modules["numpy"]


class _Later(ModuleType):
    """Stands for a module, and passes on whatever is read from it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)
