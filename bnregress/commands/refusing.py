"""Refuses what is plainly wrong before a command's own modules are imported, which takes longer than all this."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from bnregress.commands.configuration.option import Arguments

#: Commands that take names of paths, all but bisect several and as selectors.
NAMING = ("plan", "run", "gate", "bisect")
#: Bytes below which a results file is read to be refused.
SMALL = 500


def refuse(command: str, arguments: Arguments) -> None:
    """Refuse names that are none, and files that are not there; the commands look again, for others call them too.

    Args:
        command: its name.
        arguments: what it was given.

    Raises:
        UsageError: a selector fits nothing, a file or interpreter is not there, or a module is not.
        NothingToDoError: no cell fits all selectors.
    """
    results = getattr(arguments, "results", None)
    if isinstance(results, Path):
        _refuse_no_results(results)
    if command == "check" and (python := getattr(arguments, "python", None)):
        from bnregress.machine.python_paths import named_interpreter  # noqa: PLC0415

        named_interpreter(python, "--python")
    # A plan may be made where the module is not.
    if command != "plan" and (target := getattr(arguments, "model", None)):
        from bnregress.checking.target import require_module  # noqa: PLC0415

        require_module(target)
    # An environment that a person brings is no release of the catalog.
    if command in NAMING and not getattr(arguments, "environment", None) and results is None:
        _refuse_names(arguments)


def _refuse_no_results(path: Path) -> None:
    from bnregress.results.file import load_results  # noqa: PLC0415

    # What is small is no results of a run, and soon read; a command reads what is large once.
    if not path.exists() or path.stat().st_size < SMALL:
        load_results(path)


def _refuse_names(arguments: Arguments) -> None:
    with_numpy_later("bnregress.suite.paths")
    from bnregress.cells.selector import choose  # noqa: PLC0415
    from bnregress.planning.selection import select_cells  # noqa: PLC0415
    from bnregress.releases.catalog import load_catalog  # noqa: PLC0415
    from bnregress.suite.paths import PATHS  # noqa: PLC0415

    paths = getattr(arguments, "path", ())
    if isinstance(paths, str):
        if paths not in PATHS:
            choose([paths], PATHS, "path")
        if (check := getattr(arguments, "check", None)) is not None:
            with_numpy_later("bnregress.suite.checks")
            from bnregress.suite.registry import checks_of  # noqa: PLC0415

            choose([check], checks_of(getattr(arguments, "suite", "")), "check")
        return
    catalog = load_catalog()
    # Looking through the ids of all cells takes a second.
    choose([cell.partition("/")[0] for cell in getattr(arguments, "select", ()) if "/" in cell], catalog, "release")
    groups = {id: path.group for id, path in PATHS.items()}
    chosen = getattr(arguments, "select", ()) or ("group:default",)
    select_cells(chosen, paths, getattr(arguments, "variant", ()), catalog, groups, getattr(arguments, "suite", ""))


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
