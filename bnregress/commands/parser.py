"""A parser of command lines that can also tell what was said on them."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bnregress.errors import UsageError


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose defaults can be told from what a person typed."""

    def names_given(self, arguments: Sequence[str] | None) -> frozenset[str]:
        """Return the names of the arguments that the command line gives. The parser has no defaults afterwards."""
        self.drop_defaults()
        return frozenset(vars(self.parse_args(arguments)))

    def drop_defaults(self) -> None:
        """Leave arguments out that are not on the command line, instead of filling them in."""
        for action in self._actions:
            action.default = argparse.SUPPRESS
            for parser in action.choices.values() if isinstance(action.choices, Mapping) else ():
                parser.drop_defaults()


def refuse_nul(parsed: argparse.Namespace) -> None:
    """Refuse a value with a NUL in it, which no file, name or process can have; a configuration file can say it.

    Raises:
        UsageError: names the option.
    """
    for name, value in vars(parsed).items():
        if any("\0" in text for text in _texts(value)):
            raise UsageError(f"The value of {name} holds a NUL character. Give one without it.")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str | Path):
        yield str(value)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
