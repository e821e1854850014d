"""The inputs of the action: those of the commands' options that are declared as such, and a few of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bnregress.action import validation
from bnregress.commands import declared
from bnregress.commands.configuration.kinds import (
    Choice,
    Count,
    Kind,
    Model,
    Part,
    Place,
    PlaceOr,
    PythonPlace,
    RunId,
    Several,
    Side,
    Text,
)
from bnregress.commands.configuration.option import EXTRA, INPUT, Option, options_of
from bnregress.commands.declared.how import OUT
from bnregress.errors import UsageError

COMMANDS = ("plan", "run", "report", "gate", "bisect")
PREFIX = "BNREGRESS_INPUT_"


@dataclass(frozen=True, kw_only=True)
class Input:
    """One input as `action.yml` has it.

    Attributes:
        commands: those that take it; any other refuses it.
        read: turns its text into its value; UsageError if the text is nothing of the kind.
        description: what it is, as a sentence in Markdown.
        default: its text if nobody gives it; a value that is left empty is None.
        place: the text is a path, or several, which `read` holds against the folders that it may be in.
        options: the option that it becomes, by command; none for one of the action's own.
    """

    commands: tuple[str, ...]
    read: Callable[..., Any]
    description: str
    default: str = ""
    place: bool = False
    options: Mapping[str, Option] = field(default_factory=dict)


def options_by_command(action: Callable[[Option], bool]) -> dict[str, list[Option]]:
    """Return the options of each command of the action that are declared so."""
    return {
        name: [option for option in options_of(declared.COMMANDS[name].arguments) if action(option)]
        for name in COMMANDS
    }


#: What `extra-args` lets through, by command.
EXTRAS: Mapping[str, Sequence[Option]] = MappingProxyType(options_by_command(lambda option: option.action == EXTRA))


def input_name(option: Option) -> str | None:
    """Return the name of the input that an option is; None if it is none."""
    if option.action in (None, EXTRA):
        return None
    return option.name if option.action == INPUT else option.action


def _of_options() -> Iterator[tuple[str, Input]]:
    found: dict[str, dict[str, Option]] = {}
    for command, options in options_by_command(lambda option: input_name(option) is not None).items():
        for option in options:
            found.setdefault(input_name(option) or "", {})[command] = option
    for name, options_ in found.items():
        first = next(iter(options_.values()))
        # If one command takes several, the input does; the others say so themselves.
        kind = next((option.kind for option in options_.values() if isinstance(option.kind, Several)), first.kind)
        yield (
            name,
            Input(
                commands=tuple(options_),
                read=_reader(name, kind),
                description=_description(first, kind),
                default=str(OUT) if name == "out" else "",
                place=_is_place(kind),
                options=MappingProxyType(options_),
            ),
        )


def _reader(name: str, kind: Kind[Any]) -> Callable[..., Any]:
    readers: dict[type, Callable[..., Any]] = {
        Count: validation.read_shards,
        Model: validation.read_model,
        Part: validation.read_shard,
        Place: validation.read_path,
        PlaceOr: validation.read_known,
        PythonPlace: validation.read_python,
        Side: validation.read_side,
        RunId: validation.read_run,
        Text: validation.read_word,
    }
    match kind:
        case Several(Place()):
            return validation.read_paths
        case Several():
            return validation.read_globs
        case Choice(words):
            return validation.choice(*words)
        case _:
            pass
    if type(kind) not in readers:
        raise TypeError(f"The input {name} is of a kind that the action cannot read yet. Add it here.")
    return readers[type(kind)]


def _is_place(kind: Kind[Any]) -> bool:
    return isinstance(kind.each if isinstance(kind, Several) else kind, Place | PlaceOr | Side)


def _description(option: Option, kind: Kind[Any]) -> str:
    said = option.sentence.removesuffix(".")
    match kind:
        case Several(Place()):
            said += ", one on a line"
        case Several():
            said += "; several with spaces between them"
        case Choice(words):
            said += f": {validation.listed([f'`{word}`' for word in words], 'or')}"
        case _:
            pass
    return f"{said}."


def _extra_description() -> str:
    options = dict.fromkeys((option.name, option.metavar) for each in EXTRAS.values() for option in each)
    shown = [f"`--{name} {metavar}`" if metavar else f"`--{name}`" for name, metavar in options]
    return f"Any of {validation.listed(shown, 'and')} that the command takes; all else is refused."


_YES = "`true` or `false`: whether to"
INPUTS: Mapping[str, Input] = MappingProxyType(
    {
        "command": Input(
            commands=COMMANDS,
            read=validation.choice(*COMMANDS),
            default="run",
            description=f"{validation.listed([f'`{name}`' for name in COMMANDS], 'or')}.",
        ),
        **dict(_of_options()),
        "summary": Input(
            commands=COMMANDS,
            read=validation.read_flag,
            default="true",
            description=f"{_YES} write to the job summary.",
        ),
        "annotations": Input(
            commands=COMMANDS,
            read=validation.read_flag,
            default="true",
            description=f"{_YES} annotate cells; what stops the command is annotated anyway.",
        ),
        "extra-args": Input(
            commands=tuple(name for name in COMMANDS if EXTRAS[name]),
            read=validation.read_extra,
            description=_extra_description(),
        ),
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
    command = _read("command", texts["command"], (), roots)
    found: dict[str, Any] = {}
    for name, each in INPUTS.items():
        if command in each.commands:
            found[name] = _read(name, texts[name], EXTRAS[command], roots) if texts[name] else None
        elif texts[name] != each.default:
            raise UsageError(
                f"The input {name} is not for the command {command}, but for {' and '.join(each.commands)}."
                " Leave it out, or change the command."
            )
    return MappingProxyType(found)


def _read(name: str, text: str, extras: Sequence[Option], roots: Sequence[Path]) -> Any:
    each = INPUTS[name]
    try:
        if name == "extra-args":
            return each.read(text, extras)
        return each.read(text, roots) if each.place else each.read(text)
    except UsageError as error:
        raise UsageError(f"The input {name}: {error}") from None
