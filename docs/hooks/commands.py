"""The reference of commands: a page each, made from the parsers that read the command line."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping

from bnregress.commands.parser import build_parser
from docs.hooks.markdown import code, fenced, prose, table

NAME = "bnregress"


def parsers() -> dict[str, argparse.ArgumentParser]:
    """Return the parser of each command, in the order of `bnregress --help`."""
    found: dict[str, argparse.ArgumentParser] = {}
    for action in build_parser()._actions:  # noqa: SLF001 - argparse offers no other way to ask
        if isinstance(action.choices, Mapping):
            found |= action.choices
    return found


def pages() -> Iterator[tuple[str, str]]:
    """Return the path and the Markdown of each page."""
    commands = parsers()
    rows = [
        [f"[{code(f'{NAME} {name}')}]({name}.md)", prose(parser.description or "")] for name, parser in commands.items()
    ]
    yield "reference/commands/index.md", "\n".join([
        "# Commands\n",
        table(["command", "does"], rows),
        "`nox -s regress -- OPTIONS` takes the options of `bnregress run`.",
        "Many options can also be set in the environment or in a file: [configuration](../configuration.md).\n",
        fenced(build_parser().epilog or ""),
    ])  # fmt: skip
    for name, parser in commands.items():
        yield f"reference/commands/{name}.md", page(name, parser)


def page(name: str, parser: argparse.ArgumentParser) -> str:
    """Return the page of one command."""
    parts = [f"# {NAME} {name}\n", prose(parser.description or "") + "\n", _usage(parser)]
    for group in parser._action_groups:  # noqa: SLF001
        rows = [_row(action) for action in group._group_actions if action.help != argparse.SUPPRESS]  # noqa: SLF001
        if rows:
            parts.append(f"## {(group.title or 'options').capitalize()}\n")
            parts += [prose(group.description).capitalize() + ".\n"] if group.description else []
            parts.append(table(["option", "what it is"], rows))
    if parser.epilog:
        parts += ["## More\n", fenced(parser.epilog)]
    return "\n".join(parts)


def _usage(parser: argparse.ArgumentParser) -> str:
    # Not `format_usage`, which wraps at the width of the terminal that builds the site.
    required = [action for action in parser._actions if action.required]  # noqa: SLF001
    words = [f"{NAME} {parser.prog.split()[-1]}"]
    words += [_spelled(action) for action in required if action.option_strings]
    words += ["[OPTIONS]", *(_spelled(action) for action in parser._actions if not action.option_strings)]  # noqa: SLF001
    return fenced(" ".join(words), "console")


def _row(action: argparse.Action) -> list[str]:
    names = [f"{name} {_value(action)}".strip() for name in action.option_strings] or [_spelled(action)]
    said = (action.help or "") % {"prog": NAME}
    required = " Required." if action.required and action.option_strings else ""
    return [", ".join(map(code, names)), prose(said) + required]


def _spelled(action: argparse.Action) -> str:
    value = _value(action)
    if action.option_strings:
        return f"{action.option_strings[-1]} {value}".strip()
    return {"?": f"[{value}]", "*": f"[{value} ...]", "+": f"{value} ..."}.get(str(action.nargs), value)


def _value(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    if action.metavar is None and action.choices is not None:
        return f"{{{','.join(map(str, action.choices))}}}"
    return str(action.metavar or action.dest.upper())
