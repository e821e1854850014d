"""The reference of file formats: a page for each JSON Schema that is published."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from docs.hooks.markdown import code, prose, table, text

#: Page and schema, and what a file of it is called.
FORMATS = {"results": "results.json", "known": "A file of known regressions", "compat": "compat.json"}
#: What anchors call the file as a whole.
TOP = "file"
#: Characters of a pattern that say nothing to a person.
LONG = 30
SCHEMAS = "../../bnregress/resources/schemas"


def pages() -> Iterator[tuple[str, str]]:
    """Return the path and the Markdown of each page."""
    for name, title in FORMATS.items():
        yield f"reference/{name}.md", page(name, title)


def page(name: str, title: str) -> str:
    """Return the page of one schema: a table for each object in it."""
    file = f"{name}.schema.json"
    schema = json.loads(files("bnregress.resources").joinpath("schemas", file).read_text(encoding="utf-8"))
    parts = [
        f"# {title}\n",
        f"{text(schema['title'])}, as [{file}]({SCHEMAS}/{file}) has it. No other keys are allowed.\n",
    ]
    parts += [_table(TOP, schema)]
    inline = [
        (owner, key, value) for owner, part in _parts(schema) for key, value in part.get("properties", {}).items()
    ]
    for owner, key, value in inline:
        if "properties" in value:
            parts += [
                f"## {key}{f' of a {owner}' if owner != TOP else ''} {{#{_anchor(owner, key)}}}\n",
                _described(owner, value),
            ]
    parts += [
        f"## {name} {{#{_anchor(name)}}}\n" + _described(name, part) for name, part in _parts(schema) if name != TOP
    ]
    return "\n".join(parts)


def _parts(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield TOP, schema
    yield from schema.get("$defs", {}).items()


def _described(name: str, part: Mapping[str, Any]) -> str:
    said = prose(part["description"]) + "\n\n" if "description" in part else ""
    return "\n" + said + (_table(name, part) if "properties" in part else f"{wanted(part)}\n")


def _table(name: str, schema: Mapping[str, Any]) -> str:
    required = schema.get("required", ())
    return table(
        ["key", "value", "what it is"],
        (
            [
                code(key),
                (f"[object](#{_anchor(name, key)})" if "properties" in value else wanted(value))
                + ("" if key in required else "<br>optional"),
                prose(value.get("description", "")),
            ]
            for key, value in schema["properties"].items()
        ),
    )


def wanted(schema: Mapping[str, Any]) -> str:
    """Return in a few words what a value may be; names of other parts are links."""
    if reference := schema.get("$ref"):
        name = reference.removeprefix("#/$defs/")
        return f"[{name}](#{_anchor(name)})"
    if "anyOf" in schema:
        return " or ".join(map(wanted, schema["anyOf"]))
    if "const" in schema:
        return code(json.dumps(schema["const"]))
    if "enum" in schema:
        return " ".join(code(json.dumps(word)) for word in schema["enum"])
    types = schema.get("type", "anything")
    said = text(" or ".join(types) if isinstance(types, list) else types)
    if "items" in schema:
        said += f" of {wanted(schema['items'])}"
    if isinstance(schema.get("additionalProperties"), Mapping):
        said += f", each value {wanted(schema['additionalProperties'])}"
    if "minimum" in schema:
        said += f", {schema['minimum']} or more"
    if "pattern" in schema:
        said += f" that matches {code(schema['pattern'])}" if len(schema["pattern"]) < LONG else " of a fixed form"
    return said


def _anchor(*names: str) -> str:
    return "-".join(names).lower()
