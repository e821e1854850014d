"""Where options come from: the command line over the environment over `[tool.bnregress]` of a pyproject.toml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from bnregress.commands.configuration.option import Arguments, Option, Setting, options_of
from bnregress.errors import UsageError
from bnregress.reading.strict import printable, quoted, read_toml
from bnregress.reading.tables import Table

FILE = "pyproject.toml"
TABLE = "[tool.bnregress]"
COMMAND_LINE = "the command line"
MAX_BYTES = 2**20

Of = TypeVar("Of", bound=Arguments)


def arguments_of(
    taken: type[Of], typed: Mapping[str, Any], keys: Sequence[Option], environ: Mapping[str, str], folder: Path
) -> Of:
    """Return the arguments of a command, from wherever they come.

    Args:
        taken: what the command takes.
        typed: what the command line gives, by attribute.
        keys: the options that a file may hold, those of other commands too.
        environ: environment variables.
        folder: the current one.

    Raises:
        UsageError: a variable or a key holds something wrong, or a key is unknown; or a value holds a NUL.
    """
    options = options_of(taken)
    values = {
        option.attribute: tuple(typed[option.attribute])
        if isinstance(typed[option.attribute], list)
        else typed[option.attribute]
        for option in options
        if option.attribute in typed
    }
    given = frozenset(values)
    settings = []
    if any(option.configured for option in options):
        found = (*from_file(keys, folder), *from_environment(keys, environ))
        elsewhere = {setting.option.name: setting for setting in found}
        for option in options:
            if option.configured and option.attribute in given:
                settings.append(Setting(option=option, value=values[option.attribute], origin=COMMAND_LINE))
            elif option.configured and option.name in elsewhere:
                setting = replace(elsewhere[option.name], option=option)
                values[option.attribute] = setting.value
                settings.append(setting)
    for option in options:
        _refuse_nul(option, values.get(option.attribute))
    return taken(**values, given=given, settings=tuple(settings))


def _refuse_nul(option: Option, value: Any) -> None:
    """Refuse a value with a NUL in it, which no file, name or process can have; a configuration file can say it."""
    texts = value if isinstance(value, tuple) else (value,)
    if any("\0" in str(text) for text in texts):
        raise UsageError(f"The value of {option.name} holds a NUL character. Give one without it.")


def from_environment(keys: Sequence[Option], environ: Mapping[str, str]) -> list[Setting]:
    """Return what the variables say; an empty one says nothing."""
    settings = []
    for option in keys:
        if text := environ.get(option.variable, "").strip():
            try:
                value = option.kind.from_text(text)
            except ValueError as error:
                raise UsageError(f"{option.variable}: {text!r} {error} Change it, or unset it.") from None
            settings.append(Setting(option=option, value=value, origin=option.variable))
    return settings


def from_file(keys: Sequence[Option], folder: Path) -> list[Setting]:
    """Return what the nearest pyproject.toml says that has a table of ours, in the folder or one above it."""
    for place in (folder, *folder.parents):
        if (path := place / FILE).is_file() and (table := _table(path)) is not None:
            return _settings(keys, table)
    return []


def _table(path: Path) -> Table | None:
    document = read_toml(path, MAX_BYTES, "a pyproject.toml")
    tool = document.get("tool")
    entries = tool.get("bnregress") if isinstance(tool, dict) else None
    if entries is not None and not isinstance(entries, dict):
        raise UsageError(f"{printable(path)}: tool.bnregress is {quoted(repr(entries))}, not a table. Write {TABLE}.")
    return None if entries is None else Table(path, TABLE, entries)


def _settings(keys: Sequence[Option], table: Table) -> list[Setting]:
    table.check_keys((), [option.name for option in keys])
    settings = []
    for option in keys:
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
