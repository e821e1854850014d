"""`bnregress explain`: what a check, a loading path, a variant, a cell or a release is, in a screen."""

from __future__ import annotations

from rich.text import Text

from bnregress.commands.declared.explain import ExplainArguments
from bnregress.commands.explained import Code, explained
from bnregress.errors import ExitCode
from bnregress.reports.indent import print_indented
from bnregress.reports.screen import Screen


def execute(arguments: ExplainArguments) -> ExitCode:
    """Print what the name means.

    Raises:
        UsageError: nothing has the name; says the nearest.
    """
    screen = Screen()
    for place, (text, indent) in enumerate(explained(arguments.name)):
        if indent == 0 and place:
            screen.print()
        for line in text.splitlines() or [""]:
            if isinstance(text, Code):
                screen.print(Text(" " * indent + line), soft_wrap=True)
                continue
            print_indented(screen, Text(line, style="" if place else "bold"), indent)
    return ExitCode.EXPECTED
