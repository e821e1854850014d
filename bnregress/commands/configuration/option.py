"""An option, declared once: as the typed attribute of a frozen dataclass, with all that is to be said of it.

    @dataclass(frozen=True, kw_only=True)
    class Workers(Arguments):
        group = HOW
        jobs: int | None = option(Count(), metavar="N", help="processes at work", otherwise="one for each CPU", ...)

The parser, the configuration with its schema and variables, and the inputs of the GitHub Action follow from that, and
a command reads `arguments.jobs`, of which a type checker knows that it is an int or None.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar, overload

from bnregress.commands.configuration.kinds import Kind

T = TypeVar("T")


@dataclass(frozen=True)
class Group:
    """Options under one heading of the help; of those that are `exclusive` one alone may be given."""

    title: str
    description: str | None = None
    exclusive: bool = False


@dataclass(frozen=True, kw_only=True)
class Option:
    """What is said of an option.

    Attributes:
        kind: what its value may be.
        help: what it is, as a fragment without a full stop; names of things to type stand between backticks.
        default: its value if nobody says anything.
        otherwise: the default in words, if its value does not tell it.
        metavar: stands for the value in the help.
        name: without dashes; by default the attribute's own.
        required: whether the command line must give it.
        positional: whether it is given by its place alone; of a `Several` at least one.
        configured: whether it is a key of `[tool.bnregress]` and an environment variable too.
        action: how the GitHub Action takes it: as an input of its own, by this or another name, or within
            `extra-args`; None if it does not.
        short: a letter with one dash that stands for it, as `-q`.
        attribute, group: where it stands; filled in by `options_of`.
    """

    kind: Kind[Any]
    help: str
    default: Any = None
    otherwise: str = ""
    metavar: str | None = None
    name: str = ""
    required: bool = False
    positional: bool = False
    configured: bool = False
    action: str | None = None
    short: str = ""
    attribute: str = ""
    group: Group | None = None

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return f"BNREGRESS_{self.name.replace('-', '_').upper()}"

    @property
    def said_default(self) -> str:
        """The default in words; empty if there is nothing to say."""
        if self.otherwise or self.default in (None, False, ()):
            return self.otherwise
        return f"{self.default:g}" if isinstance(self.default, float) else str(self.default)

    @property
    def sentence(self) -> str:
        """What it is, as a sentence."""
        return f"{self.help[0].upper()}{self.help[1:]}."


#: In the Action: as an input of the same name, or within `extra-args`.
INPUT = "input"
EXTRA = "extra"


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """What a command was given; each attribute of a subclass is one option of `option`.

    Attributes:
        given: attributes that the command line itself gave.
        settings: where each value came from that is not the default.
    """

    group: ClassVar[Group | None] = None

    given: frozenset[str] = frozenset()
    settings: tuple[Setting, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A value that is not the default, and where it came from."""

    option: Option
    value: Any
    origin: str


@overload
def option(
    kind: Kind[T], *, help: str, default: T, otherwise: str = "", metavar: str | None = None, name: str = "",
    configured: bool = False, action: str | None = None, positional: bool = False, short: str = "",
) -> T: ...  # fmt: skip
@overload
def option(
    kind: Kind[T], *, help: str, required: Literal[True], metavar: str | None = None, name: str = "",
    action: str | None = None, positional: bool = False,
) -> T: ...  # fmt: skip
@overload
def option(
    kind: Kind[T], *, help: str, otherwise: str = "", metavar: str | None = None, name: str = "",
    configured: bool = False, action: str | None = None, positional: bool = False,
) -> T | None: ...  # fmt: skip
def option(kind: Kind[Any], **said: Any) -> Any:
    """Declare an option; see `Option` for what may be said of it."""
    declared = Option(kind=kind, **said)
    metadata = {Option: declared}
    if declared.required:
        return field(metadata=metadata)
    return field(default=declared.default, metadata=metadata)


def options_of(arguments: type[Arguments]) -> tuple[Option, ...]:
    """Return the options of a command: those it shares, in the order in which it names their classes, then its own."""
    owner, *shared = arguments.__mro__
    return tuple(
        dataclasses.replace(
            declared,
            attribute=each.name,
            name=declared.name or each.name.replace("_", "-"),
            group=vars(part).get("group"),
        )
        for part in (*shared, owner)
        for each in (dataclasses.fields(part) if dataclasses.is_dataclass(part) else ())
        if each.name in vars(part).get("__annotations__", ()) and (declared := each.metadata.get(Option))
    )


def as_json(value: Any) -> Any:
    """Return a value as JSON has it."""
    return str(value) if isinstance(value, Path) else list(value) if isinstance(value, tuple) else value
