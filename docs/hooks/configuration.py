"""The reference of configuration: made from the table of options."""

from __future__ import annotations

import json

from bnregress.commands.configuration.options import OPTIONS
from docs.hooks.commands import parsers
from docs.hooks.markdown import code, prose, table


def page() -> str:
    """Return the page."""
    known = parsers()
    rows = [
        [
            f"{code(option.name)}<br>{code(option.variable)}",
            wanted(option.kind.schema())
            + (
                f"<br>default: {code(json.dumps(option.default, default=str))}"
                if option.default not in (None, [])
                else ""
            ),
            prose(option.help),
            ", ".join(f"[{name}](commands/{name}.md)" for name in option.commands if name in known),
        ]
        for option in OPTIONS
    ]
    return "\n".join([
        "# Configuration\n",
        "Keys of `[tool.bnregress]` in a pyproject.toml, and the environment variables that stand for the same.",
        "The command line is over the environment, and that over the file; [more](../configuration.md).\n",
        table(["key and variable", "value", "what it is", "commands"], rows),
        "The same as a JSON Schema, which validate-pyproject finds by itself:",
        "[pyproject.schema.json](../../bnregress/resources/schemas/pyproject.schema.json).\n",
    ])  # fmt: skip


def wanted(schema: dict[str, object]) -> str:
    """Return in a few words what a value may be."""
    match schema:
        case {"enum": list(words)}:
            return " ".join(code(str(word)) for word in words)
        case {"oneOf": _}:
            return "string, or list of strings"
        case {"type": "integer"}:
            return "whole number above 0"
        case {"type": "number"}:
            return "number above 0"
        case {"type": "boolean"}:
            return "true or false"
        case _:
            return "string"
