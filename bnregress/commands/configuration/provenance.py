"""Where options came from, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bnregress.commands.configuration.option import Setting, as_json


def print_settings(console: Console, settings: Sequence[Setting]) -> None:
    """Print a line for each option that is not as by default; nothing if all are."""
    if not settings:
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("option", no_wrap=True)
    table.add_column("value", overflow="fold")
    table.add_column("from", overflow="fold", style="dim")
    for setting in settings:
        table.add_row(setting.option.name, Text(_text(setting.value)), Text(setting.origin))
    console.print()
    console.print(table)


def settings_as_json(settings: Sequence[Setting]) -> dict[str, Any]:
    """Return value and origin of each option that is not as by default."""
    return {
        setting.option.name: {
            "value": as_json(setting.value),
            "from": setting.origin,
        }
        for setting in settings
    }


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
