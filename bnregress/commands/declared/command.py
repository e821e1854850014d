"""A command as it is declared."""

from __future__ import annotations

from dataclasses import dataclass

from bnregress.commands.configuration.option import Arguments


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command; `bnregress.commands.NAME` has a function `execute`, which takes the arguments and does it.

    Attributes:
        help: what it does, in a line.
        description: the same, in a sentence.
        epilog: examples, and what there is to know besides.
        arguments: what it takes.
    """

    name: str
    help: str
    description: str
    epilog: str
    arguments: type[Arguments]
