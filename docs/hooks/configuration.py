"""The reference of configuration: made from the table of options."""

from __future__ import annotations

from bnregress.commands.declared import KEYS, commands_with
from docs.hooks.markdown import code, prose, table, text


def page() -> str:
    """Return the page."""
    rows = [
        [
            f"{code(key.name)}<br>{code(key.variable)}",
            wanted(key.kind.schema()) + (f"<br>default: {text(key.said_default)}" if key.said_default else ""),
            prose(key.sentence),
            ", ".join(f"[{name}](commands/{name}.md)" for name in commands_with(key)),
        ]
        for key in KEYS
    ]
    return "\n".join([
        "# Configuration\n",
        "Keys of `[tool.bnregress]` in a pyproject.toml, and the environment variables for them.",
        "The command line wins over the environment, and the environment over the file; [more](../configuration.md).\n",
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
