"""The JSON Schema of `[tool.bnregress]`; `python -m bnregress.commands.configuration.schema` writes it.

validate-pyproject finds it through the entry point `validate_pyproject.tool_schema`; its validator reads draft 7.
"""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from typing import Any

from bnregress.commands.configuration.option import Option, as_json
from bnregress.commands.declared import KEYS
from bnregress.resources import RESOURCES

PATH = RESOURCES / "schemas" / "pyproject.schema.json"


def tool_schema(_tool_name: str = "bnregress") -> dict[str, Any]:
    """Return the shipped schema."""
    text = files("bnregress.resources").joinpath("schemas").joinpath(PATH.name).read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def render() -> str:
    """Return the schema as it is shipped."""
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "urn:bnregress:pyproject:1",
        "$comment": "Made by `python -m bnregress.commands.configuration.schema`. Do not edit.",
        "title": "Table of bnregress in pyproject.toml",
        "type": "object",
        "additionalProperties": False,
        "properties": {option.name: _property(option) for option in KEYS},
    }
    return json.dumps(schema, indent=2) + "\n"


def _property(option: Option) -> dict[str, Any]:
    described = {"description": f"{option.sentence.replace('`', '')} As {option.variable} in the environment."}
    default = {} if option.default in (None, ()) else {"default": as_json(option.default)}
    return described | option.kind.schema() | default


def main() -> int:
    """Write the schema."""
    PATH.write_text(render(), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
