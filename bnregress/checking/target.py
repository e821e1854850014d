"""A person's own model as it is named: `MODULE:CALLABLE`."""

from __future__ import annotations

from pathlib import Path

from bnregress.errors import UsageError
from bnregress.reading.strict import printable


def require_module(target: str) -> None:
    """Refuse a module that is not there before any release runs for it.

    Raises:
        UsageError: the target is not MODULE:CALLABLE, or the current folder has no such module: the environments of
            releases hold the framework alone.
    """
    module, colon, name = target.partition(":")
    if not (module and colon and name):
        raise UsageError(f"{printable(target)} is not MODULE:CALLABLE, as in models:build_model.")
    place = Path.cwd().joinpath(*module.split("."))
    if not (place.with_suffix(".py").is_file() or place.is_dir()):
        raise UsageError(
            f"There is no module {printable(module)} in {Path.cwd()}. Run this in the folder that holds it."
        )
