"""From inputs to the arguments of `bnregress`: a list, which no shell ever reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bnregress.errors import UsageError

#: Inputs that are options of the command by the same name.
_OPTIONS = (
    "select", "path", "variant", "suite", "device", "from", "to", "check", "known", "fail-on", "shard", "shards",
    "model", "out",
)  # fmt: skip
_REPEATED = ("select", "path", "variant")
#: Options that `gate` takes only where it runs something.
_RUNNING = ("device", "out")
_OTHERWISE = {("report", "shards"): "expect-shards"}
_FORMATS = {"plan": "github", "gate": "markdown"}


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
    runs = command != "gate" or not results
    return [command, *map(str, results), *_options(command, inputs, runs=runs)]


def _require(command: str, inputs: Mapping[str, Any], results: tuple[Path, ...]) -> None:
    needed = {"report": ("results",), "bisect": ("path", "from", "to")}.get(command, ())
    for name in needed:
        if not inputs[name]:
            raise UsageError(f"The command {command} needs the input {name}.")
    if command == "bisect" and max(len(inputs["path"]), len(inputs["variant"] or ())) > 1:
        raise UsageError("The command bisect takes one path and one variant.")
    if command == "gate" and not results and not (inputs["from"] and inputs["to"]):
        raise UsageError(
            "The command gate needs the input results, or both from and to, or both from-tree and to-tree."
        )


def _options(command: str, inputs: Mapping[str, Any], *, runs: bool) -> Iterator[str]:
    for name in _OPTIONS:
        value = inputs.get(name)
        if value is None or (not runs and name in _RUNNING):
            continue
        option = _OTHERWISE.get((command, name), name)
        for each in value if name in _REPEATED else (value,):
            # In one word, so that no value can be taken for an option.
            yield f"--{option}={each}"
    if format := _FORMATS.get(command):
        yield f"--format={format}"
    if runs:
        yield from inputs.get("extra-args") or ()
