"""Writes rows into the text of the catalog, where comments and the order of rows are a maintainer's own."""

from __future__ import annotations

import json
import re

from bnregress.errors import FatalError
from bnregress.machine.atomic import aside
from bnregress.releases.catalog import Release, load_catalog

_ROW = re.compile(r'^"(?P<id>[^"]+)" = \{.*\}$', re.MULTILINE)


def format_row(release: Release) -> str:
    """Return the row of a release as one line."""
    entries: dict[str, object] = {
        release.engine: release.tensorflow or release.engine_version,
        "keras": release.keras,
        "python": release.python,
        "cpu": release.cpu,
        **({"gpu": release.gpu} if release.gpu else {}),
        "constraints": list(release.constraints),
        "groups": sorted(release.groups),
    }
    optional = {
        "other-pythons": list(release.other_pythons),
        "tools": list(release.tools),
        "as-of": release.as_of,
        "not-on": release.not_on,
        "note": release.note,
    }
    entries |= {key: value for key, value in optional.items() if value}
    # JSON's strings and lists of strings are TOML's.
    return f'"{release.id}" = {{ {", ".join(f"{key} = {json.dumps(value)}" for key, value in entries.items())} }}'


def insert_row(text: str, release: Release, rows: dict[str, Release]) -> str:
    """Return the catalog's text with one row more, before the first that is newer; all else stays as it is.

    Args:
        text: the catalog.
        release: what to add.
        rows: the releases that the text has, by id.

    Raises:
        FatalError: no row is written on one line of its own, so that there is no place to find.
    """
    found = list(_ROW.finditer(text))
    if not found:
        raise FatalError("The catalog has no row on a line of its own. Add the release by hand.")
    for match in found:
        if match["id"] in rows and rows[match["id"]].sort_key > release.sort_key:
            return f"{text[: match.start()]}{format_row(release)}\n{text[match.start() :]}"
    end = found[-1].end()
    return f"{text[:end]}\n{format_row(release)}{text[end:]}"


def add_row(release: Release, *changed: Release) -> None:
    """Write the row of a release to the catalog that its locks lie beside; what comes out is read before it is kept.

    Args:
        release: the new one.
        changed: releases whose rows are written anew, in their places.

    Raises:
        UsageError: the catalog with the new row is not one; it was not changed.
    """
    path = release.locks.parent / "catalog.toml"
    text = insert_row(path.read_text(encoding="utf-8"), release, load_catalog(path))
    for other in changed:
        text = _ROW.sub(lambda row, new=other: format_row(new) if row["id"] == new.id else row[0], text)  # type: ignore[misc]
    with aside(path.parent, ".toml") as trial:
        trial.write_text(text, encoding="utf-8", newline="\n")
        load_catalog(trial)
        trial.replace(path)
