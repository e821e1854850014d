"""What `action.yml` and docs/action.md say of the inputs; `python -m bnregress.action.metadata` writes it there."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from bnregress.action.inputs import COMMANDS, INPUTS, variable

ROOT = Path(__file__).resolve().parents[2]


def inputs_block() -> str:
    """Return the declarations of the inputs, as YAML."""
    return "".join(
        f"  {name}:\n    description: {json.dumps(each.description)}\n    default: {json.dumps(each.default)}\n"
        for name, each in INPUTS.items()
    )


def handed_over() -> str:
    """Return the lines that hand the inputs to the step in environment variables, as YAML."""
    return "".join(f"        {variable(name)}: ${{{{ inputs.{name} }}}}\n" for name in INPUTS)


def table_rows() -> str:
    """Return the rows of the table for users, as Markdown."""
    return "".join(
        f"| `{name}` | {'all' if each.commands == COMMANDS else ', '.join(each.commands)} | {each.description}"
        f" | {f'`{each.default}`' if each.default else ''} |\n"
        for name, each in INPUTS.items()
    )


#: For each file, what stands before a generated part, what it is made of, and how one of its lines begins.
PARTS = {
    "action.yml": (
        (r"^inputs:\n", inputs_block, r"    ?.*|  \S.*"),
        (r"^ +BNREGRESS_ACTION_PYTHON: \$\{\{ steps.*\n", handed_over, r" +BNREGRESS_INPUT_.*"),
    ),
    "docs/action.md": ((r"^\| input \| of \|.*\n\|[-|]+\n", table_rows, r"\| `.*"),),
}


def rendered(file: str, text: str) -> str:
    """Return the text of a file with its generated parts as they should be.

    Raises:
        ValueError: what stands before a part is not there.
    """
    for before, make, line in PARTS[file]:
        found = re.search(rf"({before})((?:{line})\n)*", text, flags=re.MULTILINE)
        if found is None:
            raise ValueError(f"{file} has no line {before!r}")
        text = text[: found.end(1)] + make() + text[found.end() :]
    return text


def main() -> int:
    """Write the files."""
    for file in PARTS:
        path = ROOT / file
        path.write_text(rendered(file, path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
