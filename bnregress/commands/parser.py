"""A parser of command lines that can also tell what was said on them."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence


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
