"""What a step says to GitHub: annotations, outputs and the job summary, none of which hostile text can forge.

Standard library alone: `install.py` uses it before anything is installed.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from bnregress.reading.workflow import Annotation, shown

#: GitHub drops a summary over 1 MiB whole.
SUMMARY_BYTES = 900 * 1024

CUT = "\n\nTruncated so that GitHub shows this page. The full data is in results.json.\n"


def annotate(annotations: list[Annotation]) -> None:
    """Print the annotations in their order, as many as GitHub shows."""
    for annotation in shown(annotations):
        print(annotation, flush=True)


@contextlib.contextmanager
def commands_stopped() -> Iterator[None]:
    """Make GitHub take what is printed within for text; only who knows a token drawn now can end that."""
    token = secrets.token_hex(16)
    print(f"::stop-commands::{token}", flush=True)
    try:
        yield
    finally:
        sys.stderr.flush()
        print(f"\n::{token}::", flush=True)


def write_outputs(outputs: Mapping[str, str]) -> None:
    """Add to the outputs of the step; a value may be of several lines and hold anything.

    Raises:
        ValueError: a value holds the delimiter, which was drawn at random: not by chance.
    """
    with _open("GITHUB_OUTPUT") as file:
        for name, value in outputs.items():
            delimiter = f"bnregress-{secrets.token_hex(16)}"
            if delimiter in value:
                raise ValueError(f"output {name} holds its own delimiter")
            file.write(f"{name}<<{delimiter}\n{value}\n{delimiter}\n".encode("utf-8", "backslashreplace"))


def append_summary(text: str) -> None:
    """Add to the job summary, as far as there is room in the step's share of it; what is cut is said."""
    with _open("GITHUB_STEP_SUMMARY") as file:
        file.seek(0, os.SEEK_END)
        file.write(fitted(text, SUMMARY_BYTES - file.tell()))


def fitted(text: str, room: int) -> bytes:
    """Return the text as UTF-8 of at most `room` bytes, cut at the end of a line and with a note of it."""
    content = text.encode("utf-8", "replace")
    if len(content) <= room:
        return content
    note = CUT.encode()
    if room < len(note):
        return b""
    return content[: content.rfind(b"\n", 0, room - len(note)) + 1] + note


def _open(variable: str) -> BinaryIO:
    """Open the file that GitHub names in a variable for adding bytes; outside GitHub it goes nowhere."""
    return open(os.environ.get(variable) or os.devnull, "ab")


def temporary_folder() -> Path:
    """Return the runner's folder for temporary files, which it empties after each job."""
    return Path(os.environ["RUNNER_TEMP"])
