"""The inputs of the action: which there are, which command takes which, and how each is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bnregress.action import values
from bnregress.errors import UsageError

COMMANDS = ("plan", "run", "report", "gate", "bisect")
PREFIX = "BNREGRESS_INPUT_"


@dataclass(frozen=True, kw_only=True)
class Input:
    """One input as `action.yml` has it.

    Attributes:
        commands: those that take it; any other refuses it.
        read: turns its text into its value; UsageError where the text is nothing of the kind.
        default: its text where nobody gives it; a value that is left empty is None.
        place: the text is a path, or several, which `read` holds against the folders that it may be in.
    """

    commands: tuple[str, ...]
    read: Any
    default: str = ""
    place: bool = False


INPUTS: Mapping[str, Input] = MappingProxyType(
    {
        "command": Input(commands=COMMANDS, read=values.choice(*COMMANDS), default="run"),
        "select": Input(commands=("plan", "run"), read=values.read_globs),
        "path": Input(commands=("plan", "run", "gate", "bisect"), read=values.read_globs),
        "variant": Input(commands=("plan", "run", "gate", "bisect"), read=values.read_globs),
        "suite": Input(commands=("plan", "run"), read=values.choice("properties", "finetune", "all")),
        "device": Input(commands=("plan", "run", "gate", "bisect"), read=values.choice("auto", "cpu", "gpu")),
        "from": Input(commands=("gate", "bisect"), read=values.read_word),
        "to": Input(commands=("gate", "bisect"), read=values.read_word),
        "from-tree": Input(commands=("gate",), read=values.read_path, place=True),
        "to-tree": Input(commands=("gate",), read=values.read_path, place=True),
        "check": Input(commands=("bisect",), read=values.read_word),
        "known": Input(commands=("run", "gate"), read=values.read_known, place=True),
        "fail-on": Input(commands=("run", "gate"), read=values.choice("regression", "drift", "never")),
        "shard": Input(commands=("run",), read=values.read_shard),
        "shards": Input(commands=("plan", "report"), read=values.read_shards),
        "model": Input(commands=("run",), read=values.read_model),
        "results": Input(commands=("report", "gate"), read=values.read_paths, place=True),
        "out": Input(
            commands=("run", "report", "gate", "bisect"),
            read=values.read_path,
            default="bnregress-results",
            place=True,
        ),
        "summary": Input(commands=COMMANDS, read=values.read_flag, default="true"),
        "annotations": Input(commands=COMMANDS, read=values.read_flag, default="true"),
        "extra-args": Input(commands=("run", "gate", "bisect"), read=values.read_extra),
    }
)


def variable(name: str) -> str:
    """Return the environment variable that `action.yml` hands an input over in."""
    return PREFIX + name.upper().replace("-", "_")


def read_inputs(environ: Mapping[str, str], roots: Sequence[Path]) -> Mapping[str, Any]:
    """Read all inputs.

    Args:
        environ: the environment of the step.
        roots: folders that paths may be in; relative ones start from the first.

    Returns:
        the value of each input of the command by its name, None if it was left empty.

    Raises:
        UsageError: an input is not what it should be, or is not for this command.
    """
    texts = {name: environ.get(variable(name), "").strip() or each.default for name, each in INPUTS.items()}
    command = _read("command", texts["command"], roots)
    found: dict[str, Any] = {}
    for name, each in INPUTS.items():
        if command in each.commands:
            found[name] = _read(name, texts[name], roots) if texts[name] else None
        elif texts[name] != each.default:
            raise UsageError(
                f"The input {name} is not for the command {command}, but for {' and '.join(each.commands)}."
                " Leave it out, or change the command."
            )
    return MappingProxyType(found)


def _read(name: str, text: str, roots: Sequence[Path]) -> Any:
    each = INPUTS[name]
    try:
        return each.read(text, roots) if each.place else each.read(text)
    except UsageError as error:
        raise UsageError(f"The input {name}: {error}") from None
