"""What a person may have meant by a name that is none: by version, by spelling, by what the name stands for."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence

from bnregress.errors import nearest
from bnregress.suite.registry import DEFAULT_GROUP, PATHS

#: From this likeness on, a name is taken for a slip of the pen.
_SLIP = 0.75
_LISTS = {
    "release": "catalog",
    "group of releases": "catalog groups",
    "group of paths": "catalog groups",
    "path": "catalog paths",
    "variant": "catalog variants",
    "check": "catalog checks",
    "check, path or variant": "catalog paths",
}


def listed_by(what: str) -> str:
    """Return the command, in backticks, that lists all names of a kind."""
    command = _LISTS.get(what, "plan --select '*'")
    return f"`bnregress {command}`"


def suggestion(text: str, names: Collection[str], what: str) -> str:
    """End an error message with the names that were probably meant.

    Args:
        text: what was written, without the stars of a glob.
        names: all that there are.
        what: their kind: `release`, `path`, `cell` and so on.

    Returns:
        `" Did you mean A, B?"`, or the empty string if nothing is close.
    """
    if what == "cell" and "/" in text:
        return _of_a_cell(text, names)
    if what != "path" or difflib.get_close_matches(text, names, n=1, cutoff=_SLIP):
        return nearest(text, names)
    wanted = text.lower()
    usual = [name for name in names if name in PATHS and PATHS[name].group == DEFAULT_GROUP]
    for found in (
        [name for name in usual if wanted in name],
        [name for name in usual if wanted in PATHS[name].summary.lower()],
        [name for name in names if wanted in name],
    ):
        if found and wanted:
            return f" Did you mean {', '.join(found[:3])}?"
    return nearest(text, names)


def _of_a_cell(text: str, names: Collection[str]) -> str:
    release, _, subject = text.partition("/")
    releases: Sequence[str] = tuple(dict.fromkeys(name.partition("/")[0] for name in names))
    if release not in releases:
        return suggestion(release.strip("*"), releases, "release")
    subjects = tuple(dict.fromkeys(name.partition("/")[2] for name in names if name.startswith(f"{release}/")))
    return suggestion(subject, subjects, "path")
