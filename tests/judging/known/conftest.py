"""Cells, entries and names to hold against each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bnregress.cells.identifiers import CellId
from bnregress.judging.known.entries import Entry
from bnregress.judging.known.matching import CellSelector, Names
from bnregress.results.model import CellResult, CheckResult, Results
from tests.judging.gate import conftest as gate

NAMES = Names(
    releases=("tf2.0.0", "tf2.1.0", "tf2.1.1", "tf2.15.1"),
    paths=("h5", "json", "clone"),
    variants=("default", "freeze=model", "freeze=model,wrap=chain"),
)

WriteFile = Callable[..., Path]


def check(name: str, status: str, reason: str = "off by 16.2 times", **evidence: Any) -> CheckResult:
    return CheckResult(name=name, status=status, reason=reason, evidence=evidence)


def cell(id: str, status: str, *checks: CheckResult) -> CellResult:
    given = checks or ((check("mode-parity", status),) if status in ("pass", "regress") else ())
    kind = "crash" if status == "error" else None
    return CellResult(
        id=CellId.parse(id), device="cpu", status=status, kind=kind, reason="off by 16.2 times", checks=given
    )


def entry(cells: str, affected: Mapping[str, int | tuple[str, ...]] | None = None, **checks: str) -> Entry:
    told = {name.replace("_", "-"): (words,) for name, words in checks.items()} or {"mode-parity": ("off by",)}
    return Entry(
        cells=CellSelector.parse(cells),
        checks=told,
        affected=affected or {},
        reason="Because.",
        remedy="Do.",
        source="not reported upstream",
    )


def results(*cells: CellResult, undecided: tuple[CellId, ...] = ()) -> Results:
    return gate.results(*cells, undecided=tuple(map(str, undecided)))


@pytest.fixture
def known_file(tmp_path: Path) -> WriteFile:
    def write(text: str) -> Path:
        path = tmp_path / "known.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write
