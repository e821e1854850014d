"""What each command is called, says of itself and takes; nothing here does anything."""

from __future__ import annotations

from bnregress.commands.configuration.option import Option, options_of
from bnregress.commands.declared import (
    bisect,
    cache,
    catalog,
    check,
    explain,
    findings,
    gate,
    history,
    known,
    plan,
    report,
    run,
)
from bnregress.commands.declared.command import Command

#: In the order of `bnregress --help`.
COMMANDS: dict[str, Command] = {
    module.COMMAND.name: module.COMMAND
    for module in (plan, run, report, gate, bisect, known, check, explain, findings, history, catalog, cache)
}

#: The keys of `[tool.bnregress]`; commands that share one share its declaration.
KEYS: tuple[Option, ...] = tuple(
    {
        option.name: option
        for command in COMMANDS.values()
        for option in options_of(command.arguments)
        if option.configured
    }.values()
)


def commands_with(key: Option) -> list[str]:
    """Return the names of the commands that take a key."""
    return [
        command.name
        for command in COMMANDS.values()
        if any(option.configured and option.name == key.name for option in options_of(command.arguments))
    ]
