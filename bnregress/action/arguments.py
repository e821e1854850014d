"""From inputs to the arguments of `bnregress`: a list, which no shell ever reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bnregress.action.inputs import INPUTS, input_name
from bnregress.commands import declared
from bnregress.commands.configuration.option import options_of
from bnregress.errors import UsageError

_FORMATS = {"plan": "github", "gate": "json"}


def arguments_for(inputs: Mapping[str, Any], results: tuple[Path, ...] = ()) -> list[str]:
    """Return the arguments.

    Args:
        inputs: those of the command.
        results: the results files that it works on.

    Raises:
        UsageError: an input is missing that the command cannot do without.
    """
    command: str = inputs["command"]
    _require(command, inputs, results)
    # The folder for what the action writes itself; a gate that has results writes none.
    left_out = ("results", "out") if command == "gate" and results else ("results",)
    return [command, *map(str, results), *_options(command, inputs, left_out)]


def _require(command: str, inputs: Mapping[str, Any], results: tuple[Path, ...]) -> None:
    for name, each in INPUTS.items():
        if command in each.options and each.options[command].required and not inputs[name]:
            raise UsageError(f"The command {command} needs the input {name}.")
    if command == "bisect" and max(len(inputs["path"]), len(inputs["variant"] or ())) > 1:
        raise UsageError("The command bisect takes one path and one variant.")
    if command == "gate" and not results and not (inputs["from"] and inputs["to"]):
        raise UsageError(
            "The command gate needs the input results, or both from and to, or both from-tree and to-tree."
        )


def _options(command: str, inputs: Mapping[str, Any], left_out: tuple[str, ...]) -> Iterator[str]:
    for option in options_of(declared.COMMANDS[command].arguments):
        name = input_name(option)
        if name is None or name in left_out or inputs.get(name) is None:
            continue
        value = inputs[name]
        for each in value if isinstance(value, tuple) else (value,):
            # In one word, so that no value can be taken for an option.
            yield f"--{option.name}={each}"
    if format := _FORMATS.get(command):
        yield f"--format={format}"
    yield from inputs.get("extra-args") or ()
