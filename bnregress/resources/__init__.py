"""Data that a maintainer edits when a release appears: catalog, locks, schemas."""

from pathlib import Path

#: The folder that holds them.
RESOURCES = Path(__file__).resolve().parent
