"""Whatever the action and the reusable workflow can pass is what the command line takes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from bnregress.action.arguments import arguments_for
from bnregress.action.inputs import COMMANDS, EXTRAS, INPUTS, input_name, read_inputs, variable
from bnregress.action.metadata import PARTS, ROOT, rendered
from bnregress.commands import declared
from bnregress.commands.configuration.kinds import Choice, Switch
from bnregress.commands.configuration.option import EXTRA, options_of
from bnregress.commands.configuration.sources import arguments_of
from bnregress.commands.parser import build_parser
from bnregress.errors import UsageError

CALL = yaml.safe_load((ROOT / ".github/workflows/regress.yml").read_text(encoding="utf-8"))
#: A value for each input that is an option; each word of a choice is tried besides.
VALUES = {
    "select": "tf2.{0,1}.* */h5",
    "environment": "venv/bin/python",
    "with": "keras=. tf-keras=git+https://github.com/keras-team/tf-keras@v2.21.0",
    "path": "h5",
    "variant": "freeze=model,wrap=chain",
    "shard": "2/3",
    "shards": "3",
    "out": "here",
    "model": "models:build",
    "known": "known.toml",
    "check": "oracle",
    "from": "tf2.0.0",
    "to": "tf2.1.0",
    "from-tree": "old",
    "repository": "keras",
    "to-tree": "new",
    "results": "results.json",
    "run-id": "run-7",
    "require": "tried",
}
#: What a command cannot do without.
NEEDED = {
    "report": {"results": "results.json"},
    "gate": {"from": "tf2.0.0", "to": "tf2.1.0"},
    "bisect": {"path": "h5", "from": "tf2.0.0", "to": "tf2.1.0"},
}


def parsed(texts: Mapping[str, str], root: Path) -> Any:
    """Return the arguments that the command is given for the texts of inputs, read by the real parser."""
    inputs = read_inputs({variable(name): text for name, text in texts.items()}, [root])
    words = arguments_for(inputs, inputs.get("results") or ())
    typed = vars(build_parser().parse_args(words))
    taken = declared.COMMANDS[typed.pop("command")].arguments
    return arguments_of(taken, typed, (), {}, root)


def cases() -> Iterator[tuple[str, str, str]]:
    for name, each in INPUTS.items():
        for command, option in each.options.items():
            words = option.kind.words if isinstance(option.kind, Choice) else [VALUES[name]]
            for word in words:
                yield command, name, word


@pytest.mark.parametrize(("command", "name", "text"), list(cases()))
def test_every_input_of_every_command_reaches_its_option(command: str, name: str, text: str, tmp_path: Path) -> None:
    needed = {} if command == "gate" and name == "results" else NEEDED.get(command, {})
    found = parsed({"command": command, **needed, name: text}, tmp_path)
    value = getattr(found, INPUTS[name].options[command].attribute)
    words = [str(each).rpartition("/")[2] for each in (value if isinstance(value, tuple) else (value,))]
    assert words == [word.rpartition("/")[2] for word in text.split()]


@pytest.mark.parametrize("command", COMMANDS)
def test_extra_args_let_through_what_the_command_takes_and_nothing_else(command: str, tmp_path: Path) -> None:
    every = {option.name: option for options in EXTRAS.values() for option in options}
    own = {option.name for option in EXTRAS[command]}
    assert own == {each.name for each in options_of(declared.COMMANDS[command].arguments) if each.action == EXTRA}
    for name, option in every.items():
        text = f"--{name}" if isinstance(option.kind, Switch) else f"--{name}=7"
        texts = {"command": command, **NEEDED.get(command, {}), "extra-args": text}
        if name in own:
            assert getattr(parsed(texts, tmp_path), option.attribute) in (True, 7)
        else:
            with pytest.raises(UsageError, match="extra-args"):
                parsed(texts, tmp_path)


def test_a_gate_that_has_results_takes_nothing_that_runs(tmp_path: Path) -> None:
    """The folder for the action's own files is no option of it; what else runs something, the command refuses."""
    found = parsed({"command": "gate", "results": "results.json", "fail-on": "drift", "out": "there"}, tmp_path)
    assert (found.out, found.fail_on) == (None, "drift")


def test_no_option_of_two_is_lost(tmp_path: Path) -> None:
    """Every pair of inputs together, so that no two are handed over in one another's place."""
    for command in COMMANDS:
        names = [name for name, each in INPUTS.items() if command in each.options and name != "results"]
        for one, other in itertools.combinations(names, 2):
            texts = dict(NEEDED.get(command, {}), command=command)
            for name in (one, other):
                option = INPUTS[name].options[command]
                texts[name] = option.kind.words[-1] if isinstance(option.kind, Choice) else VALUES[name]
            given = parsed(texts, tmp_path).given
            assert {INPUTS[name].options[command].attribute for name in (one, other)} <= given


def steps() -> Iterator[tuple[str, Mapping[str, str]]]:
    """What each step of the reusable workflow passes to the action."""
    for job, body in CALL["jobs"].items():
        for step in body["steps"]:
            if step.get("uses") == "./.bnregress":
                yield f"{job}, {step['name']}", step["with"]


@pytest.mark.parametrize(("name", "passed"), list(steps()))
def test_whatever_the_reusable_workflow_passes_is_taken(name: str, passed: Mapping[str, str], tmp_path: Path) -> None:
    inputs: Mapping[str, Any] = CALL[True]["workflow_call"]["inputs"]
    values = {**VALUES, "suite": "all", "device": "gpu", "fail-on": "drift", "extra-args": "--jobs 2 --offline"}
    texts = {}
    for key, value in passed.items():
        if value.startswith("${{ inputs."):
            asked = value.removeprefix("${{ inputs.").removesuffix(" }}")
            assert asked in inputs
            texts[key] = values[asked]
        else:
            texts[key] = VALUES[key] if "${{" in value else value
    found = parsed(texts, tmp_path)
    # `gate` has its results by place, and its folder is the action's own.
    for key in set(texts) - {"command", "results", "summary", "annotations", "extra-args"}:
        assert INPUTS[key].options[texts["command"]].attribute in found.given


def test_an_input_names_one_option_of_a_command() -> None:
    for command in COMMANDS:
        names = [input_name(option) for option in options_of(declared.COMMANDS[command].arguments)]
        named = [name for name in names if name]
        assert len(named) == len(set(named))


@pytest.mark.parametrize("file", PARTS)
def test_what_the_files_say_of_the_inputs_is_current(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert text == rendered(file, text), "Write it with `python -m bnregress.action.metadata`."
