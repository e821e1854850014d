"""The table of options is what the commands take, and the shipped schema is what the table says."""

from __future__ import annotations

import argparse
import inspect
import json
import re
from dataclasses import fields
from importlib import import_module
from importlib.metadata import entry_points
from inspect import signature
from pathlib import Path
from typing import Any, get_type_hints

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bnregress.commands
from bnregress.bisecting.one_release import ReleaseTester
from bnregress.commands.configuration.option import Arguments, Option, options_of
from bnregress.commands.configuration.schema import PATH, render, tool_schema
from bnregress.commands.configuration.sources import from_file
from bnregress.commands.declared import COMMANDS, KEYS, commands_with
from bnregress.commands.parser import build_parser
from bnregress.errors import UsageError
from bnregress.planning.request import PlanRequest
from bnregress.run.options import RunOptions

COMMANDS_FOLDER = Path(bnregress.commands.__file__).parent
#: Where a command has its arguments read elsewhere than in its own module.
EXTRA_READERS = {
    "check": [COMMANDS_FOLDER / "checked.py"],
    "report": [COMMANDS_FOLDER / "difference.py"],
    "run": [COMMANDS_FOLDER / "brought.py"],
    "plan": [COMMANDS_FOLDER / "brought.py"],
}
#: Options of a run that change no plan; `bnregress plan` takes them all the same.
WITHOUT_EFFECT = {
    "plan": {
        "timeout", "offline", "shard", "explore", "search_seed", "fresh", "resume", "out", "known", "fail_on",
        "run_id", "quiet", "repeat",
    }
}  # fmt: skip

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


def test_commands_that_share_a_key_share_its_declaration() -> None:
    for key in KEYS:
        for name in commands_with(key):
            (own,) = [option for option in options_of(COMMANDS[name].arguments) if option.name == key.name]
            assert own == key, name


def test_what_a_command_declares_equals_what_it_takes() -> None:
    """Every attribute is an option of the parser and of the function that does it, and no other is."""
    (commands,) = [action for action in build_parser()._actions if isinstance(action, argparse._SubParsersAction)]
    assert list(commands.choices) == list(COMMANDS)
    for name, command in COMMANDS.items():
        own = {each.name for each in fields(command.arguments)} - {each.name for each in fields(Arguments)}
        actions = {action.dest: action for action in commands.choices[name]._actions if action.dest != "help"}
        assert {option.attribute for option in options_of(command.arguments)} == own == actions.keys()
        for option in options_of(command.arguments):
            said = [] if option.positional else [*([option.short] if option.short else []), f"--{option.name}"]
            assert actions[option.attribute].option_strings == said
        execute = import_module(f"bnregress.commands.{name}").execute
        assert get_type_hints(execute)["arguments"] is command.arguments


def test_every_argument_that_a_command_declares_is_read_by_it() -> None:
    """An option that nothing reads is an option in name alone."""
    for name, command in COMMANDS.items():
        sources = [Path(inspect.getfile(import_module(f"bnregress.commands.{name}")))]
        sources += [Path(inspect.getfile(part)) for part in command.arguments.__mro__ if part is not object]
        text = "".join(source.read_text(encoding="utf-8") for source in {*sources, *EXTRA_READERS.get(name, ())})
        for option in options_of(command.arguments):
            if option.attribute not in WITHOUT_EFFECT.get(name, ()):
                assert re.search(rf"\b(arguments|self)\.{option.attribute}\b", text), (name, option.name)


@given(st.sampled_from(KEYS), VALUES)
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
        from_file(KEYS, tmp_path)


def test_what_a_run_a_plan_and_a_search_take_by_default_is_what_the_option_says() -> None:
    (device,) = [key for key in KEYS if key.name == "device"]
    places = (PlanRequest, RunOptions, ReleaseTester)
    assert {signature(place).parameters["device"].default for place in places} == {device.default}
