"""Results to report on, and consoles of any width to report to."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from bnregress.cells.identifiers import CellId
from bnregress.results.file import load_results
from bnregress.results.model import CellResult, Host, ReleaseResult, Results

MakeResults = Callable[..., Results]
MakeConsole = Callable[..., Console]


@pytest.fixture
def cell() -> Callable[..., CellResult]:
    def make(id: str, status: str = "pass", reason: str = "all of it holds", **rest: object) -> CellResult:
        return CellResult(id=CellId.parse(id), device="cpu", status=status, reason=reason, **rest)  # type: ignore[arg-type]

    return make


@pytest.fixture
def results() -> MakeResults:
    def make(*cells: CellResult, undecided: tuple[str, ...] = ()) -> Results:
        release = ReleaseResult(tensorflow="2.1.0", keras="2.2.4-tf", python="3.7.16", lock_sha256="ab" * 32)
        ids = dict.fromkeys(cell.id.release for cell in cells)
        return Results(
            plan="0" * 64,
            complete=not undecided,
            host=Host.here(),
            releases=dict.fromkeys(ids, release),
            cells=cells,
            undecided=tuple(map(CellId.parse, undecided)),
        )

    return make


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch) -> MakeConsole:
    for variable in ("COLUMNS", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(variable, raising=False)

    def make(width: int = 80, *, terminal: bool = False, encoding: str = "utf-8") -> Console:
        file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="backslashreplace", write_through=True)
        return Console(file=file, width=width, force_terminal=terminal, highlight=False)

    return make


@pytest.fixture
def printed() -> Callable[[Console], str]:
    def read(console: Console) -> str:
        stream = console.file
        assert isinstance(stream, io.TextIOWrapper)
        buffer = stream.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode(stream.encoding)

    return read


@pytest.fixture(scope="session")
def real() -> Results:
    """Nine cells of a real run: two releases around the cure of one path, and one without another path."""
    return load_results(Path(__file__).parent / "sample" / "results.json")
