"""Files that are there whole or not at all, whoever reads them and whatever ends the writer."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def aside(folder: Path, suffix: str = ".tmp") -> Iterator[Path]:
    """Give an empty file in a folder, to be written and then renamed there; it is gone at the end if it was not."""
    handle, name = tempfile.mkstemp(prefix=".writing-", suffix=suffix, dir=folder)
    os.close(handle)
    temporary = Path(name)
    temporary.chmod(0o644)
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def replace_text(path: Path, text: str) -> None:
    """Put a text in the place of a file atomically: a reader finds the old text or the new one, and never a part.

    Raises:
        OSError: the file cannot be written; what was there before still is.
    """
    with aside(path.parent) as temporary:
        with temporary.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
