"""The parser of the command line, made from what the commands declare."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import bnregress
from bnregress.commands.configuration.kinds import Choice, Kind, Several, Switch
from bnregress.commands.configuration.option import Option, options_of
from bnregress.commands.declared import COMMANDS
from bnregress.errors import nearest

DESCRIPTION = (
    "Does a frozen BatchNorm stay frozen in your TensorFlow? Tests ways of loading a model in real TensorFlow releases."
)
EPILOG = """\
examples:
  bnregress plan                                 what would run here
  bnregress run                                  run every release of the group `default`
  bnregress run --select 'tf2.{0,1}.*'           some releases
  bnregress run --select tf2.1.0 --path h5       one cell: a release with one way of loading a model
  bnregress check --python .venv/bin/python      your own TensorFlow
  bnregress gate --from tf2.15.1 --to tf2.21.0   is an upgrade safe
  bnregress bisect --path h5 --from tf2.1.0 --to tf2.3.4   the release to blame

exit codes:
  0  as expected             3    nothing to do
  1  unexpected regression   4    could not decide, no regression
  2  wrong usage             130  interrupted
"""


class _CommandParser(argparse.ArgumentParser):
    """The parser of one command, which itself refuses what it does not know: argparse would show the usage of all."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        parsed, unknown = super().parse_known_args(args, namespace)
        if unknown:
            options = [option for action in self._actions for option in action.option_strings]
            hint = nearest(unknown[0].partition("=")[0], options, limit=1) if unknown[0].startswith("-") else ""
            self.error(f"unrecognized arguments: {' '.join(unknown)}.{hint}".removesuffix("."))
        return parsed, unknown


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line. It has no defaults: what it returns is what was typed."""
    parser = argparse.ArgumentParser(
        prog="bnregress", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"bnregress {bnregress.__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", dest="command", required=True, parser_class=_CommandParser)
    for command in COMMANDS.values():
        added = subparsers.add_parser(
            command.name,
            help=command.help,
            description=command.description,
            epilog=command.epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        add_options(added, options_of(command.arguments))
    return parser


def add_options(parser: argparse.ArgumentParser, options: tuple[Option, ...]) -> None:
    """Add options to a parser, each under the heading of its group."""
    groups: dict[Any, argparse._ActionsContainer] = {None: parser}
    for option in options:
        if (group := option.group) not in groups and group is not None:
            groups[group] = (
                parser.add_mutually_exclusive_group()
                if group.exclusive
                else parser.add_argument_group(group.title, group.description)
            )
        _add(groups[group], option)


def _add(container: argparse._ActionsContainer, option: Option) -> None:
    said: dict[str, Any] = {"help": said_on_the_command_line(option), "default": argparse.SUPPRESS}
    kind = option.kind
    if isinstance(kind, Switch):
        names = [*([option.short] if option.short else []), f"--{option.name}"]
        container.add_argument(*names, dest=option.attribute, action="store_true", **said)
        return
    several = isinstance(kind, Several)
    said["type"] = _reader(kind.each if isinstance(kind, Several) else kind)
    said["metavar"] = option.metavar or (f"{{{','.join(kind.words)}}}" if isinstance(kind, Choice) else None)
    if option.positional:
        container.add_argument(option.attribute, nargs="+" if several else None if option.required else "?", **said)
        return
    said |= {"required": option.required} | ({"action": "append"} if several else {})
    container.add_argument(f"--{option.name}", dest=option.attribute, **said)


def said_on_the_command_line(option: Option) -> str:
    """Return the help of an option as argparse takes it, with quotes that a shell understands around code."""
    default = f"; default: {option.said_default}" if option.said_default else ""
    return f"{option.help}{default}".replace("`", "'").replace("%", "%%")


def _reader(kind: Kind[Any]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        if text is argparse.SUPPRESS:
            # The default of a positional that was left out is read too, as if it had been typed.
            return text
        try:
            return kind.from_text(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{text!r} {str(error).removesuffix('.')}") from None

    return read
