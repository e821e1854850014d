"""The reference of loading paths, variants and checks: made from their declarations in the suite."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

from bnregress.suite.paths import PATHS
from bnregress.suite.registry import every_check
from bnregress.suite.variants import AXES
from docs.hooks.markdown import code, fenced, prose, table

#: Where a paragraph of a docstring begins to speak of something else.
LABELS = ("Source", "Tolerance")
LABEL = re.compile(rf"\s+(?=(?:{'|'.join(LABELS)}): )")


def pages() -> Iterator[tuple[str, str]]:
    """Return the path and the Markdown of each page."""
    yield "reference/paths.md", paths()
    yield "reference/checks.md", checks()


def paths() -> str:
    """Return the page of loading paths and variants."""
    parts = [
        "# Loading paths and variants\n",
        "Ways of building or loading the frozen network. A plain run tests those of the group `default`;",
        "`--path group:NAME` tests another group. To add one: [contributing](../contributing.md#add-a-loading-path).\n",
    ]
    for family in dict.fromkeys(path.family for path in PATHS.values()):
        rows = [[code(path.id), code(path.summary), path.group] for path in PATHS.values() if path.family == family]
        parts += [f"## {family.capitalize()}\n", table(["path", "as in a script", "group"], rows)]
    parts.append("## Variants\n")
    for axis, values in AXES.items():
        rows = [[code(f"{axis}={value.name}"), prose(value.summary)] for value in values.values()]
        parts += [f"### {axis}\n", table(["variant", "what it is"], rows)]
    return "\n".join(parts)


def checks() -> str:
    """Return the page of checks: what each docstring promises, with its source and tolerance."""
    parts = [
        "# Checks\n",
        "In the order in which they run. [What they run on](../checks.md).",
        "To add one: [contributing](../contributing.md#add-a-check).\n",
    ]
    for check in every_check().values():
        promised = inspect.cleandoc(check.decide.__doc__ or "").split("\n\n")
        parts += [f"## {check.name}\n", *(_promise(part) for paragraph in promised for part in LABEL.split(paragraph))]
        if check.code:
            parts += ['??? note "The check as lines of a script"\n', _indented(fenced(check.code, "python"))]
    return "\n".join(parts)


def _promise(words: str) -> str:
    label, separator, rest = words.partition(": ")
    return f"**{label}.** {prose(rest)}\n" if separator and label in LABELS else prose(words) + "\n"


def _indented(block: str) -> str:
    return "".join(f"    {line}\n" if line else "\n" for line in block.splitlines())
