"""Proposes the file of known regressions that measured results call for; what still holds is kept as it is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit

from bnregress.cells.globs import selectors
from bnregress.cells.identifiers import CellId
from bnregress.judging.known.affected import affected, failures
from bnregress.judging.known.drift import hold_cell
from bnregress.judging.known.entries import Entry, find_entry
from bnregress.judging.known.matching import CellGlob, Names
from bnregress.results.model import DIFFERENT, FIXED, MISSING, NEW, CellResult, CheckResult, Results
from bnregress.suite import status

NOT_REPORTED = "not reported upstream"

_HEAD = "[[known]]"
_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*known[ \t]*\]\]", re.MULTILINE)
_MAX_SENTENCE = 1000
# What the words of a reason are told apart by: figures, the list after a colon, and what a line cannot hold.
_BREAK = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[:\x00-\x1f\x7f-\x9f]")
_HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """The text of the file, and the measured cells that do not fit the file as it is, by drift."""

    text: str
    drifting: Mapping[str, tuple[CellResult, ...]]


def propose(results: Results, entries: Sequence[Entry], text: str, names: Names) -> Proposal:
    """Return the proposed file.

    Entries lose the cells that were measured to be fixed or to regress
    otherwise; regressions that no entry tells of as measured become entries of
    their own. Cells that were not measured stay known.

    Args:
        results: of a run.
        entries: of the file as it is.
        text: of the file as it is, empty if there is none.
        names: what cells are made of.
    """
    held = [hold_cell(cell, find_entry(entries, cell.id)) for cell in results.cells]
    drifting = {
        drift: tuple(cell for cell in held if cell.standing == drift) for drift in (NEW, DIFFERENT, FIXED, MISSING)
    }
    gone = {cell.id for cell in (*drifting[FIXED], *drifting[DIFFERENT])}
    head, blocks = _blocks(text, entries)
    for entry, block in zip(entries, blocks, strict=True):
        lost = [cell for cell in gone if entry.cells.matches(cell)]
        head += block if not lost else "".join(_narrowed(entry, block, set(lost), names))
    fresh = _entries((*drifting[DIFFERENT], *drifting[NEW]))
    parts = [part for part in (head.rstrip("\n"), *(entry.rstrip("\n") for entry in fresh)) if part]
    return Proposal(text="\n\n".join(parts) + "\n" if parts else "", drifting=drifting)


def _blocks(text: str, entries: Sequence[Entry]) -> tuple[str, list[str]]:
    """Cut the file into what stands before its entries and the text of each, comments right above it included.

    Written anew where the cuts are not certain.
    """
    starts = [match.start() for match in re.finditer(rf"^(?:#.*\n)*{_HEADER.pattern}", text, re.MULTILINE)]
    if len(starts) != len(entries):
        return "", [_rendered(entry, entry.cells.text) for entry in entries]
    ends = [*starts[1:], len(text)]
    return text[: starts[0]] if starts else text, [text[start:end] for start, end in zip(starts, ends, strict=False)]


def _narrowed(entry: Entry, block: str, gone: set[CellId], names: Names) -> Iterable[str]:
    held = (cell for glob in entry.cells.globs for cell in _every(glob, names))
    for index, (cells, _) in enumerate(selectors(cell for cell in held if cell not in gone)):
        # What stands above the entry is said once; what stands in it holds for each that it becomes.
        text = block if index == 0 else _HEAD + _HEADER.split(block, maxsplit=1)[1]
        yield _with_cells(text.rstrip("\n") + "\n\n", cells)


def _with_cells(block: str, cells: str) -> str:
    """Put other cells into the text of an entry, layout and comments kept."""
    document = tomlkit.parse(block)
    entries: Any = document["known"]
    entries[0]["cells"] = cells
    return document.as_string()


def _every(glob: CellGlob, names: Names) -> Iterable[CellId]:
    releases, paths, variants = glob.block(names)
    for release in names.releases:
        for path in names.paths:
            for variant in names.variants:
                if release in releases and path in paths and variant in variants:
                    yield CellId(release=release, path=path, variant=variant)


def _entries(cells: Iterable[CellResult]) -> Iterable[str]:
    """Write an entry for each set of cells that regress on the same checks for the same reasons and alike in extent."""
    alike: dict[tuple[tuple[str, tuple[str, ...], int], ...], dict[CellId, CellResult]] = {}
    for cell in cells:
        regressed = [check for check in cell.checks if check.status == status.REGRESS]
        if regressed:
            key = tuple((check.name, _each_words(check), affected(check).count) for check in regressed)
            alike.setdefault(key, {})[cell.id] = cell
    for told, group in alike.items():
        words = {name: words for name, words, _ in told}
        counts = {name: count for name, _, count in told if count}
        for text, ids in selectors(group):
            first = group[ids[0]]
            reason, remedy = _sentence(first.reason, "Not known yet."), _sentence(first.remedy, "None is known.")
            yield _render(text, words, counts, reason, remedy, NOT_REPORTED)


def _each_words(check: CheckResult) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(_words, failures(check))))


def _rendered(entry: Entry, cells: str) -> str:
    return _render(cells, entry.checks, entry.affected, entry.reason, entry.remedy, entry.source)


def _render(
    cells: str,
    checks: Mapping[str, tuple[str, ...]],
    affected: Mapping[str, int | tuple[str, ...]],
    reason: str,
    remedy: str,
    source: str,
) -> str:
    values = {
        "cells": _value(cells),
        "checks": _inline({name: words[0] if len(words) == 1 else words for name, words in checks.items()}),
        **({"affected": _inline(affected)} if affected else {}),
        "reason": _value(reason),
        "remedy": _value(remedy),
        "source": _value(source),
    }
    return "\n".join((_HEAD, *(f"{key} = {value}" for key, value in values.items()))) + "\n\n"


def _inline(values: Mapping[str, str | int | tuple[str, ...]]) -> str:
    return "{ " + ", ".join(f"{name} = {_value(value)}" for name, value in values.items()) + " }"


def _value(value: str | int | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, str):
        # A surrogate stands in no file.
        value = value.encode("utf-8", "replace").decode("utf-8")
    return str(tomlkit.item(value).as_string())


def _words(reason: str) -> str:
    """Return what a reason says apart from its figures: its first words in a row that are no less than four."""
    parts = [part.strip() for part in _BREAK.split(reason)]
    told = next((part for part in parts if len(part.split()) >= 4), max(parts, key=len))
    return told[:_MAX_SENTENCE].strip() or _sentence(reason, "Regresses.")


def _sentence(text: str | None, otherwise: str) -> str:
    return _HIDDEN.sub(" ", text or "").strip()[:_MAX_SENTENCE].strip() or otherwise


def read_text(path: Path) -> str:
    """Return the file's text, empty if there is no file."""
    return path.read_text(encoding="utf-8") if path.is_file() else ""
