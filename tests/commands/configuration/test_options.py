"""The table of options is what the commands take, and the shipped schema is what the table says."""

from __future__ import annotations

import argparse
import json
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnregress.cli import build_parser
from bnregress.commands.configuration.options import OPTIONS, Option
from bnregress.commands.configuration.schema import PATH, render, tool_schema
from bnregress.commands.configuration.sources import from_file
from bnregress.errors import UsageError

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 5),
    st.floats(-1, 5),
    st.sampled_from(["", "cpu", "drift", "all", "tf2.1.0"]),
    st.lists(st.sampled_from(["", "a", 1]), max_size=2),
)


def test_the_shipped_schema_is_current() -> None:
    assert PATH.read_text(encoding="utf-8") == render()


def test_the_schema_is_one_that_validate_pyproject_takes() -> None:
    schema = tool_schema("bnregress")
    jsonschema.Draft7Validator.check_schema(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    found = [each for each in entry_points(group="validate_pyproject.tool_schema") if each.name == "bnregress"]
    for each in found:
        assert each.load()("bnregress") == schema


def test_each_option_of_the_table_has_the_default_of_the_commands_that_take_it() -> None:
    (commands,) = [action for action in build_parser()._actions if isinstance(action, argparse._SubParsersAction)]
    taken = set()
    for option in OPTIONS:
        for command, parser in commands.choices.items():
            for action in parser._actions:
                if action.dest == option.attribute and command in option.commands:
                    taken.add(option.name)
                    assert action.default == option.default, (command, option.name)
                    assert f"--{option.name}" in action.option_strings
    assert {"select", "path", "variant", "suite", "device", "jobs", "timeout", "offline", "fresh", "out"} <= taken


@given(st.sampled_from(OPTIONS), VALUES)
def test_the_schema_takes_what_the_reader_takes(option: Option, value: Any) -> None:
    try:
        jsonschema.validate({option.name: value}, tool_schema(), jsonschema.Draft7Validator)
        fits = True
    except jsonschema.ValidationError:
        fits = False
    try:
        option.kind.from_toml(value)
        read = True
    except ValueError:
        read = False
    # JSON has one kind of number, and 2.0 is whole to a schema; TOML has two.
    if not (isinstance(value, float) and value.is_integer()):
        assert fits == read


def test_the_schema_refuses_unknown_keys_as_the_reader_does(tmp_path: Path) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"selct": "a"}, json.loads(render()), jsonschema.Draft7Validator)
    (tmp_path / "pyproject.toml").write_text("[tool.bnregress]\nselct = 'a'\n", encoding="utf-8")
    with pytest.raises(UsageError):
        from_file(tmp_path)
