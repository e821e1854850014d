"""What a check, a loading path, a variant, a cell or a release is, in paragraphs; a name that is none is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from inspect import cleandoc

import bnregress.suite.checks  # noqa: F401 (declares the checks that `every_check` returns)
from bnregress.cells.identifiers import DEFAULT_VARIANT, CellId
from bnregress.cells.selector import expand_braces, no_match
from bnregress.cells.variants import every_name, is_variant
from bnregress.judging.known.entries import Entry, find_entry, load_known
from bnregress.reading.text import clip, count
from bnregress.releases.catalog import Release, load_catalog
from bnregress.suite import variants
from bnregress.suite.paths import PATHS
from bnregress.suite.registry import Check, LoadingPath, every_check

#: Where a paragraph of a check's docstring begins to speak of something else.
_LABEL = re.compile(r"\s+(?=(?:Source|Tolerance): )")
#: Entries of known regressions, lines of a script and characters of a sentence that are shown: a screen has 40 lines.
_ENTRIES = 3
_CODE = 16
_SENTENCE, _SELECTOR = 200, 80

#: What only helps whoever reads our own code.
_INTERNAL = re.compile(r"; see `bnregress\.[\w.]+`| \(`[a-z_]+\.[A-Z_]+`\)")


class Code(str):
    """Lines of a script: they are not wrapped, for a reader copies them."""

    __slots__ = ()


#: A paragraph, and how far from the left it stands.
Paragraph = tuple[str, int]


def explained(name: str) -> Iterable[Paragraph]:
    """Return what a name means.

    Raises:
        UsageError: nothing has the name; says the nearest.
    """
    checks, catalog = every_check(), load_catalog()
    if "/" in name:
        return _cell(CellId.parse(name), catalog)
    if name in checks:
        return _check(checks[name])
    # Of a path from another release, as `h5-from=tf2.1.0`, what stands before the release.
    if (path := PATHS.get(name.partition("=")[0])) is not None:
        return _path(path)
    if is_variant(name):
        return _variant(name)
    if name in catalog:
        return _release(catalog[name])
    what, names = _kind_of(name, [*checks], [*catalog])
    raise no_match(name, name, names, what)


def _kind_of(name: str, checks: list[str], releases: list[str]) -> tuple[str, list[str]]:
    """What a wrong name was probably meant as, with all names of the kind."""
    if "=" in name:
        return "variant", list(every_name(PATHS))
    if re.match(r"(tf|keras)?\d", name):
        return "release", releases
    return "check, path or variant", list(dict.fromkeys([*PATHS, *checks]))


def _check(check: Check) -> Iterator[Paragraph]:
    yield f"{check.name}: a check of the suite {check.suite}", 0
    paragraphs = cleandoc(check.decide.__doc__ or check.statement).split("\n\n")
    parts = [part for paragraph in paragraphs for part in _LABEL.split(paragraph)]
    said = [_INTERNAL.sub("", " ".join(part.split())) for part in parts]
    for text in said:
        yield text, 0
    if any("`tolerances." in text for text in said):
        yield "`tolerances` is bnregress/suite/tolerances.py, which has the figures and what they rest on.", 0
    if check.code:
        yield "As lines of a script:", 0
        yield _lines(check.code), 2


def _path(path: LoadingPath) -> Iterator[Paragraph]:
    yield f"{path.id}: a loading path of the family {path.family}, group {path.group}", 0
    yield path.summary, 0
    if path.code:
        yield "As lines of a script; `source` is a frozen network that is sound in its release:", 0
        yield _lines(path.code), 2
    yield from _known(entry for entry in load_known() if any(fnmatchcase(path.id, glob.path) for glob in _globs(entry)))
    option = "" if path.group == "default" else " (not in a plain run)"
    yield f"Test it: `bnregress run --select tf2.15.1 --path {path.id}`{option}.", 0


def _globs(entry: Entry) -> Iterator[CellId]:
    for glob in expand_braces(entry.cells.text):
        release, _, subject = glob.partition("/")
        path, _, variant = subject.partition("@")
        yield CellId(release=release, path=path, variant=variant or DEFAULT_VARIANT)


def _variant(name: str) -> Iterator[Paragraph]:
    chosen = variants.parse(name)
    yield f"{name}: a variant, a way of freezing, wrapping and training around a loading path", 0
    for axis, value in chosen.departures or [(axis, getattr(chosen, axis)) for axis in variants.AXES]:
        declared = chosen.value(axis)
        yield f"{axis}={value}: {declared.summary}", 0
        if getattr(declared, "code", ""):
            yield _lines(declared.code), 2
    yield f"Test it: `bnregress run --select tf2.15.1 --path small --variant {name}`.", 0


def _release(release: Release) -> Iterator[Paragraph]:
    yield f"{release.id}: a release", 0
    yield f"Keras {release.keras} on CPython {release.python}, from the wheel {release.cpu}.", 0
    yield f"Groups: {', '.join(sorted(release.groups))}.", 0
    yield from _known(
        entry for entry in load_known() if any(fnmatchcase(release.id, glob.release) for glob in _globs(entry))
    )
    yield f"Test it: `bnregress run --select {release.id}`.", 0


def _cell(cell: CellId, catalog: Mapping[str, Release]) -> Iterator[Paragraph]:
    for name, names, what in ((cell.release, catalog, "release"), (cell.path.partition("=")[0], PATHS, "path")):
        if name not in names:
            raise no_match(name, name, names, what)
    if not is_variant(cell.variant):
        raise no_match(cell.variant, cell.variant, every_name(PATHS), "variant")
    path, chosen = PATHS[cell.path.partition("=")[0]], variants.parse(cell.variant)
    yield f"{cell}: a cell, one release with one loading path", 0
    yield f"release: Keras {catalog[cell.release].keras} on CPython {catalog[cell.release].python}", 0
    yield f"path: {path.summary}", 0
    for axis, _ in chosen.departures:
        yield f"variant: {axis}, {chosen.value(axis).summary}", 0
    entry = find_entry(load_known(), cell)
    yield from _known([entry] if entry else [])
    yield f"Test it: `bnregress run --select '{cell}'`.", 0


def _known(entries: Iterable[Entry]) -> Iterator[Paragraph]:
    found = list(entries)
    if not found:
        yield "No regression of it is listed as known.", 0
        return
    yield f"Listed as known ({count(len(found), 'entry', 'entries')}):", 0
    for entry in found[:_ENTRIES]:
        yield f"{clip(entry.cells.text, _SELECTOR)}: {clip(entry.reason, _SENTENCE)}", 2
        yield f"remedy: {clip(entry.remedy, _SENTENCE)}", 4
    if len(found) > _ENTRIES:
        yield f"and {len(found) - _ENTRIES} more in known.toml", 2


def _lines(code: str) -> Code:
    lines = [line for line in code.strip().splitlines() if line.strip()]
    return Code("\n".join(lines if len(lines) <= _CODE else [*lines[: _CODE - 1], "..."]))
