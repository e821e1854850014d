"""Where options come from: the command line over the environment over `[tool.bnregress]` of a pyproject.toml."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bnregress.commands.configuration.options import OPTIONS, Option
from bnregress.errors import UsageError
from bnregress.reading.strict import printable, quoted, read_toml
from bnregress.reading.tables import Table

FILE = "pyproject.toml"
TABLE = "[tool.bnregress]"
COMMAND_LINE = "the command line"
MAX_BYTES = 2**20


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A value that is not the default, and where it came from."""

    option: Option
    value: Any
    origin: str


def configure(parsed: argparse.Namespace, given: Collection[str], environ: Mapping[str, str], folder: Path) -> None:
    """Fill in what the command line left open, and leave in `parsed.settings` where everything came from.

    Args:
        parsed: the arguments with the command's own defaults, and in `command` its name.
        given: names of those that are on the command line.
        environ: environment variables.
        folder: the current one.

    Raises:
        UsageError: a variable or a key holds something wrong, or a key is unknown.
    """
    mine = [option for option in OPTIONS if parsed.command in option.commands and option.attribute in vars(parsed)]
    if not mine:
        return
    settings = {setting.option.name: setting for setting in (*from_file(folder), *from_environment(environ))}
    for option in mine:
        if option.attribute in given:
            value = getattr(parsed, option.attribute)
            settings[option.name] = Setting(option=option, value=value, origin=COMMAND_LINE)
        elif option.name in settings:
            setattr(parsed, option.attribute, settings[option.name].value)
    parsed.settings = tuple(settings[option.name] for option in OPTIONS if option.name in settings)


def from_environment(environ: Mapping[str, str]) -> list[Setting]:
    """Return what the variables say; an empty one says nothing."""
    settings = []
    for option in OPTIONS:
        if text := environ.get(option.variable, "").strip():
            try:
                value = option.kind.from_text(text)
            except ValueError as error:
                raise UsageError(f"{option.variable}: {text!r} {error} Change it, or unset it.") from None
            settings.append(Setting(option=option, value=value, origin=option.variable))
    return settings


def from_file(folder: Path) -> list[Setting]:
    """Return what the nearest pyproject.toml says that has a table of ours, in the folder or one above it."""
    for place in (folder, *folder.parents):
        if (path := place / FILE).is_file() and (table := _table(path)) is not None:
            return _settings(table)
    return []


def _table(path: Path) -> Table | None:
    document = read_toml(path, MAX_BYTES, "a pyproject.toml")
    tool = document.get("tool")
    entries = tool.get("bnregress") if isinstance(tool, dict) else None
    if entries is not None and not isinstance(entries, dict):
        raise UsageError(f"{printable(path)}: tool.bnregress is {quoted(repr(entries))}, not a table. Write {TABLE}.")
    return None if entries is None else Table(path, TABLE, entries)


def _settings(table: Table) -> list[Setting]:
    table.check_keys((), [option.name for option in OPTIONS])
    settings = []
    for option in OPTIONS:
        if option.name in table.entries:
            value = table.entries[option.name]
            try:
                read = option.kind.from_toml(value)
            except ValueError as error:
                raise table.error(f"key {option.name!r}: {quoted(repr(value))} {error}") from None
            if isinstance(read, Path):
                read = table.path.parent / read
            settings.append(Setting(option=option, value=read, origin=f"{table.path}, {TABLE}"))
    return settings
