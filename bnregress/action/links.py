"""Links in the folder of a step: a checkout may hold them, and so may what a package leaves."""

from __future__ import annotations

import os
from pathlib import Path


def remove_leaving(folder: Path) -> list[Path]:
    """Remove each link in the folder that leads out of it, or nowhere, and return where they were.

    Args:
        folder: it may be missing; is itself not looked at.
    """
    root = folder.resolve()
    removed = []
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(place, name)
            if path.is_symlink() and not _stays(path, root):
                path.unlink()
                removed.append(path)
    return removed


def _stays(path: Path, root: Path) -> bool:
    try:
        return path.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):
        # It leads nowhere, or in a circle.
        return False
